"""Writes a monitor file during training and reads it back with load_results."""
# needs: pandas

import csv
import json
import os

import gymnasium as gym

from stable_baselines3 import SAC
from stable_baselines3.common.monitor import Monitor, get_monitor_files, load_results

log_dir = "monitor_logs/"
os.makedirs(log_dir, exist_ok=True)

env = Monitor(gym.make("Pendulum-v1", max_episode_steps=50), filename=os.path.join(log_dir, "run"))
model = SAC("MlpPolicy", env, learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
model.learn(total_timesteps=300)

assert env.get_total_steps() == 300
assert env.get_episode_lengths() == [50] * 6
assert len(env.get_episode_rewards()) == 6 and len(env.get_episode_times()) == 6

path = os.path.join(log_dir, "run.monitor.csv")
assert os.path.isfile(path)
assert get_monitor_files(log_dir) == [path]
with open(path) as file:
    header = json.loads(file.readline()[1:])
    rows = list(csv.DictReader(file))
assert header["env_id"] == "Pendulum-v1" and header["t_start"] > 0.0
assert len(rows) == 6 and {"r", "l", "t"} <= set(rows[0])

results = load_results(log_dir)
assert len(results) == 6
assert (results["l"] == 50).all()
assert abs(results["r"].iloc[-1] - env.get_episode_rewards()[-1]) < 1e-3
assert results["t"].is_monotonic_increasing
