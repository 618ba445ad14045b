"""Learns from n-step returns (n_steps=3)."""
# refused by softac: n_steps

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC, TD3

for algorithm in [SAC, TD3]:
    env = gym.make("Pendulum-v1", max_episode_steps=50)
    settings = dict(seed=0, learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
    one = algorithm("MlpPolicy", env, n_steps=1, **settings)
    one.learn(total_timesteps=120)
    three = algorithm("MlpPolicy", env, n_steps=3, **settings)
    three.learn(total_timesteps=120)
    assert three.n_steps == 3 and three._n_updates == 70
    assert three.replay_buffer.size() == 120

    observations = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    a, _ = one.predict(observations, deterministic=True)
    b, _ = three.predict(observations, deterministic=True)
    assert np.isfinite(b).all()
    assert not np.array_equal(a, b)

    three.save("three")
    loaded = algorithm.load("three", env=env)
    assert loaded.n_steps == 3
    loaded.learn(total_timesteps=80, reset_num_timesteps=False)
    assert loaded.num_timesteps == 200
