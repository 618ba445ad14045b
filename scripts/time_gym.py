"""Time the steps of a Gymnasium environment in Python alone: `python -m time_gym ID STEPS`.

Prints the median in microseconds. The other side is `examples/gym_overhead.rs`. Importing this registers
`Nothing-v0`, an environment whose steps do nothing.
"""

import statistics
import sys
import time

import gymnasium
import numpy as np


class Nothing(gymnasium.Env):
    observation_space = gymnasium.spaces.Box(-1.0, 1.0, (4,), np.float32)
    action_space = gymnasium.spaces.Box(-1.0, 1.0, (2,), np.float32)

    def __init__(self):
        self.observation = np.zeros(4, np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.observation.copy(), {}

    def step(self, action):
        return self.observation.copy(), 0.0, False, False, {}


if "Nothing-v0" not in gymnasium.registry:
    gymnasium.register("Nothing-v0", entry_point=Nothing, max_episode_steps=1000)


def main():
    name, steps = sys.argv[1], int(sys.argv[2])
    env = gymnasium.make(name)
    rng = np.random.default_rng(0)
    low, high = env.action_space.low, env.action_space.high
    times = []
    env.reset(seed=0)
    for _ in range(steps):
        action = rng.uniform(low, high).astype(np.float32)
        start = time.perf_counter()
        _, _, terminated, truncated, _ = env.step(action)
        times.append(1e6 * (time.perf_counter() - start))
        if terminated or truncated:
            env.reset(seed=0)
    print(statistics.median(times))


if __name__ == "__main__":
    main()
