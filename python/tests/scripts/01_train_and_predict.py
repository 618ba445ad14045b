"""Trains SAC on the pendulum and runs the policy by hand, in the model's environment and in a new one."""

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC

env = gym.make("Pendulum-v1", render_mode="rgb_array")

model = SAC("MlpPolicy", env, learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]), verbose=0)
returned = model.learn(total_timesteps=300, log_interval=10)
assert returned is model
assert model.num_timesteps == 300

# The vectorised environment of the model: it resets itself.
vec_env = model.get_env()
obs = vec_env.reset()
n_dones = 0
for _ in range(210):
    action, state = model.predict(obs, deterministic=True)
    obs, reward, done, info = vec_env.step(action)
    n_dones += int(done[0])
assert state is None
assert obs.shape == (1, 3) and reward.shape == (1,) and len(info) == 1
assert n_dones == 1

# The plain interface of Gymnasium: five values, and a reset by hand.
test_env = gym.make("Pendulum-v1")
obs, info = test_env.reset(seed=1)
total, steps = 0.0, 0
while True:
    action, _states = model.predict(obs, deterministic=True)
    obs, reward, terminated, truncated, info = test_env.step(action)
    total += float(reward)
    steps += 1
    if terminated or truncated:
        break
test_env.close()

assert action.shape == (1,) and action.dtype == np.float32
assert test_env.action_space.contains(action)
assert steps == 200 and np.isfinite(total) and total < 0.0
