"""Runs two environments in subprocesses with SubprocVecEnv, under `if __name__ == "__main__"`."""

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.utils import set_random_seed
from stable_baselines3.common.vec_env import SubprocVecEnv


def make_env(env_id, rank, seed=0):
    """Returns a function that makes the environment of this rank."""

    def _init():
        env = gym.make(env_id, max_episode_steps=50)
        env.reset(seed=seed + rank)
        return env

    set_random_seed(seed)
    return _init


if __name__ == "__main__":
    vec_env = SubprocVecEnv([make_env("Pendulum-v1", rank) for rank in range(2)], start_method="fork")
    model = SAC("MlpPolicy", vec_env, learning_starts=60, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
    model.learn(total_timesteps=200)
    assert model.num_timesteps == 200 and model.n_envs == 2

    obs = vec_env.reset()
    for _ in range(50):
        action, _ = model.predict(obs)
        obs, rewards, dones, infos = vec_env.step(action)
    assert dones.all()
    assert infos[0]["terminal_observation"].shape == (3,)
    assert infos[1]["TimeLimit.truncated"]
    vec_env.close()

    # The same with make_vec_env.
    options = dict(start_method="fork")
    vec_env = make_vec_env("Pendulum-v1", n_envs=2, seed=0, vec_env_cls=SubprocVecEnv, vec_env_kwargs=options)
    assert vec_env.reset().shape == (2, 3)
    assert np.asarray(vec_env.get_attr("total_steps")).tolist() == [0, 0]
    vec_env.close()
