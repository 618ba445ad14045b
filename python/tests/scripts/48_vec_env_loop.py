"""Runs a trained model in three environments: terminal observations, get_attr, set_attr and env_method."""

import numpy as np

from stable_baselines3 import SAC
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.vec_env import VecEnv

vec_env = make_vec_env("Pendulum-v1", n_envs=3, seed=11, env_kwargs=dict(max_episode_steps=20))
model = SAC("MlpPolicy", vec_env, learning_starts=60, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
model.learn(120)
assert isinstance(model.get_env(), VecEnv)

returns, running = [], np.zeros(3)
obs = vec_env.reset()
for step in range(40):
    actions, _ = model.predict(obs, deterministic=True)
    obs, rewards, dones, infos = vec_env.step(actions)
    running += rewards
    for index in np.flatnonzero(dones):
        info = infos[index]
        assert info["TimeLimit.truncated"] is True
        # The returned observation is the first one of the next episode.
        assert info["terminal_observation"].shape == (3,)
        assert not np.array_equal(info["terminal_observation"], obs[index])
        assert np.isclose(info["episode"]["r"], running[index], rtol=1e-3, atol=1e-3)
        returns.append(running[index])
        running[index] = 0.0
    if not dones.any():
        assert all("terminal_observation" not in info for info in infos)
assert len(returns) == 6
assert obs.dtype == np.float32 and rewards.dtype == np.float32 and dones.dtype == bool

vec_env.set_attr("note", "hello", indices=[0, 2])
assert vec_env.get_attr("note", indices=[0, 2]) == ["hello", "hello"]
assert vec_env.env_method("get_total_steps", indices=0) == [80]
assert vec_env.observation_space.shape == (3,) and vec_env.action_space.shape == (1,)

vec_env.step_async(np.zeros((3, 1), dtype=np.float32))
obs, rewards, dones, infos = vec_env.step_wait()
assert obs.shape == (3, 3)
vec_env.close()
