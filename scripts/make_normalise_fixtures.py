#!/usr/bin/env python3
"""Records what `VecNormalize` of Stable-Baselines3 does to a scripted environment, for `tests/normalise.rs`.

    python3 scripts/make_normalise_fixtures.py > tests/fixtures/normalise.json
    python3 scripts/make_normalise_fixtures.py 3 > tests/fixtures/normalise_three.json

The second file has three records, of environments that are stepped together and have episodes of their own lengths.
Needs stable-baselines3. Observations are in double precision, so that nothing is rounded on the way.
"""

import json
import sys

import gymnasium
import numpy as np
import stable_baselines3
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

STEPS, GAMMA, CLIP_OBS, CLIP_REWARD = 60, 0.9, 1.5, 2.0


class Scripted(gymnasium.Env):
    observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (3,), np.float64)
    action_space = gymnasium.spaces.Box(-1, 1, (1,), np.float64)

    def __init__(self, lane):
        self.random, self.t, self.length = np.random.default_rng(lane), 0, 13 + 4 * lane

    def observe(self):
        # One component far from zero, one constant.
        return self.random.normal(size=3) * [1.0, 20.0, 0.0] + [0.0, 300.0, 7.0]

    def reset(self, seed=None, options=None):
        return self.observe(), {}

    def step(self, action):
        self.t += 1
        reward = float(self.random.normal() * 5 + 1)
        return self.observe(), reward, self.t % self.length == 0, False, {}


def main():
    lanes = range(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    inner = DummyVecEnv([lambda lane=lane: Scripted(lane) for lane in lanes])
    env = VecNormalize(inner, gamma=GAMMA, clip_obs=CLIP_OBS, clip_reward=CLIP_REWARD)
    shown = env.reset()
    head = {"stable_baselines3": stable_baselines3.__version__, "numpy": np.__version__}
    head |= {"gamma": GAMMA, "clip_obs": CLIP_OBS, "clip_reward": CLIP_REWARD}
    start = env.get_original_obs()
    records = [head | {"start": start[i].tolist(), "start_shown": shown[i].tolist(), "steps": []} for i in lanes]
    for _ in range(STEPS):
        shown, reward, done, info = env.step(np.zeros((len(lanes), 1)))
        # Where an episode ended, the observation is the first of the next one.
        for i in lanes:
            records[i]["steps"].append({
                "observation": env.get_original_obs()[i].tolist(),
                "reward": float(env.get_original_reward()[i]),
                "done": bool(done[i]),
                "mean": env.obs_rms.mean.tolist(),
                "variance": env.obs_rms.var.tolist(),
                "shown": shown[i].tolist(),
                "shown_reward": float(reward[i]),
            })
    json.dump(records[0] if len(lanes) == 1 else records, sys.stdout)
    print()


if __name__ == "__main__":
    main()
