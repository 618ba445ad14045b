"""Moves a model to another environment with set_env and continues training."""

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC
from stable_baselines3.common.env_util import make_vec_env

earth = gym.make("Pendulum-v1", g=10.0, max_episode_steps=50)
moon = gym.make("Pendulum-v1", g=1.6, max_episode_steps=25)

model = SAC("MlpPolicy", earth, learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
model.learn(total_timesteps=110)
assert [info["l"] for info in model.ep_info_buffer] == [50, 50]
assert model.get_env().get_attr("unwrapped")[0].g == 10.0

model.set_env(moon)
assert model.get_env().get_attr("unwrapped")[0].g == 1.6
model.learn(total_timesteps=100, reset_num_timesteps=False)
assert model.num_timesteps == 210
# learn resets the new environment. The unfinished episode of the old one is not counted.
assert [info["l"] for info in model.ep_info_buffer] == [50, 50, 25, 25, 25, 25]
assert model.replay_buffer.size() == 210

# set_env refuses other spaces and another number of environments.
for wrong in [gym.make("MountainCarContinuous-v0"), make_vec_env("Pendulum-v1", n_envs=2)]:
    try:
        model.set_env(wrong)
    except (AssertionError, ValueError) as error:
        print(f"refused: {str(error)[:70]}")
    else:
        raise SystemExit("set_env accepted an environment that does not fit")
assert model.get_env().get_attr("unwrapped")[0].g == 1.6

# load accepts any number of environments.
model.save("moved")
loaded = SAC.load("moved", env=make_vec_env("Pendulum-v1", n_envs=2))
assert loaded.n_envs == 2
loaded.learn(60, reset_num_timesteps=False)
assert loaded.num_timesteps == 270
assert np.isfinite(loaded.predict(np.zeros((2, 3), dtype=np.float32))[0]).all()
