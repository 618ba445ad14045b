#!/usr/bin/env python3
"""Compares what a binary of softac computes with what another binary computed, bit by bit.

    python3 scripts/same_bits.py target/release/softac > /tmp/hashes.json
    python3 scripts/same_bits.py target/release/softac --check scripts/same_bits.json

Runs short trainings of SAC in a temporary folder, some of them stopped and resumed. For each run it prints the
SHA-256 of metrics.csv and of evaluations.csv, and the hash of all parameters from the last row of metrics.csv. With
`--check` it compares them with a file of hashes, names the first run that differs, and fails. With
`--python PYTHON` it trains on Gymnasium's HalfCheetah-v5, too: PYTHON must have Gymnasium with MuJoCo.

The committed file, scripts/same_bits.json, was written by the binary of the commit that takes moments near zero for
zero. In all but the hash of everything learned, moments included, its runs are those of commit faa4334, the last before
the code was divided into algorithms; in double precision in that, too. It holds on every processor with fused multiply-add; on one without, only the runs
with `numerics = "portable"` are equal. The runs through Gymnasium hold for the versions that the file names.
"""

import argparse
import csv
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

# Each run has these; what it has of its own comes after and wins.
SMALL = {
    "total-timesteps": 1000,
    "net-arch": "16,16",
    "batch-size": 32,
    "learning-starts": 100,
    "log-freq": 100,
    "eval-freq": 400,
    "n-eval-episodes": 2,
    "n-final-eval-episodes": 1,
    "checkpoint-freq": 0,
    "tensorboard": "false",
}

ENVIRONMENTS = [
    "pendulum",
    "mountain-car",
    "bandit",
    "chain",
    "probe-constant",
    "probe-observation",
    "probe-delayed",
    "probe-action",
    "probe-observation-action",
]

WIDE = {"net-arch": "256,256", "batch-size": 256, "learning-starts": 300, "total-timesteps": 340, "log-freq": 10}

# name -> environment, and what differs from SMALL
RUNS = {
    **{name: (name, {}) for name in ENVIRONMENTS},
    **{f"{name}, f64": (name, {"precision": "f64"}) for name in ENVIRONMENTS},
    "portable": ("pendulum", {"numerics": "portable"}),
    "portable, f64": ("mountain-car", {"numerics": "portable", "precision": "f64"}),
    "seed": ("pendulum", {"seed": 7, "eval-seed": 3}),
    "norm_obs": ("pendulum", {"norm-obs": "true"}),
    "norm_obs, norm_reward": ("pendulum", {"norm-obs": "true", "norm-reward": "true", "clip-reward": 2}),
    "num_envs": ("pendulum", {"num-envs": 3, "total-timesteps": 1200}),
    "num_envs, norm_obs, f64": ("pendulum", {"num-envs": 3, "norm-obs": "true", "precision": "f64"}),
    "num_envs, gradient_steps -1": ("pendulum", {"num-envs": 3, "train-freq": 2, "gradient-steps": -1}),
    "gradient_steps -1": ("pendulum", {"train-freq": 50, "gradient-steps": -1}),
    "ent_coef 0.2": ("pendulum", {"ent-coef": 0.2}),
    "ent_coef auto_0.3": ("pendulum", {"ent-coef": "auto_0.3", "target-entropy": -0.5}),
    "policy_delay": ("pendulum", {"policy-delay": 2}),
    "target_update_interval": ("pendulum", {"target-update-interval": 3, "tau": 0.1}),
    "n_critics 1": ("pendulum", {"n-critics": 1}),
    "n_critics 3": ("pendulum", {"n-critics": 3}),
    "max_grad_norm": ("pendulum", {"max-grad-norm": 0.5}),
    "learning_rate_schedule": ("pendulum", {"learning-rate-schedule": "linear"}),
    "learning_rate_schedule, cosine": ("pendulum", {"learning-rate-schedule": "cosine", "max-grad-norm": 2}),
    "optimize_memory_usage": ("pendulum", {"optimize-memory-usage": "true", "buffer-size": 300}),
    "frame_stack": ("pendulum", {"frame-stack": 3}),
    "frame_stack, action_repeat": ("pendulum", {"frame-stack": 2, "action-repeat": 2}),
    "warmup_steps": ("pendulum", {"warmup-steps": 250, "train-freq": 4, "gradient-steps": 3}),
    "tanh": ("pendulum", {"activation": "tanh", "net-arch": "24,8,12"}),
    "presets": ("pendulum", {"net-arch": "64,64", "batch-size": 256, "total-timesteps": 500}),
    "wide, 1 thread": ("pendulum", {**WIDE, "threads": 1}),
    "wide, 2 threads": ("pendulum", {**WIDE, "threads": 2}),
    "wide, f64": ("pendulum", {**WIDE, "precision": "f64", "total-timesteps": 320}),
    "wide, portable": ("pendulum", {**WIDE, "numerics": "portable", "total-timesteps": 320}),
}

# name -> environment, what differs from SMALL, and the steps in all after `softac resume`
RESUMED = {
    "resumed": ("pendulum", {"total-timesteps": 450}, 1000),
    "resumed, f64": ("mountain-car", {"total-timesteps": 450, "precision": "f64"}, 1000),
    "resumed, norm_obs, norm_reward": (
        "pendulum",
        {"total-timesteps": 450, "norm-obs": "true", "norm-reward": "true"},
        1000,
    ),
    "resumed, num_envs": ("pendulum", {"total-timesteps": 450, "num-envs": 3}, 1200),
    "resumed, optimize_memory_usage": (
        "pendulum",
        {"total-timesteps": 430, "optimize-memory-usage": "true", "buffer-size": 300, "frame-stack": 2},
        1000,
    ),
    "resumed, policy_delay": ("pendulum", {"total-timesteps": 451, "policy-delay": 2}, 1000),
    "resumed, portable": ("chain", {"total-timesteps": 450, "numerics": "portable"}, 1000),
}

# Through Gymnasium.
# Seeds of 32 bits, as the runs had that were recorded.
CHEETAH = {"net-arch": "32,32", "total-timesteps": 1200, "n-eval-episodes": 1, "eval-freq": 1000, "env-seed-bits": 32}
GYMNASIUM_RUNS = {"gym:HalfCheetah-v5": ("gym:HalfCheetah-v5", CHEETAH)}
GYMNASIUM_RESUMED = {
    "gym:HalfCheetah-v5, resumed": (
        "gym:HalfCheetah-v5",
        {**CHEETAH, "norm-obs": "true", "total-timesteps": 450, "eval-freq": 5000},
        700,
    )
}

# Only these are equal on a processor without fused multiply-add.
PORTABLE = [name for name in [*RUNS, *RESUMED] if "portable" in name]


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def hashes(run):
    """What a run folder holds, in three hashes."""
    metrics, evaluations = run / "metrics.csv", run / "evaluations.csv"
    with metrics.open(newline="") as file:
        last = list(csv.DictReader(file))[-1]
    return {
        "metrics": sha256(metrics),
        "evaluations": sha256(evaluations),
        "params_hash": last["train/params_hash"],
    }


def call(*words):
    """Runs a command; if it fails, so does this script, with the command's message."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(str(word) for word in words)}: exit status {done.returncode}\n{done.stderr}")
    return done.stdout


def versions(python):
    """Of everything that computes HalfCheetah."""
    modules = ["gymnasium", "mujoco", "numpy"]
    program = f"import json, {', '.join(modules)}; print(json.dumps([m.__version__ for m in [{', '.join(modules)}]]))"
    return dict(zip(modules, json.loads(call(python, "-c", program))))


def train(softac, place, index, environment, settings, threads, python):
    """Trains in a folder of its own, which it returns."""
    run = place / str(index)
    settings = {"threads": threads, **SMALL, **settings}
    flags = [f"--{name}={value}" for name, value in settings.items()]
    interpreter = [f"--python={python}"] if python else []
    call(softac, "train", environment, "--quiet", f"--out={run}", *flags, *interpreter)
    return run


def compute(softac, threads, python):
    """The hashes of every run: name -> hashes."""
    runs, resumed = dict(RUNS), dict(RESUMED)
    if python:
        runs |= GYMNASIUM_RUNS
        resumed |= GYMNASIUM_RESUMED
    interpreter = [f"--python={python}"] if python else []
    found = {}
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        for name, (environment, settings) in runs.items():
            run = train(softac, place, len(found), environment, settings, threads, python)
            found[name] = hashes(run)
        for name, (environment, settings, steps) in resumed.items():
            run = train(softac, place, len(found), environment, settings, threads, python)
            call(softac, "resume", run, "--quiet", f"--total-timesteps={steps}", f"--threads={threads}", *interpreter)
            found[name] = hashes(run)
    return found


def fuses():
    """Whether the processor has fused multiply-add; all but old x86 processors do."""
    flags = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags")]
    return not flags or "fma" in flags[0].split()


def names_to_compare(committed, gymnasium):
    """The runs that must be equal here; says on stderr which are left out, and why."""
    names = list(committed["runs"])
    through_gymnasium = [*GYMNASIUM_RUNS, *GYMNASIUM_RESUMED]
    if gymnasium != committed["gymnasium"]:
        names = [name for name in names if name not in through_gymnasium]
        reason = f"the file needs {committed['gymnasium']}, --python has {gymnasium}"
        print(f"not compared: the runs through Gymnasium ({reason})", file=sys.stderr)
    if not fuses():
        names = [name for name in names if name in PORTABLE]
        print("compared: the portable runs alone (this processor has no fused multiply-add)", file=sys.stderr)
    return names


def compare(found, committed, gymnasium):
    """Exits with a message at the first run that differs."""
    names = names_to_compare(committed, gymnasium)
    if not names:
        sys.exit("no run to compare")
    for name in names:
        if name not in found:
            sys.exit(f"{name}: the file has this run, the script has none of that name")
        for part, value in committed["runs"][name].items():
            if found[name][part] != value:
                sys.exit(f"{name}: {part} is {found[name][part]}, expected {value}")
    print(f"{len(names)} runs are equal, bit by bit")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("softac", type=Path, help="the binary")
    parser.add_argument("--python", help="interpreter with Gymnasium and MuJoCo, to train on HalfCheetah-v5, too")
    parser.add_argument("--threads", type=int, default=1, help="of each run; must not change anything (default: 1)")
    parser.add_argument("--check", type=Path, metavar="FILE", help="compare with the hashes of this file")
    arguments = parser.parse_args()
    gymnasium = versions(arguments.python) if arguments.python else None
    found = compute(arguments.softac.resolve(), arguments.threads, arguments.python)
    if arguments.check:
        compare(found, json.loads(arguments.check.read_text()), gymnasium)
    else:
        print(json.dumps({"gymnasium": gymnasium, "runs": found}, indent=1))


if __name__ == "__main__":
    main()
