"""
Speed and memory of a package: steps a second of SAC with its defaults, and microseconds of a prediction.

    python speed.py softac Pendulum-v1 1500
    python speed.py stable_baselines3 Pendulum-v1 500
"""

from __future__ import annotations

import argparse
import importlib
import resource
import time

import numpy as np

PREDICTIONS = 2_000


def on_one_thread(package: str) -> None:
    """Keeps the package to one thread."""
    if package == "softac":
        importlib.import_module(package).set_num_threads(1)
    else:
        importlib.import_module("torch").set_num_threads(1)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", choices=["softac", "stable_baselines3"])
    parser.add_argument("env", help="id of an environment of Gymnasium's")
    parser.add_argument("steps", type=int, help="steps that are measured")
    args = parser.parse_args()

    on_one_thread(args.package)
    model = importlib.import_module(args.package).SAC("MlpPolicy", args.env, seed=0)
    model.learn(300)
    start = time.perf_counter()
    model.learn(args.steps, reset_num_timesteps=False)
    seconds = time.perf_counter() - start
    print(f"{args.steps / seconds:10.1f} steps/s")

    observation = np.zeros(model.observation_space.shape, np.float32)
    start = time.perf_counter()
    for _ in range(PREDICTIONS):
        model.predict(observation, deterministic=True)
    print(f"{(time.perf_counter() - start) / PREDICTIONS * 1e6:10.1f} µs a prediction")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:10.1f} MB at most")


if __name__ == "__main__":
    main()
