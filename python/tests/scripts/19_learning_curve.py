"""Draws a smoothed learning curve from the monitor files of two environments with results_plotter."""
# needs: pandas
# needs: matplotlib

import os

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from stable_baselines3 import SAC
from stable_baselines3.common import results_plotter
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.results_plotter import load_results, plot_results, ts2xy


def moving_average(values, window):
    """The values, smoothed by a moving average."""
    return np.convolve(values, np.repeat(1.0, window) / window, "valid")


env = make_vec_env("Pendulum-v1", n_envs=2, monitor_dir="curve", env_kwargs=dict(max_episode_steps=30))
model = SAC("MlpPolicy", env, learning_starts=60, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
model.learn(total_timesteps=240)

x, y = ts2xy(load_results("curve"), "timesteps")
assert x.tolist() == [30 * n for n in range(1, 9)]
assert y.shape == (8,) and np.isfinite(y).all()
smooth = moving_average(y, window=3)

plt.figure(figsize=(5, 3))
plt.plot(x[len(x) - len(smooth) :], smooth)
plt.xlabel("Number of timesteps")
plt.ylabel("Rewards")
plt.savefig("curve.png")
assert os.path.getsize("curve.png") > 1000

plot_results(["curve"], 240, results_plotter.X_TIMESTEPS, "SAC Pendulum")
plt.savefig("results.png")
assert os.path.getsize("results.png") > 1000
