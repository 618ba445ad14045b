"""Reports the success rate from info["is_success"], in training and in evaluation."""

import csv

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from stable_baselines3 import SAC
from stable_baselines3.common.callbacks import EvalCallback
from stable_baselines3.common.logger import configure
from stable_baselines3.common.monitor import Monitor


class EverySecond(gym.Env):
    """A line to walk on; every second episode succeeds."""

    observation_space = spaces.Box(-1.0, 1.0, shape=(1,), dtype=np.float32)
    action_space = spaces.Box(-1.0, 1.0, shape=(1,), dtype=np.float32)

    def __init__(self):
        self.episode = 0

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.episode += 1
        self.steps, self.position = 0, 0.0
        return np.zeros(1, dtype=np.float32), {}

    def step(self, action):
        self.steps += 1
        self.position = float(np.clip(self.position + 0.1 * float(action[0]), -1.0, 1.0))
        observation = np.array([self.position], dtype=np.float32)
        success = self.steps >= 20 and self.episode % 2 == 0
        return observation, self.position, self.steps >= 20, False, {"is_success": success}


model = SAC("MlpPolicy", EverySecond(), learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
model.set_logger(configure("success", ["csv"]))
eval_env = Monitor(EverySecond(), info_keywords=("is_success",))
evaluation = EvalCallback(eval_env, eval_freq=100, n_eval_episodes=4, log_path="success", verbose=0)
model.learn(total_timesteps=200, callback=evaluation, log_interval=4)

with open("success/progress.csv") as file:
    rows = list(csv.DictReader(file))
rates = [float(row["rollout/success_rate"]) for row in rows if row["rollout/success_rate"]]
assert rates == [0.5, 0.5], rates
rates = [float(row["eval/success_rate"]) for row in rows if row["eval/success_rate"]]
assert rates == [0.5, 0.5], rates
assert all(float(row["eval/mean_ep_length"]) == 20.0 for row in rows if row["eval/mean_ep_length"])

data = np.load("success/evaluations.npz")
assert data["successes"].shape == (2, 4) and data["successes"].sum() == 4
