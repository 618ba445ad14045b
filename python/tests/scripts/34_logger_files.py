"""Writes the log to standard output, CSV and JSON with configure and set_logger."""

import csv
import json

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC
from stable_baselines3.common.logger import configure

new_logger = configure("results", ["stdout", "csv", "json", "log"])

env = gym.make("Pendulum-v1", max_episode_steps=50)
model = SAC("MlpPolicy", env, learning_starts=60, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
model.set_logger(new_logger)
assert model.logger is new_logger
model.learn(total_timesteps=200, log_interval=1)
# learn keeps the logger that was set.
assert model.logger is new_logger
assert new_logger.get_dir() == "results"

with open("results/progress.csv") as file:
    rows = list(csv.DictReader(file))
assert {
    "rollout/ep_rew_mean",
    "rollout/ep_len_mean",
    "time/episodes",
    "time/fps",
    "time/time_elapsed",
    "time/total_timesteps",
    "train/n_updates",
    "train/ent_coef",
    "train/actor_loss",
    "train/critic_loss",
    "train/ent_coef_loss",
    "train/learning_rate",
} <= set(rows[0]), rows[0]
assert [int(row["time/total_timesteps"]) for row in rows] == [50, 100, 150, 200]
assert [int(row["time/episodes"]) for row in rows] == [1, 2, 3, 4]
# The log of an episode is written before the update of its last step.
assert [row["train/n_updates"] for row in rows] == ["", "39", "89", "139"]
# There was no update before the end of the first episode.
assert rows[0]["train/actor_loss"] == ""
assert all(np.isfinite(float(row["train/critic_loss"])) for row in rows[1:])

with open("results/progress.json") as file:
    lines = [json.loads(line) for line in file]
assert len(lines) == 4
assert lines[-1]["rollout/ep_len_mean"] == 50
assert np.isclose(lines[-1]["rollout/ep_rew_mean"], float(rows[-1]["rollout/ep_rew_mean"]))
assert "train/learning_rate" not in lines[0] and np.isclose(lines[1]["train/learning_rate"], 3e-4)

with open("results/log.txt") as file:
    text = file.read()
assert "rollout/" in text and "ep_rew_mean" in text
