"""Trains twice with one seed and once with another, and compares the predictions."""

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC
from stable_baselines3.common.utils import set_random_seed

observations = np.random.default_rng(0).normal(size=(10, 3)).astype(np.float32)


def train(seed):
    """Returns the predictions and the episode returns of a training with this seed."""
    env = gym.make("Pendulum-v1", max_episode_steps=50)
    model = SAC("MlpPolicy", env, seed=seed, learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
    model.learn(total_timesteps=150)
    assert model.seed == seed
    actions, _ = model.predict(observations, deterministic=True)
    return actions, [info["r"] for info in model.ep_info_buffer]


first_actions, first_returns = train(42)
second_actions, second_returns = train(42)
other_actions, other_returns = train(43)

assert np.array_equal(first_actions, second_actions)
assert first_returns == second_returns and len(first_returns) == 3
assert not np.allclose(first_actions, other_actions)
assert first_returns != other_returns

# The seed determines the initial networks.
models = [SAC("MlpPolicy", "Pendulum-v1", seed=5, policy_kwargs=dict(net_arch=[32, 32])) for _ in range(2)]
a, b = (model.predict(observations, deterministic=True)[0] for model in models)
assert np.array_equal(a, b)

# set_random_seed also seeds the stochastic policy.
model = models[0]
model.set_random_seed(9)
a, _ = model.predict(observations, deterministic=False)
c, _ = model.predict(observations, deterministic=False)
model.set_random_seed(9)
b, _ = model.predict(observations, deterministic=False)
assert np.array_equal(a, b) and not np.array_equal(a, c)

set_random_seed(1)
first = np.random.random()
set_random_seed(1)
assert first == np.random.random()
