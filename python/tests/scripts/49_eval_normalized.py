"""Evaluates during training with VecNormalize around both environments."""

from pathlib import Path

import numpy as np

from stable_baselines3 import SAC
from stable_baselines3.common.callbacks import CheckpointCallback, EvalCallback
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize, sync_envs_normalization

options = dict(max_episode_steps=50)
env = VecNormalize(make_vec_env("Pendulum-v1", n_envs=2, env_kwargs=options), gamma=0.98)
eval_env = VecNormalize(make_vec_env("Pendulum-v1", n_envs=1, env_kwargs=options), training=False, norm_reward=False)
assert isinstance(env.venv, DummyVecEnv)

# One call covers two time steps: divide the frequencies by the number of environments.
evaluation = EvalCallback(eval_env, eval_freq=max(100 // 2, 1), n_eval_episodes=2, log_path="evaluation", verbose=0)
checkpoints = CheckpointCallback(save_freq=max(100 // 2, 1), save_path="saved", save_vecnormalize=True)

model = SAC("MlpPolicy", env, gamma=0.98, learning_starts=60, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
model.learn(total_timesteps=240, callback=[checkpoints, evaluation])

data = np.load("evaluation/evaluations.npz")
assert data["timesteps"].tolist() == [100, 200]
# The returns are the original ones of the pendulum, which are never positive.
assert np.isfinite(data["results"]).all() and (data["results"] <= 0.0).all()

names = {path.name for path in Path("saved").iterdir()}
assert names == {
    "rl_model_100_steps.zip",
    "rl_model_200_steps.zip",
    "rl_model_vecnormalize_100_steps.pkl",
    "rl_model_vecnormalize_200_steps.pkl",
}, names

loaded = VecNormalize.load("saved/rl_model_vecnormalize_200_steps.pkl", make_vec_env("Pendulum-v1", n_envs=2))
# The evaluation at step 200 copied the statistics, and the checkpoint saved the same ones.
assert np.allclose(eval_env.obs_rms.mean, loaded.obs_rms.mean)
assert not np.allclose(env.obs_rms.mean, loaded.obs_rms.mean)
sync_envs_normalization(env, eval_env)
assert np.allclose(env.obs_rms.mean, eval_env.obs_rms.mean)
assert env.get_original_obs().shape == (2, 3) and env.get_original_reward().shape == (2,)
