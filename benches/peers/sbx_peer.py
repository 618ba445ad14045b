"""SBX: Stable-Baselines3's interface and loop, the updates compiled with JAX."""

import torch
from sbx import SAC

from peer import answer

if __name__ == "__main__":
    # JAX takes its number of threads from the variables that `run.py` sets; PyTorch holds the minibatches.
    answer(SAC, ["sbx-rl", "jax", "flax", "optax", "tfp-nightly", "torch"], torch.set_num_threads)
