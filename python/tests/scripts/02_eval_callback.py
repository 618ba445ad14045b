"""Evaluates every 100 steps with EvalCallback, keeps the best model and reads evaluations.npz."""

import os

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC
from stable_baselines3.common.callbacks import EvalCallback
from stable_baselines3.common.monitor import Monitor

log_dir = "./logs/"
train_env = Monitor(gym.make("Pendulum-v1", max_episode_steps=50))
eval_env = Monitor(gym.make("Pendulum-v1", max_episode_steps=50))

eval_callback = EvalCallback(
    eval_env,
    best_model_save_path=log_dir,
    log_path=log_dir,
    eval_freq=100,
    n_eval_episodes=3,
    deterministic=True,
    render=False,
)

model = SAC("MlpPolicy", train_env, learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
model.learn(total_timesteps=300, callback=eval_callback)

assert os.path.isfile(os.path.join(log_dir, "best_model.zip"))
data = np.load(os.path.join(log_dir, "evaluations.npz"))
assert {"timesteps", "results", "ep_lengths"} <= set(data.files)
assert data["timesteps"].tolist() == [100, 200, 300]
assert data["results"].shape == (3, 3) and np.isfinite(data["results"]).all()
assert (data["ep_lengths"] == 50).all()

means = data["results"].mean(axis=1)
assert np.isclose(eval_callback.best_mean_reward, means.max())
assert np.isclose(eval_callback.last_mean_reward, means[-1])

best = SAC.load(os.path.join(log_dir, "best_model"))
action, _ = best.predict(np.zeros(3, dtype=np.float32), deterministic=True)
assert action.shape == (1,)
# The best model was saved in the middle of training, with its own count of steps.
assert best.num_timesteps == 100 * (int(means.argmax()) + 1)
