"""Trains with four environments from make_vec_env and one update per environment step (gradient_steps=-1)."""

import numpy as np

from stable_baselines3 import SAC
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.vec_env import DummyVecEnv

vec_env = make_vec_env("Pendulum-v1", n_envs=4, seed=0, monitor_dir="monitors", env_kwargs=dict(max_episode_steps=60))
assert isinstance(vec_env, DummyVecEnv)
assert vec_env.num_envs == 4

model = SAC(
    "MlpPolicy",
    vec_env,
    train_freq=1,
    gradient_steps=-1,
    learning_starts=100,
    batch_size=64,
    policy_kwargs=dict(net_arch=[32, 32]),
)
assert model.n_envs == 4
model.learn(total_timesteps=302)

# total_timesteps is a lower bound: each step adds four.
assert model.num_timesteps == 304
# The updates begin at step 104: 51 rounds of four.
assert model._n_updates == 51 * 4
# One row of the buffer holds the transitions of all four environments.
assert model.replay_buffer.size() == 76
assert len(model.ep_info_buffer) == 4

obs = vec_env.reset()
assert obs.shape == (4, 3)
for _ in range(61):
    actions, _ = model.predict(obs, deterministic=True)
    obs, rewards, dones, infos = vec_env.step(actions)
    if dones.any():
        assert dones.all() and all("episode" in info for info in infos)
assert actions.shape == (4, 1)
assert rewards.shape == (4,) and np.isfinite(rewards).all()
vec_env.close()
