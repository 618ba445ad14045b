"""What others published of SAC or TD3 in HalfCheetah, as a file for `softac compare --beside`.

    git clone https://github.com/thu-ml/tianshou
    git clone https://github.com/DLR-RM/rl-trained-agents
    git clone https://github.com/sfujim/TD3
    python scripts/published_curves.py sac tianshou rl-trained-agents > docs/results/half-cheetah/published.csv
    python scripts/published_curves.py td3 TD3 tianshou > docs/results/half-cheetah-td3/published.csv

NumPy is needed.

SAC
---
Two sources have curves:

- Tianshou's benchmark (HalfCheetah-v3, ten seeds, MIT licence): mean and standard deviation over the seeds of the
  deterministic policy's mean return in ten episodes, every 5,000 steps.
- Stable-Baselines3's trained agents (HalfCheetah-v3, one run, MIT licence), the one in the benchmark of its zoo: mean
  return of the deterministic policy in twenty episodes, every 10,000 steps. One run has no interval.

Two have numbers after 1,000,000 steps, both in CleanRL's documentation (docs/rl-algorithms/sac.md, HalfCheetah-v2):

- CleanRL's own, mean and standard deviation over three seeds of the training's returns, with the policy's noise;
- that of the original authors (arXiv:1812.05905), as CleanRL read it from their plot.

TD3
---
Two sources have curves:

- The authors (HalfCheetah-v1, ten seeds, MIT licence): one file per seed, the deterministic policy's mean return in ten
  episodes, every 5,000 steps from 0. Mean and standard deviation over the seeds are taken here. The curves are those of
  the paper (arXiv:1802.09477), made with other settings than the authors' code has today. The code of the paper (commit
  bc98e62) has hidden layers of 400 and 300, learning rate 1e-3, batches of 100, 10,000 steps of random actions and
  its updates at the end of each episode; the code of today has 256 and 256, 3e-4, 256, 25,000 and one update per step.
- Tianshou's benchmark, as above. Its steps leave out the first 25,000. The 10,201 ± 773 of its table is the highest mean
  up to 1,000,000 steps, not the last.

One has a number after 1,000,000 steps: CleanRL (docs/rl-algorithms/td3.md, HalfCheetah-v4), mean and standard deviation
over three seeds of the training's returns, with the exploration noise.

HalfCheetah-v1 has the robot and the reward of HalfCheetah-v5, simulated by MuJoCo 1.31. Gym's maintainers call v1 and v2
equivalent (openai/gym#834); nobody can compare v1 and v5 any more on one machine. Curves of v1 and v5 can be compared in
their shape and within the spread of the seeds, not step by step.
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
TD3 = "34770ccdcb51df6f6c7d85c1ba7e40d71b940d16", "learning_curves/HalfCheetah/TD3_HalfCheetah-v1_{}.npy"

EVERY, LAST = 10_000, 1_000_000


def contents(repository: str, place: tuple[str, str]) -> bytes:
    """A file of a repository as it was at a commit."""
    command = ["git", "-C", repository, "show", ":".join(place)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def spread(curve: str, steps: int, mean: float, std: float) -> tuple:
    """A row of `curve,timesteps,value,low,high`, from mean and standard deviation."""
    return curve, steps, mean, mean - std, mean + std


def tianshou_rows(repository: str, agent: str) -> list[tuple]:
    """Tianshou's curve of an algorithm."""
    found = []
    for row in json.loads(contents(repository, TIANSHOU)):
        steps = row["env_step"]
        if row["Agent"] == agent and steps <= LAST and steps % EVERY == 0:
            found.append(spread("Tianshou (10 seeds, ± s.d.)", steps, row["rew"], row["rew_std"]))
    return found


def sac_rows(tianshou: str, zoo: str) -> list[tuple]:
    """Rows of `curve,timesteps,value,low,high`."""
    found = tianshou_rows(tianshou, "SAC")
    evaluations = np.load(io.BytesIO(contents(zoo, ZOO)))
    for steps, returns in zip(evaluations["timesteps"], evaluations["results"]):
        found.append(("Stable-Baselines3 (1 run)", int(steps), float(returns.mean()), None, None))
    found.append(spread("CleanRL (3 seeds, ± s.d.)", LAST, 9634.89, 1423.73))
    found.append(("authors (read from a plot)", LAST, 11250.0, None, None))
    return found


def td3_rows(authors: str, tianshou: str) -> list[tuple]:
    """Rows of `curve,timesteps,value,low,high`."""
    commit, path = TD3
    seeds = [np.load(io.BytesIO(contents(authors, (commit, path.format(seed))))) for seed in range(10)]
    found = []
    for steps, returns in zip(range(0, LAST + 1, 5_000), np.transpose(seeds), strict=True):
        if steps % EVERY == 0:
            mean, std = float(returns.mean()), float(returns.std())
            found.append(spread("authors (10 seeds, ± s.d.)", steps, mean, std))
    found += tianshou_rows(tianshou, "TD3")
    found.append(spread("CleanRL (3 seeds, ± s.d.)", LAST, 9583.22, 126.09))
    return found


def main() -> None:
    rows = {"sac": sac_rows, "td3": td3_rows}
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["curve", "timesteps", "value", "low", "high"])
    for curve, steps, *numbers in rows[sys.argv[1]](*sys.argv[2:]):
        writer.writerow([curve, steps, *("" if x is None else round(x, 4) for x in numbers)])


if __name__ == "__main__":
    main()
