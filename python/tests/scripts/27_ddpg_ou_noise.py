"""Trains DDPG with Ornstein-Uhlenbeck action noise, with one and two environments."""
# refused by softac: action_noise

import gymnasium as gym
import numpy as np

from stable_baselines3 import DDPG
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.noise import OrnsteinUhlenbeckActionNoise, VectorizedActionNoise

env = gym.make("Pendulum-v1")
n_actions = env.action_space.shape[-1]
settings = dict(learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))

action_noise = OrnsteinUhlenbeckActionNoise(mean=np.zeros(n_actions), sigma=0.5 * np.ones(n_actions), theta=0.15)
# The noise is correlated in time. A reset sets it back to its start.
path = np.array([action_noise() for _ in range(500)])[:, 0]
assert np.corrcoef(path[:-1], path[1:])[0, 1] > 0.8
action_noise.reset()
assert abs(action_noise()[0]) < 0.5

model = DDPG("MlpPolicy", env, action_noise=action_noise, **settings)
model.learn(total_timesteps=250, log_interval=10)
assert model.num_timesteps == 250 and model._n_updates == 200

observations = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
expected, _ = model.predict(observations)
assert np.abs(expected).max() <= 2.0
model.save("ddpg_pendulum")
assert np.array_equal(DDPG.load("ddpg_pendulum").predict(observations)[0], expected)

# With several environments, each has its own noise process.
vec_env = make_vec_env("Pendulum-v1", n_envs=2)
noise = OrnsteinUhlenbeckActionNoise(mean=np.zeros(n_actions), sigma=0.5 * np.ones(n_actions))
model = DDPG("MlpPolicy", vec_env, action_noise=noise, **settings)
model.learn(total_timesteps=120)
assert model.num_timesteps == 120
assert isinstance(model.action_noise, VectorizedActionNoise)
assert model.action_noise().shape == (2, 1)
