"""What others published of SAC in HalfCheetah, as a file for `softac compare --beside`.

    git clone https://github.com/thu-ml/tianshou
    git clone https://github.com/DLR-RM/rl-trained-agents
    python scripts/published_curves.py tianshou rl-trained-agents > docs/results/half-cheetah/published.csv

NumPy is needed. Two sources have curves:

- Tianshou's benchmark (HalfCheetah-v3, ten seeds, MIT licence): mean and standard deviation over the seeds of the
  deterministic policy's mean return in ten episodes, every 5,000 steps.
- Stable-Baselines3's trained agents (HalfCheetah-v3, one run, MIT licence), the one in the benchmark of its zoo: mean
  return of the deterministic policy in twenty episodes, every 10,000 steps. One run has no interval.

Two have numbers after 1,000,000 steps, both in CleanRL's documentation (docs/rl-algorithms/sac.md, HalfCheetah-v2):

- CleanRL's own, mean and standard deviation over three seeds of the training's returns, with the policy's noise;
- that of the original authors (arXiv:1812.05905), as CleanRL read it from their plot.
"""

import csv
import io
import json
import subprocess
import sys

import numpy as np

# The last commits that hold the files.
TIANSHOU = "1e9aac0c7e991fa9a44d6c82bcdd1563117930de^", "examples/mujoco/benchmark/HalfCheetah-v3/result.json"
ZOO = "cd35bde610f4045bf2e0731c8f4c88d22df8fc85", "sac/HalfCheetah-v3_1/evaluations.npz"

EVERY, LAST = 10_000, 1_000_000


def contents(repository: str, place: tuple[str, str]) -> bytes:
    """A file of a repository as it was at a commit."""
    command = ["git", "-C", repository, "show", ":".join(place)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def rows(tianshou: str, zoo: str) -> list[tuple]:
    """Rows of `curve,timesteps,value,low,high`."""
    found = []
    for row in json.loads(contents(tianshou, TIANSHOU)):
        steps, mean, std = row["env_step"], row["rew"], row["rew_std"]
        if row["Agent"] == "SAC" and steps <= LAST and steps % EVERY == 0:
            found.append(("Tianshou (10 seeds, ± s.d.)", steps, mean, mean - std, mean + std))
    evaluations = np.load(io.BytesIO(contents(zoo, ZOO)))
    for steps, returns in zip(evaluations["timesteps"], evaluations["results"]):
        found.append(("Stable-Baselines3 (1 run)", int(steps), float(returns.mean()), None, None))
    found.append(("CleanRL (3 seeds, ± s.d.)", LAST, 9634.89, 9634.89 - 1423.73, 9634.89 + 1423.73))
    found.append(("authors (read from a plot)", LAST, 11250.0, None, None))
    return found


def main() -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["curve", "timesteps", "value", "low", "high"])
    for curve, steps, *numbers in rows(*sys.argv[1:]):
        writer.writerow([curve, steps, *("" if x is None else round(x, 4) for x in numbers)])


if __name__ == "__main__":
    main()
