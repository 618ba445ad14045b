"""Stable-Baselines3, on PyTorch."""

import torch
from stable_baselines3 import SAC

from peer import answer

if __name__ == "__main__":
    answer(SAC, ["stable-baselines3", "torch", "gymnasium", "numpy"], torch.set_num_threads)
