"""Trains, saves and evaluates SAC, TD3 and DDPG in one loop over a dictionary of classes."""

import os

import gymnasium as gym
import numpy as np

from stable_baselines3 import DDPG, SAC, TD3
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.monitor import Monitor

algorithms = {"sac": SAC, "td3": TD3, "ddpg": DDPG}
eval_env = Monitor(gym.make("Pendulum-v1", max_episode_steps=50))
table = []

for name, algorithm in algorithms.items():
    env = gym.make("Pendulum-v1", max_episode_steps=50)
    model = algorithm(
        policy="MlpPolicy",
        env=env,
        learning_rate=1e-3,
        buffer_size=10_000,
        learning_starts=50,
        batch_size=64,
        tau=0.01,
        gamma=0.98,
        policy_kwargs=dict(net_arch=[32, 32]),
        seed=0,
        device="cpu",
    )
    assert type(model).__name__ == algorithm.__name__
    model.learn(150)
    model.save(f"{name}_pendulum")
    loaded = algorithm.load(f"{name}_pendulum", env=env)
    mean, std = evaluate_policy(loaded, eval_env, n_eval_episodes=2)
    table.append((name, mean, std))
    assert os.path.isfile(f"{name}_pendulum.zip")
    assert loaded.gamma == 0.98 and loaded._n_updates == 100

for name, mean, std in table:
    print(f"{name:5} {mean:9.1f} +/- {std:.1f}")
assert len(table) == 3
assert np.isfinite([row[1:] for row in table]).all()
