"""Saves the replay buffer to a file, loads it into a loaded model and continues training."""

import os
from pathlib import Path

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC

env = gym.make("Pendulum-v1", max_episode_steps=100)
model = SAC(
    "MlpPolicy", env, buffer_size=1000, learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32])
)
model.learn(total_timesteps=250)
model.save("sac_model")
model.save_replay_buffer("sac_replay_buffer")
assert os.path.isfile("sac_replay_buffer.pkl")
model.save_replay_buffer(Path("buffers") / "again.pkl")
assert os.path.isfile("buffers/again.pkl")

loaded = SAC.load("sac_model", env=env)
print(f"The loaded model has {loaded.replay_buffer.size()} transitions in its buffer")
assert loaded.replay_buffer.size() == 0

loaded.load_replay_buffer("sac_replay_buffer")
print(f"Now it has {loaded.replay_buffer.size()} transitions")
assert loaded.replay_buffer.size() == 250

batch = loaded.replay_buffer.sample(32)
assert np.asarray(batch.observations).shape == (32, 3)
assert np.asarray(batch.next_observations).shape == (32, 3)
assert np.asarray(batch.actions).shape == (32, 1)
assert np.asarray(batch.rewards).shape == (32, 1)
assert np.asarray(batch.dones).shape == (32, 1)
# The buffer holds actions scaled to [-1, 1], where the torque is in [-2, 2].
assert np.abs(np.asarray(batch.actions)).max() <= 1.0
# Time limits end the episodes of the pendulum, and a time limit is not a terminal state.
assert np.asarray(batch.dones).max() == 0.0

loaded.learn(total_timesteps=50, reset_num_timesteps=False)
assert loaded.replay_buffer.size() == 300
assert loaded.num_timesteps == 300
