"""Passes a linear schedule as learning rate; gives it again to a model that is loaded."""

import csv

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC
from stable_baselines3.common.logger import configure

progress = []


def linear_schedule(initial_value):
    """Returns a learning rate that falls linearly to zero."""

    def schedule(progress_remaining):
        return progress_remaining * initial_value

    return schedule


def recorded(progress_remaining):
    """Records each progress value."""
    progress.append(progress_remaining)
    return 1e-3


env = gym.make("Pendulum-v1", max_episode_steps=50)
settings = dict(learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))

model = SAC("MlpPolicy", env, learning_rate=linear_schedule(1e-3), **settings)
model.set_logger(configure("schedule", ["csv"]))
model.learn(total_timesteps=250, log_interval=1)
with open("schedule/progress.csv") as file:
    rates = [float(row["train/learning_rate"]) for row in csv.DictReader(file) if row["train/learning_rate"]]
# The log of an episode is written before the update of its last step.
assert len(rates) == 4
assert np.allclose(rates, [(1.0 - (steps - 1) / 250) * 1e-3 for steps in [100, 150, 200, 250]]), rates
assert np.isclose(model.lr_schedule(0.5), 5e-4)

model.save("with_schedule")
# A function is given again.
loaded = SAC.load("with_schedule", learning_rate=linear_schedule(1e-3))
assert np.isclose(loaded.lr_schedule(0.25), 2.5e-4)

model = SAC("MlpPolicy", env, learning_rate=recorded, **settings)
model.learn(total_timesteps=150)
assert max(progress) == 1.0 and abs(min(progress)) < 1e-9
assert all(later <= earlier for earlier, later in zip(progress, progress[1:]))
