"""Saves the model whenever the mean return of recent training episodes improves."""
# needs: pandas

import os

import gymnasium as gym
import numpy as np

from stable_baselines3 import TD3
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.monitor import Monitor, load_results
from stable_baselines3.common.noise import NormalActionNoise


class SaveOnBestTrainingReward(BaseCallback):
    """Reads the monitor file every `check_freq` steps."""

    def __init__(self, check_freq, log_dir, verbose=1):
        super().__init__(verbose)
        self.check_freq, self.log_dir = check_freq, log_dir
        self.save_path = os.path.join(log_dir, "best_model")
        self.best_mean_reward = -np.inf
        self.checks = 0

    def _init_callback(self):
        os.makedirs(self.save_path, exist_ok=True)

    def _on_step(self):
        if self.n_calls % self.check_freq == 0:
            returns = load_results(self.log_dir)["r"].to_numpy()
            self.checks += 1
            if len(returns) > 0 and np.mean(returns[-100:]) > self.best_mean_reward:
                self.best_mean_reward = float(np.mean(returns[-100:]))
                if self.verbose:
                    print(f"{self.num_timesteps} steps: new best mean return {self.best_mean_reward:.2f}")
                self.model.save(os.path.join(self.save_path, "model"))
        return True


log_dir = "tmp/"
os.makedirs(log_dir, exist_ok=True)
env = Monitor(gym.make("Pendulum-v1", max_episode_steps=40), log_dir)
noise = NormalActionNoise(mean=np.zeros(1), sigma=0.1 * np.ones(1))
model = TD3(
    "MlpPolicy", env, action_noise=noise, learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32])
)
callback = SaveOnBestTrainingReward(check_freq=50, log_dir=log_dir)
model.learn(total_timesteps=200, callback=callback)

assert os.path.isfile("tmp/monitor.csv")
assert callback.checks == 4
assert np.isfinite(callback.best_mean_reward)
assert os.path.isfile("tmp/best_model/model.zip")
assert TD3.load("tmp/best_model/model").num_timesteps in (50, 100, 150, 200)
