"""Write what rliable makes of a few scores to tests/fixtures/statistics.json.

The test tests/statistics.rs computes the same. To write it anew, from the root of the repository:

    pip install rliable==1.2.0 'pandas<3'
    python scripts/make_statistics_fixtures.py

(rliable builds on arch, which does not load with pandas 3.) It takes about three minutes.

Scores are a list per task, each with one number per run. Point estimates are rliable's to the last digit.
Intervals are percentiles of a stratified bootstrap, which rliable draws from NumPy's global generator; the
file says how many resamples they are of.
"""

import json
import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np
from rliable import library, metrics

OUT = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "statistics.json"
REPS = 50_000
PROFILE_REPS = 20_000
GAMMA = 0.9


def cases():
    """Scores [runs, tasks] of two algorithms, the second with another number of runs."""
    rng = np.random.default_rng(2021)
    learned = -132.8 + 1.2 * rng.standard_normal((10, 1))
    fixed = np.concatenate([-132.0 + 0.6 * rng.standard_normal((7, 1)), [[-137.3], [-138.0]]])
    yield "one task", learned, fixed, [-138.5, -137.3, -133.0, -132.0, -130.0]
    tasks = np.array([0.2, 0.5, 0.9, 1.1])
    x = tasks + 0.25 * rng.standard_normal((5, 4))
    y = tasks + 0.1 + 0.25 * rng.standard_normal((6, 4))
    yield "four tasks", x, y, [-0.2, 0.1, 0.45, 0.8, 1.0, 1.6]
    # Rounded to quarters, so that many scores are equal.
    x, y = (np.round(4 * rng.uniform(0, 1.5, (runs, 3))) / 4 for runs in (8, 4))
    yield "ties", x, y, [0.0, 0.25, 0.6, 1.0, 1.5]
    same = rng.uniform(0, 1, (5, 2))
    yield "the same twice", same, same, [0.1, 0.5]


def aggregates(scores):
    return np.array([
        metrics.aggregate_iqm(scores),
        metrics.aggregate_mean(scores),
        metrics.aggregate_median(scores),
        metrics.aggregate_optimality_gap(scores, GAMMA),
    ])


def estimate(scores, func, reps=REPS):
    np.random.seed(7)
    values, intervals = library.get_interval_estimates({"x": scores}, func, reps=reps)
    return {"values": values["x"].tolist(), "low": intervals["x"][0].tolist(),
            "high": intervals["x"][1].tolist()}


def profile(scores, taus):
    np.random.seed(7)
    values, intervals = library.create_performance_profile(
        {"x": scores}, np.array(taus), reps=PROFILE_REPS)
    return {"values": values["x"].tolist(), "low": intervals["x"][0].tolist(),
            "high": intervals["x"][1].tolist()}


def improvement(x, y):
    return np.array([metrics.probability_of_improvement(x, y)])


def main():
    entries = []
    for name, x, y, taus in cases():
        print(name)
        # Every resample of this is a call of SciPy.
        pairs = estimate((x, y), improvement, reps=PROFILE_REPS)
        entries.append({
            "name": name, "x": x.T.tolist(), "y": y.T.tolist(), "taus": taus,
            "aggregates_x": estimate(x, aggregates), "aggregates_y": estimate(y, aggregates),
            "improvement": pairs, "profile_x": profile(x, taus), "profile_y": profile(y, taus),
        })
    packages = {name: version(name) for name in ("rliable", "arch", "numpy", "scipy")}
    fixture = {
        "versions": {"python": platform.python_version(), **packages},
        "resamples": REPS, "improvement_resamples": PROFILE_REPS,
        "profile_resamples": PROFILE_REPS, "gamma": GAMMA, "cases": entries,
    }
    OUT.write_text(json.dumps(fixture, indent=1) + "\n")


if __name__ == "__main__":
    main()
