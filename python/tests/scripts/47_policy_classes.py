"""Passes the policy as a class, and imports algorithms from their modules."""

import gymnasium as gym
import numpy as np

from stable_baselines3.ddpg import DDPG
from stable_baselines3.ddpg import MlpPolicy as DDPGMlpPolicy
from stable_baselines3.sac import SAC
from stable_baselines3.sac import MlpPolicy as SACMlpPolicy
from stable_baselines3.sac.policies import SACPolicy
from stable_baselines3.td3 import TD3
from stable_baselines3.td3 import MlpPolicy as TD3MlpPolicy

env = gym.make("Pendulum-v1")
obs, _ = env.reset(seed=0)

for algorithm, policy in [(SAC, SACMlpPolicy), (TD3, TD3MlpPolicy), (DDPG, DDPGMlpPolicy)]:
    model = algorithm(policy, env, learning_starts=50, batch_size=32, policy_kwargs=dict(net_arch=[32, 32]), seed=2)
    by_name = algorithm(
        "MlpPolicy", env, learning_starts=50, batch_size=32, policy_kwargs=dict(net_arch=[32, 32]), seed=2
    )
    assert type(model.policy) is type(by_name.policy)
    assert np.array_equal(model.predict(obs, deterministic=True)[0], by_name.predict(obs, deterministic=True)[0])
    model.learn(80)
    assert model.num_timesteps == 80

model = SAC(SACPolicy, env, learning_starts=50, policy_kwargs=dict(net_arch=[32, 32]))
assert isinstance(model.policy, SACPolicy)

try:
    SAC("NoSuchPolicy", env)
except ValueError as error:
    print(error)
else:
    raise SystemExit("a policy that does not exist was accepted")
