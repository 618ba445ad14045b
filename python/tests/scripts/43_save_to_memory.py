"""Saves to memory and to a pathlib.Path; excludes and replaces saved attributes."""

import io
import pathlib
import zipfile

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC

env = gym.make("Pendulum-v1")
model = SAC("MlpPolicy", env, learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
model.learn(total_timesteps=120)
observations = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
expected, _ = model.predict(observations, deterministic=True)

memory = io.BytesIO()
model.save(memory)
assert memory.tell() > 1000
memory.seek(0)
loaded = SAC.load(memory)
assert np.array_equal(loaded.predict(observations, deterministic=True)[0], expected)

path = pathlib.Path("deep") / "er" / "model.zip"
model.save(path)
assert path.is_file() and zipfile.is_zipfile(path)
loaded = SAC.load(path, env=env)
assert np.array_equal(loaded.predict(observations, deterministic=True)[0], expected)

with open("opened.zip", "wb") as file:
    model.save(file)
with open("opened.zip", "rb") as file:
    loaded = SAC.load(file)
assert np.array_equal(loaded.predict(observations, deterministic=True)[0], expected)

# custom_objects replaces values of the file.
loaded = SAC.load(path, custom_objects={"learning_rate": 1e-5, "lr_schedule": lambda _: 1e-5})
assert loaded.learning_rate == 1e-5

model.save("without", exclude=["ep_info_buffer"])
loaded = SAC.load("without", env=env)
loaded.learn(total_timesteps=60)
assert loaded.num_timesteps == 60

try:
    SAC.load("no_such_file")
except FileNotFoundError as error:
    print(error)
else:
    raise SystemExit("a file that does not exist was loaded")
