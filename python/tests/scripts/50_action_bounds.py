"""Trains with three actions of different bounds; the replay buffer stores actions in [-1, 1]."""
# refused by softac: action_noise

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from stable_baselines3 import SAC
from stable_baselines3.common.noise import NormalActionNoise

LOW = np.array([-2.0, 0.0, 10.0], dtype=np.float32)
HIGH = np.array([1.0, 5.0, 11.0], dtype=np.float32)


class Valves(gym.Env):
    """Three valves with different ranges."""

    def __init__(self):
        self.observation_space = spaces.Box(-np.inf, np.inf, shape=(4,), dtype=np.float32)
        self.action_space = spaces.Box(LOW, HIGH, dtype=np.float32)
        self.seen = []

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self.np_random.normal(size=4).astype(np.float32), {}

    def step(self, action):
        self.seen.append(np.array(action))
        self.steps += 1
        observation = self.np_random.normal(size=4).astype(np.float32)
        return observation, float(-np.abs(action).sum()), False, self.steps >= 25, {}


env = Valves()
noise = NormalActionNoise(mean=np.zeros(3), sigma=0.3 * np.ones(3))
settings = dict(learning_starts=60, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]), seed=0)
model = SAC("MlpPolicy", env, action_noise=noise, **settings)
assert model.target_entropy == -3.0
model.learn(total_timesteps=200)

seen = np.array(env.seen)
assert seen.shape == (200, 3)
assert (seen >= LOW - 1e-5).all() and (seen <= HIGH + 1e-5).all()
# The warm-up draws from the whole range.
assert (seen[:60].max(axis=0) - seen[:60].min(axis=0) > 0.5 * (HIGH - LOW)).all()

stored = model.replay_buffer.actions[:200, 0]
assert np.abs(stored).max() <= 1.0 + 1e-5
assert np.allclose(LOW + 0.5 * (stored + 1.0) * (HIGH - LOW), seen, atol=1e-4)

actions, _ = model.predict(np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32))
assert (actions >= LOW).all() and (actions <= HIGH).all()
