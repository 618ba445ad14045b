"""Scales the reward with a gymnasium.Wrapper, inside and outside Monitor."""

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.monitor import Monitor


class ScaledReward(gym.Wrapper):
    """Multiplies the reward and stores the original one in info."""

    def __init__(self, env, scale=0.1):
        super().__init__(env)
        self.scale = scale

    def step(self, action):
        observation, reward, terminated, truncated, info = self.env.step(action)
        info["original_reward"] = float(reward)
        return observation, float(reward) * self.scale, terminated, truncated, info


originals, scaled = [], []


def collect(locals_, globals_):
    """Collects both rewards."""
    originals.append(locals_["infos"][0]["original_reward"])
    scaled.append(float(locals_["rewards"][0]))
    return True


settings = dict(learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))

# Monitor inside the wrapper reports the original reward.
env = ScaledReward(Monitor(gym.make("Pendulum-v1", max_episode_steps=100)))
model = SAC("MlpPolicy", env, **settings)
model.learn(100, callback=collect)
assert np.allclose(np.array(originals) * 0.1, scaled, rtol=1e-4, atol=1e-6)
assert np.isclose(model.ep_info_buffer[0]["r"], sum(originals), rtol=1e-4)
batch = model.replay_buffer.sample(64)
assert np.asarray(batch.rewards).min() >= 0.1 * min(originals) - 1e-4

# Without a Monitor, the model adds one outside the wrapper, which reports the scaled reward.
originals.clear()
scaled.clear()
model = SAC("MlpPolicy", ScaledReward(gym.make("Pendulum-v1", max_episode_steps=100)), **settings)
model.learn(100, callback=collect)
assert np.isclose(model.ep_info_buffer[0]["r"], sum(scaled), rtol=1e-4)

# make_vec_env puts the wrapper around Monitor.
vec_env = make_vec_env("Pendulum-v1", n_envs=2, wrapper_class=ScaledReward, wrapper_kwargs=dict(scale=0.5))
assert vec_env.get_attr("scale") == [0.5, 0.5]
