"""Copies parameters from one model to another, from memory and from a file, and compares predictions."""

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC

env = gym.make("Pendulum-v1")
settings = dict(learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
observations = np.random.default_rng(4).normal(size=(12, 3)).astype(np.float32)


def actions_of(model):
    """Returns the deterministic actions of the model."""
    return model.predict(observations, deterministic=True)[0]


teacher = SAC("MlpPolicy", env, seed=0, **settings)
teacher.learn(total_timesteps=200)
student = SAC("MlpPolicy", env, seed=1, **settings)
assert not np.allclose(actions_of(teacher), actions_of(student))

parameters = teacher.get_parameters()
assert "policy" in parameters and len(parameters["policy"]) > 0
student.set_parameters(parameters)
assert np.array_equal(actions_of(teacher), actions_of(student))
assert student.num_timesteps == 0

# The student continues training. The teacher does not change.
expected = actions_of(teacher)
student.learn(total_timesteps=120)
assert not np.array_equal(actions_of(student), expected)
assert np.array_equal(actions_of(teacher), expected)

# The same from a file.
teacher.save("teacher")
student.set_parameters("teacher")
assert np.array_equal(actions_of(student), expected)
assert student.num_timesteps == 120

try:
    student.set_parameters({"policy": {}})
except Exception as error:
    print(f"refused: {type(error).__name__}")
else:
    raise SystemExit("set_parameters accepted a dictionary without parameters")
