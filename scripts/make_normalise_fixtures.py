#!/usr/bin/env python3
"""Records what `VecNormalize` of Stable-Baselines3 does to a scripted environment, for `tests/normalise.rs`.

    python3 scripts/make_normalise_fixtures.py > tests/fixtures/normalise.json

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

    def __init__(self):
        self.random, self.t = np.random.default_rng(0), 0

    def observe(self):
        # One component far from zero, one constant.
        return self.random.normal(size=3) * [1.0, 20.0, 0.0] + [0.0, 300.0, 7.0]

    def reset(self, seed=None, options=None):
        return self.observe(), {}

    def step(self, action):
        self.t += 1
        reward = float(self.random.normal() * 5 + 1)
        return self.observe(), reward, self.t % 13 == 0, False, {}


def main():
    inner = DummyVecEnv([Scripted])
    env = VecNormalize(inner, gamma=GAMMA, clip_obs=CLIP_OBS, clip_reward=CLIP_REWARD)
    shown = env.reset()[0]
    record = {"stable_baselines3": stable_baselines3.__version__, "numpy": np.__version__}
    record |= {"gamma": GAMMA, "clip_obs": CLIP_OBS, "clip_reward": CLIP_REWARD}
    record |= {"start": env.get_original_obs()[0].tolist(), "start_shown": shown.tolist(), "steps": []}
    for _ in range(STEPS):
        shown, reward, done, info = env.step(np.zeros((1, 1)))
        # Where an episode ended, the observation is the first of the next one.
        record["steps"].append({
            "observation": env.get_original_obs()[0].tolist(),
            "reward": float(env.get_original_reward()[0]),
            "done": bool(done[0]),
            "mean": env.obs_rms.mean.tolist(),
            "variance": env.obs_rms.var.tolist(),
            "shown": shown[0].tolist(),
            "shown_reward": float(reward[0]),
        })
    json.dump(record, sys.stdout)
    print()


if __name__ == "__main__":
    main()
