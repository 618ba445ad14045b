"""Trains TD3 with Gaussian action noise, delayed policy updates and target smoothing."""

import csv

import gymnasium as gym
import numpy as np

from stable_baselines3 import TD3
from stable_baselines3.common.logger import configure
from stable_baselines3.common.noise import NormalActionNoise

env = gym.make("Pendulum-v1", max_episode_steps=50)
n_actions = env.action_space.shape[-1]
action_noise = NormalActionNoise(mean=np.zeros(n_actions), sigma=0.1 * np.ones(n_actions))
assert action_noise().shape == (1,)

model = TD3(
    "MlpPolicy",
    env,
    action_noise=action_noise,
    policy_delay=2,
    target_policy_noise=0.2,
    target_noise_clip=0.5,
    learning_starts=50,
    batch_size=64,
    policy_kwargs=dict(net_arch=[32, 32]),
    verbose=0,
)
model.set_logger(configure("td3", ["csv"]))
model.learn(total_timesteps=250, log_interval=2)
assert model.num_timesteps == 250 and model._n_updates == 200

with open("td3/progress.csv") as file:
    row = list(csv.DictReader(file))[-1]
assert np.isfinite(float(row["train/critic_loss"])) and np.isfinite(float(row["train/actor_loss"]))
assert "train/ent_coef" not in row

# The policy of TD3 is deterministic. Only training adds noise.
obs, _ = env.reset(seed=0)
actions = [model.predict(obs)[0] for _ in range(3)]
assert np.array_equal(actions[0], actions[1]) and np.array_equal(actions[1], actions[2])

model.save("td3_pendulum")
loaded = TD3.load("td3_pendulum")
assert np.array_equal(loaded.predict(obs)[0], actions[0])
assert loaded.policy_delay == 2
