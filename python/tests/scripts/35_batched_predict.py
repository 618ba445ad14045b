"""Predicts for single observations and for batches, deterministically and stochastically."""

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC

env = gym.make("Pendulum-v1")
model = SAC("MlpPolicy", env, learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
model.learn(total_timesteps=120)

observations = np.stack([env.observation_space.sample() for _ in range(64)])
batch, state = model.predict(observations, deterministic=True)
assert batch.shape == (64, 1) and batch.dtype == np.float32 and state is None

singles = np.stack([model.predict(observation, deterministic=True)[0] for observation in observations])
assert singles.shape == (64, 1)
assert np.allclose(batch, singles, atol=1e-5)

one, _ = model.predict(observations[:1], deterministic=True)
assert one.shape == (1, 1)
assert model.predict(observations[0], deterministic=True)[0].shape == (1,)

# The actions are in the bounds of the action space, not in [-1, 1].
assert (batch >= env.action_space.low).all() and (batch <= env.action_space.high).all()

# predict is stochastic by default.
first, _ = model.predict(observations)
second, _ = model.predict(observations)
assert not np.array_equal(first, second)
assert np.abs(first).max() <= 2.0
again, _ = model.predict(observations, deterministic=True)
assert np.array_equal(batch, again)

# The policy of the model has the same method.
assert np.array_equal(model.policy.predict(observations, deterministic=True)[0], batch)

try:
    model.predict(np.zeros((2, 7), dtype=np.float32))
except ValueError as error:
    print(error)
else:
    raise SystemExit("an observation of a wrong shape was accepted")
