"""Compares entropy coefficients: fixed, learned, learned from a start value, with a target entropy."""

import csv

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC
from stable_baselines3.common.logger import configure


def train(name, **kwargs):
    """Returns the trained model and the last row of its log."""
    env = gym.make("Pendulum-v1", max_episode_steps=50)
    model = SAC("MlpPolicy", env, learning_starts=50, batch_size=32, policy_kwargs=dict(net_arch=[32, 32]), **kwargs)
    model.set_logger(configure(name, ["csv"]))
    model.learn(total_timesteps=150, log_interval=1)
    with open(f"{name}/progress.csv") as file:
        return model, list(csv.DictReader(file))[-1]


model, row = train("fixed", ent_coef=0.2)
assert model.ent_coef == 0.2 and model.log_ent_coef is None
assert np.isclose(float(row["train/ent_coef"]), 0.2)
assert "train/ent_coef_loss" not in row

model, row = train("auto")
assert model.ent_coef == "auto" and model.target_entropy == -1.0
coefficient = np.exp(model.log_ent_coef.item())
assert 0.0 < coefficient < 1.0
assert abs(float(row["train/ent_coef"]) - coefficient) < 0.01
assert np.isfinite(float(row["train/ent_coef_loss"]))

model, row = train("start", ent_coef="auto_0.1", learning_rate=1e-4)
assert model.ent_coef == "auto_0.1"
assert abs(np.exp(model.log_ent_coef.item()) - 0.1) < 0.02

model, row = train("target", target_entropy=-0.5)
assert model.target_entropy == -0.5

for wrong in ["auto_-1", "high"]:
    try:
        SAC("MlpPolicy", "Pendulum-v1", ent_coef=wrong)
    except (AssertionError, ValueError) as error:
        print(f"{wrong}: {error}")
    else:
        raise SystemExit(f"ent_coef={wrong!r} was accepted")
