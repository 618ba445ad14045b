"""Loads a saved model with an environment and continues training with reset_num_timesteps=False."""

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC


def make_env():
    return gym.make("Pendulum-v1", max_episode_steps=100)


model = SAC("MlpPolicy", make_env(), learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
model.learn(total_timesteps=200)
updates = model._n_updates
assert updates == 150
model.save("half_way")
probe = np.array([[0.5, 0.5, 1.0], [-1.0, 0.0, -2.0]], dtype=np.float32)
before, _ = model.predict(probe, deterministic=True)
entropy_coefficient = model.log_ent_coef.item()
del model

model = SAC.load("half_way", env=make_env())
assert model.num_timesteps == 200
assert np.isclose(model.log_ent_coef.item(), entropy_coefficient)
# The replay buffer is not in the zip file.
assert model.replay_buffer.size() == 0

model.learn(total_timesteps=150, reset_num_timesteps=False)
assert model.num_timesteps == 350
# 200 steps are more than learning_starts: the updates begin with the first step.
assert model._n_updates == updates + 150
assert model.replay_buffer.size() == 150

after, _ = model.predict(probe, deterministic=True)
assert np.isfinite(after).all()
assert not np.array_equal(before, after)
assert model.log_ent_coef.item() != entropy_coefficient
