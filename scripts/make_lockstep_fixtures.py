"""Write reference fixtures for 1,000 consecutive SAC updates, computed with PyTorch.

The Rust test runs the same updates from the same parameters, on the same
batches with the same noise, and compares what has been learned along the way.
The update step is that of make_update_fixtures.py, which documents it; the
numbers that go in, too many for a file, are those of lockstep_inputs.py.

How to run
----------
    pip install torch safetensors numpy
    python scripts/make_lockstep_fixtures.py               # every case
    python scripts/make_lockstep_fixtures.py --case wide   # only some
    python scripts/make_lockstep_fixtures.py --out /tmp/somewhere \\
        --custom '{"net_arch": [128], "updates": 3000}' --seed 7 --name large

The committed files were written with Python 3.11.7, torch 2.15.0, numpy 2.4.6
and safetensors 0.8.0.

File format ("softac-lockstep-1")
---------------------------------
One safetensors file per case; every tensor is float64. Metadata:

    format, config, versions    as in make_update_fixtures.py
    seed                        the initial state of SplitMix64
    digest                      of the numbers that go in, see lockstep_inputs.py

For some updates k, counted from 1, and always the last:

    k/policy        [P]     the policy's parameters, in the order of drawing
    k/critics       [n P']  those of all critics, one after another
    k/targets       [n P']
    k/log_alpha     [1]
    k/losses        [1..3]  of update k: critics (their sum), and if they were
                            updated, policy and temperature

Before the last update only every STRIDE-th number of a network is kept, from
the first on, in the interest of the file's size.
"""

from pathlib import Path

import torch

from lockstep_inputs import flat, run
from make_update_fixtures import Learner, complete_sac
from torch_fixtures import parse_arguments, prepare_torch, serialise

FORMAT = "softac-lockstep-1"
DEFAULT_OUT = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "lockstep"

STRIDE = 8

# name -> (seed, what differs from make_update_fixtures.DEFAULTS)
CASES = {
    "wide": (1, {
        "net_arch": [64, 64], "batch_size": 32, "gamma": 0.95,
        "learning_rate": 1e-3, "updates": 1000,
    }),
    "delayed": (2, {
        "observation_dim": 6, "action_dim": 2, "net_arch": [32, 32],
        "activation": "tanh", "batch_size": 64, "gamma": 0.95, "tau": 0.02,
        "learning_rate": 1e-3, "policy_delay": 2, "updates": 1000,
    }),
}


def checkpoint(learner, out, last):
    learned = {
        "policy": flat([learner.policy]),
        "critics": flat(learner.critics),
        "targets": flat(learner.targets),
    }
    stride = 1 if last else STRIDE
    learned = {name: tensor[::stride].clone() for name, tensor in learned.items()}
    losses = [f"result/{name}_loss" for name in ["critic", "actor", "ent_coef"]]
    losses = torch.cat([out[name] for name in losses if name in out])
    return learned | {"log_alpha": learner.log_alpha.detach().clone(), "losses": losses}


def make_fixture(config, seed):
    learner = Learner(config)
    networks = [learner.policy, *learner.critics]
    return run(learner, networks, ["next", "current"], seed, checkpoint)


def main():
    description = "Write fixtures of consecutive SAC updates."
    out, cases = parse_arguments(description, DEFAULT_OUT, CASES)
    prepare_torch()
    for name, (seed, changes) in cases.items():
        config = complete_sac(changes)
        tensors, digest = make_fixture(config, seed)
        path = out / f"{name}.safetensors"
        path.write_bytes(serialise(tensors, config, FORMAT, seed=str(seed), digest=digest))
        print(f"{path.name}: {path.stat().st_size} bytes, {len(tensors)} tensors")


if __name__ == "__main__":
    main()
