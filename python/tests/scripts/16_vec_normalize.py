"""Trains with VecNormalize, saves its statistics and loads them for evaluation with training=False."""

import numpy as np

from stable_baselines3 import SAC
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.vec_env import VecNormalize


def make_venv():
    return make_vec_env("Pendulum-v1", n_envs=1, env_kwargs=dict(max_episode_steps=100))


env = VecNormalize(make_venv(), norm_obs=True, norm_reward=True, clip_obs=10.0)
model = SAC("MlpPolicy", env, learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
assert model.get_vec_normalize_env() is env
model.learn(total_timesteps=300)
assert env.obs_rms.count > 300
assert env.obs_rms.mean.shape == (3,)

# The replay buffer holds original observations: the first two entries are a cosine and a sine.
stored = model.replay_buffer.observations[:300, 0]
assert np.allclose(stored[:, 0] ** 2 + stored[:, 1] ** 2, 1.0, atol=1e-4)

model.save("sac_normalized")
env.save("vec_normalize.pkl")
mean, variance = env.obs_rms.mean.copy(), env.obs_rms.var.copy()
del model, env

vec_env = VecNormalize.load("vec_normalize.pkl", make_venv())
vec_env.training = False
vec_env.norm_reward = False
assert np.allclose(vec_env.obs_rms.mean, mean) and np.allclose(vec_env.obs_rms.var, variance)

model = SAC.load("sac_normalized", env=vec_env)
mean_reward, std_reward = evaluate_policy(model, vec_env, n_eval_episodes=2)
assert np.isfinite(mean_reward) and mean_reward < 0.0 and std_reward >= 0.0
assert np.allclose(vec_env.obs_rms.mean, mean) and np.allclose(vec_env.obs_rms.var, variance)

original = (mean + 0.5 * np.sqrt(variance)).astype(np.float32).reshape(1, 3)
normalized = vec_env.normalize_obs(original)
assert np.allclose(normalized, 0.5, atol=1e-3)
assert np.allclose(vec_env.unnormalize_obs(normalized), original, atol=1e-3)
