"""Searches hyperparameters at random and saves the best model."""

import json
import os

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.monitor import Monitor

rng = np.random.default_rng(0)
sizes = {"tiny": [16], "small": [32, 32]}


def sample():
    """Draws hyperparameters at random."""
    return {
        "learning_rate": float(10.0 ** rng.uniform(-4, -2)),
        "gamma": float(rng.choice([0.9, 0.98, 0.99])),
        "tau": float(rng.choice([0.005, 0.02])),
        "batch_size": int(rng.choice([32, 64])),
        "train_freq": int(rng.choice([1, 4])),
        "net_arch": str(rng.choice(list(sizes))),
    }


eval_env = Monitor(gym.make("Pendulum-v1", max_episode_steps=50))
trials = []
for trial in range(4):
    chosen = sample()
    kwargs = dict(chosen, policy_kwargs=dict(net_arch=sizes[chosen["net_arch"]]))
    del kwargs["net_arch"]
    kwargs["gradient_steps"] = kwargs["train_freq"]
    env = gym.make("Pendulum-v1", max_episode_steps=50)
    model = SAC("MlpPolicy", env, learning_starts=50, seed=trial, **kwargs)
    model.learn(total_timesteps=120)
    assert model._n_updates in (70, 72)
    score, _ = evaluate_policy(model, eval_env, n_eval_episodes=2)
    trials.append({"score": float(score), **chosen})
    if score >= max(other["score"] for other in trials):
        model.save("best_trial")
    assert model.gamma == chosen["gamma"] and model.tau == chosen["tau"]

with open("trials.json", "w") as file:
    json.dump(trials, file, indent=2)

assert os.path.isfile("best_trial.zip")
assert len(trials) == 4 and len({trial["score"] for trial in trials}) > 1
best = max(trials, key=lambda trial: trial["score"])
assert np.isclose(SAC.load("best_trial").learning_rate, best["learning_rate"])
