"""Stops the training after a number of episodes with StopTrainingOnMaxEpisodes, with one and two environments."""

import gymnasium as gym

from stable_baselines3 import SAC
from stable_baselines3.common.callbacks import StopTrainingOnMaxEpisodes
from stable_baselines3.common.env_util import make_vec_env

settings = dict(learning_starts=100, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))

callback = StopTrainingOnMaxEpisodes(max_episodes=3, verbose=1)
model = SAC("MlpPolicy", gym.make("Pendulum-v1", max_episode_steps=50), **settings)
model.learn(int(1e6), callback=callback)
assert callback.n_episodes == 3
assert model.num_timesteps == 150

# With several environments, the limit is max_episodes times the number of environments.
vec_env = make_vec_env("Pendulum-v1", n_envs=2, env_kwargs=dict(max_episode_steps=50))
callback = StopTrainingOnMaxEpisodes(max_episodes=3)
model = SAC("MlpPolicy", vec_env, **settings)
model.learn(int(1e6), callback=callback)
assert callback.n_episodes == 6
assert model.num_timesteps == 300
