"""Passes a function as callback; the training stops when the function returns False."""

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC

rewards = []


def stop_after_150(locals_, globals_):
    """Collects the rewards and stops after 150 steps."""
    model = locals_["self"]
    rewards.append(float(locals_["rewards"][0]))
    return model.num_timesteps < 150


env = gym.make("Pendulum-v1")
model = SAC("MlpPolicy", env, learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
model.learn(total_timesteps=5000, callback=stop_after_150)

assert model.num_timesteps == 150
assert len(rewards) == 150
assert np.isfinite(rewards).all() and max(rewards) <= 0.0

# A lambda, and a training that reaches its end.
calls = []
model.learn(total_timesteps=60, callback=lambda _locals, _globals: calls.append(1) is None)
assert model.num_timesteps == 60
assert len(calls) == 60
