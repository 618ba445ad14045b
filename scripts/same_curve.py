"""Whether two groups of runs learn alike: the mean training return of each over the seeds, and the difference.

    python scripts/same_curve.py GROUP GROUP [STEPS]

A group is a folder of run folders, as `softac train … --seeds` leaves it. Behind ± stand 95 % intervals (Welch's t).
"""

import csv
import statistics
import sys
from pathlib import Path

# 97.5 % quantile of Student's t with 18 degrees of freedom, for two groups of ten.
T = 2.101


def returns(group: Path, step: int) -> list[float]:
    """`rollout/ep_rew_mean` of each run of the group at the last row up to this step."""
    found = []
    for run in sorted(group.glob("*/metrics.csv")):
        with run.open() as file:
            rows = [row for row in csv.DictReader(file) if int(row["time/total_timesteps"]) <= step]
        found.append(float(rows[-1]["rollout/ep_rew_mean"]))
    return found


def squared_error(values: list[float]) -> float:
    """Of the mean."""
    return statistics.variance(values) / len(values)


def main() -> None:
    groups = [Path(name) for name in sys.argv[1:3]]
    every = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
    last = min(
        int(row["time/total_timesteps"])
        for group in groups
        for run in group.glob("*/metrics.csv")
        for row in [list(csv.DictReader(run.open()))[-1]]
    )
    print("| steps | " + " | ".join(str(group) for group in groups) + " | difference |")
    print("|---|---|---|---|")
    for step in range(every, last + 1, every):
        first, second = (returns(group, step) for group in groups)
        difference = statistics.mean(first) - statistics.mean(second)
        half_width = T * (squared_error(first) + squared_error(second)) ** 0.5
        means = f"{statistics.mean(first):.1f} | {statistics.mean(second):.1f}"
        print(f"| {step} | {means} | {difference:.1f} ± {half_width:.1f} |")


if __name__ == "__main__":
    main()
