"""Reads model attributes: spaces, networks, buffers, counters and hyperparameters."""

import time

import gymnasium as gym
import numpy as np

import stable_baselines3 as sb3
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm

assert isinstance(sb3.__version__, str)

env = gym.make("Pendulum-v1", max_episode_steps=50)
model = sb3.SAC("MlpPolicy", env, learning_starts=50, buffer_size=500, policy_kwargs=dict(net_arch=[32, 32]))
assert isinstance(model, BaseAlgorithm) and isinstance(model, OffPolicyAlgorithm)
assert model.num_timesteps == 0 and model._n_updates == 0
model.learn(total_timesteps=120)

assert model.n_envs == 1
assert model.observation_space.shape == (3,) and model.action_space.shape == (1,)
assert float(model.action_space.high[0]) == 2.0
assert model.env is model.get_env()
assert model.get_vec_normalize_env() is None

assert model.ent_coef == "auto" and model.target_entropy == -1.0
assert np.isfinite(float(model.log_ent_coef.item()))
for network in [model.policy, model.actor, model.critic, model.critic_target]:
    assert network is not None
assert model.policy.actor is model.actor and model.policy.critic is model.critic
assert "cpu" in str(model.device) or "cuda" in str(model.device)

assert model.replay_buffer.size() == 120
assert model.replay_buffer.pos == 120 and not model.replay_buffer.full
assert model.replay_buffer.buffer_size == 500
assert model._n_updates == 70
assert len(model.ep_info_buffer) == 2
assert {"r", "l", "t"} <= set(model.ep_info_buffer[0])
assert model._episode_num == 2
assert 0 < model.start_time <= time.time_ns()

# The defaults of SAC.
assert model.gamma == 0.99 and model.tau == 0.005 and model.batch_size == 256
assert model.learning_rate == 3e-4 and model.gradient_steps == 1
assert model.train_freq.frequency == 1 and model.train_freq.unit.value == "step"
assert model.target_update_interval == 1 and model.action_noise is None
assert model.policy_kwargs["net_arch"] == [32, 32] and model.verbose == 0 and model.seed is None

# One round of updates by hand.
model.train(gradient_steps=3, batch_size=model.batch_size)
assert model._n_updates == 73
