"""Saves a checkpoint every 100 steps, with the replay buffer, and resumes from one of them."""

from pathlib import Path

import numpy as np

from stable_baselines3 import SAC
from stable_baselines3.common.callbacks import CheckpointCallback

checkpoint_callback = CheckpointCallback(
    save_freq=100,
    save_path="./checkpoints/",
    name_prefix="pendulum",
    save_replay_buffer=True,
    save_vecnormalize=True,
)

model = SAC(
    "MlpPolicy",
    "Pendulum-v1",
    buffer_size=5000,
    learning_starts=50,
    batch_size=64,
    policy_kwargs=dict(net_arch=[32, 32]),
)
model.learn(total_timesteps=250, callback=checkpoint_callback)

names = sorted(path.name for path in Path("checkpoints").iterdir())
assert names == [
    "pendulum_100_steps.zip",
    "pendulum_200_steps.zip",
    "pendulum_replay_buffer_100_steps.pkl",
    "pendulum_replay_buffer_200_steps.pkl",
], names

resumed = SAC.load("checkpoints/pendulum_200_steps", env=model.get_env())
resumed.load_replay_buffer("checkpoints/pendulum_replay_buffer_200_steps")
assert resumed.num_timesteps == 200
assert 199 <= resumed.replay_buffer.size() <= 200
resumed.learn(total_timesteps=30, reset_num_timesteps=False)
assert resumed.num_timesteps == 230

action, _ = resumed.predict(np.zeros(3, dtype=np.float32))
assert np.isfinite(action).all()
