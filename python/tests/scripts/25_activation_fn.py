"""Sets tanh as the activation function of the networks."""
# needs: torch

import gymnasium as gym
import numpy as np
import torch.nn as nn

from stable_baselines3 import SAC

env = gym.make("Pendulum-v1")
policy_kwargs = dict(activation_fn=nn.Tanh, net_arch=dict(pi=[32, 32], qf=[32, 32]))
model = SAC("MlpPolicy", env, policy_kwargs=policy_kwargs, learning_starts=50, batch_size=64, seed=1)
other = SAC("MlpPolicy", env, policy_kwargs=dict(net_arch=[32, 32]), learning_starts=50, batch_size=64, seed=1)

observations = np.random.default_rng(2).normal(size=(8, 3)).astype(np.float32)
# The seed and the sizes are equal, the functions differ.
with_tanh, _ = model.predict(observations, deterministic=True)
with_relu, _ = other.predict(observations, deterministic=True)
assert not np.allclose(with_tanh, with_relu)

model.learn(total_timesteps=200)
expected, _ = model.predict(observations, deterministic=True)
assert np.isfinite(expected).all()

model.save("tanh")
loaded = SAC.load("tanh")
assert np.array_equal(loaded.predict(observations, deterministic=True)[0], expected)
