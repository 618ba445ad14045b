"""Builds a DummyVecEnv from lambdas and uses the interface of vectorised environments."""

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv, VecMonitor

env = DummyVecEnv(
    [
        lambda: Monitor(gym.make("Pendulum-v1", max_episode_steps=40)),
        lambda: Monitor(gym.make("Pendulum-v1", max_episode_steps=40, g=9.81)),
    ]
)
assert env.num_envs == 2
assert env.get_attr("unwrapped")[1].g == 9.81
assert env.env_is_wrapped(Monitor) == [True, True]

env.seed(7)
first = env.reset()
env.seed(7)
assert np.array_equal(first, env.reset())
# Each environment has its own seed.
assert not np.array_equal(first[0], first[1])

model = SAC("MlpPolicy", env, learning_starts=60, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
model.learn(total_timesteps=200)
assert model.n_envs == 2 and model.num_timesteps == 200
assert len(model.ep_info_buffer) == 4

# VecMonitor replaces a Monitor around each environment.
plain = VecMonitor(DummyVecEnv([lambda: gym.make("Pendulum-v1", max_episode_steps=40) for _ in range(2)]))
model = SAC("MlpPolicy", plain, learning_starts=60, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
model.learn(total_timesteps=100)
assert len(model.ep_info_buffer) == 2
assert model.ep_info_buffer[0]["l"] == 40
