"""Predicts from float64 observations and strided arrays, and trains on a float64 environment."""

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from stable_baselines3 import SAC


class DoublePendulumObs(gym.ObservationWrapper):
    """A pendulum with observations in double precision."""

    def __init__(self, env):
        super().__init__(env)
        low, high = (bound.astype(np.float64) for bound in (env.observation_space.low, env.observation_space.high))
        self.observation_space = spaces.Box(low, high, dtype=np.float64)

    def observation(self, observation):
        return observation.astype(np.float64)


model = SAC("MlpPolicy", "Pendulum-v1", learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
model.learn(total_timesteps=100)

single = np.array([0.6, 0.8, -1.5])
assert single.dtype == np.float64
action, _ = model.predict(single, deterministic=True)
expected, _ = model.predict(single.astype(np.float32), deterministic=True)
assert action.shape == (1,) and np.allclose(action, expected, atol=1e-6)

# The rows are not contiguous in memory.
wide = np.random.default_rng(0).normal(size=(10, 6))
batch, _ = model.predict(wide[::2, ::2], deterministic=True)
copied, _ = model.predict(np.ascontiguousarray(wide[::2, ::2], dtype=np.float32), deterministic=True)
assert batch.shape == (5, 1) and np.allclose(batch, copied, atol=1e-6)

env = DoublePendulumObs(gym.make("Pendulum-v1", max_episode_steps=50))
model = SAC("MlpPolicy", env, learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
model.learn(total_timesteps=110)
assert model.observation_space.dtype == np.float64
obs, _ = env.reset(seed=0)
action, _ = model.predict(obs, deterministic=True)
assert env.action_space.contains(action)
assert len(model.ep_info_buffer) == 2
