"""Record episodes of Gymnasium environments as JSON on standard output: `python scripts/record_gym.py ID…`.

`examples/gym_parity.rs` plays them again, through the bridge and in the native environments. Observations and
rewards are the bits of float64 numbers, since they are compared to the bit.
"""

import json
import struct
import sys

import gymnasium
import numpy as np

SEEDS = range(3)
STEPS = 250


def bits(numbers):
    return list(struct.unpack(f"<{len(numbers)}Q", struct.pack(f"<{len(numbers)}d", *map(float, numbers))))


def record(env, seed):
    """One episode with random actions, cut after STEPS steps."""
    rng = np.random.default_rng(seed)
    low, high = env.action_space.low, env.action_space.high
    observation, _ = env.reset(seed=seed)
    state = getattr(env.unwrapped, "state", None)
    start = None if state is None else [float(x) for x in state]
    episode = {"seed": seed, "start": start, "first": bits(observation), "steps": []}
    for _ in range(STEPS):
        # With few digits: NumPy computes with actions in single precision, and the pendulum is unstable enough to
        # show the rounding of 3u after some 100 steps (3e-4). These it multiplies exactly.
        action = (np.round(64 * rng.uniform(low, high)) / 64).astype(np.float32)
        observation, reward, terminated, truncated, _ = env.step(action)
        episode["steps"].append(
            {
                "action": [float(a) for a in action],
                "observation": bits(observation),
                "reward": bits([reward])[0],
                "terminated": bool(terminated),
                "truncated": bool(truncated),
            }
        )
        if terminated or truncated:
            break
    return episode


def main():
    recorded = []
    for name in sys.argv[1:]:
        env = gymnasium.make(name)
        recorded.append({"env": name, "episodes": [record(env, seed) for seed in SEEDS]})
    json.dump(recorded, sys.stdout)


if __name__ == "__main__":
    main()
