"""Saves a trained model, deletes it, loads it from the zip file and compares the predictions."""

import os

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC

env = gym.make("Pendulum-v1")
model = SAC(
    "MlpPolicy", env, gamma=0.95, learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]), seed=3
)
model.learn(total_timesteps=200)

observations = np.random.default_rng(0).uniform(-1.0, 1.0, size=(20, 3)).astype(np.float32)
expected, _ = model.predict(observations, deterministic=True)

model.save("sac_pendulum")
model.save("models/sac_pendulum_again.zip")
assert os.path.isfile("sac_pendulum.zip")
assert os.path.isfile("models/sac_pendulum_again.zip")
del model

# The suffix .zip is optional.
for path in ["sac_pendulum", "sac_pendulum.zip", "models/sac_pendulum_again"]:
    loaded = SAC.load(path)
    actions, _ = loaded.predict(observations, deterministic=True)
    assert np.array_equal(actions, expected), path

assert loaded.num_timesteps == 200
assert loaded._n_updates == 150
assert loaded.gamma == 0.95 and loaded.batch_size == 64 and loaded.seed == 3
assert loaded.observation_space == env.observation_space
assert loaded.action_space == env.action_space
# Without an environment the loaded model can only predict.
assert loaded.get_env() is None

# Keyword arguments of load replace saved values.
changed = SAC.load("sac_pendulum", env=env, learning_starts=0, verbose=0)
assert changed.learning_starts == 0
assert changed.get_env() is not None
