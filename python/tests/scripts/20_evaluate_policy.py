"""Evaluates with evaluate_policy: mean and deviation, lists of episodes, several environments, a custom agent."""

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.monitor import Monitor

model = SAC("MlpPolicy", "Pendulum-v1", learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
eval_env = Monitor(gym.make("Pendulum-v1", max_episode_steps=50))

mean_before, std_before = evaluate_policy(model, eval_env, n_eval_episodes=3)
model.learn(150)
mean_reward, std_reward = evaluate_policy(model, eval_env, n_eval_episodes=3, deterministic=True)
print(f"before: {mean_before:.1f} +/- {std_before:.1f}, after: {mean_reward:.1f} +/- {std_reward:.1f}")
assert np.isfinite([mean_before, std_before, mean_reward, std_reward]).all()

rewards, lengths = evaluate_policy(model, model.get_env(), n_eval_episodes=2, return_episode_rewards=True)
assert isinstance(rewards, list) and isinstance(lengths, list)
assert len(rewards) == 2 and lengths == [200, 200]

vec_env = make_vec_env("Pendulum-v1", n_envs=2, env_kwargs=dict(max_episode_steps=50))
rewards, lengths = evaluate_policy(model, vec_env, n_eval_episodes=5, return_episode_rewards=True)
assert len(rewards) == 5 and lengths == [50] * 5

steps = []
evaluate_policy(model, eval_env, n_eval_episodes=2, callback=lambda locals_, _: steps.append(locals_["reward"]))
assert len(steps) == 100

try:
    evaluate_policy(model, eval_env, n_eval_episodes=1, reward_threshold=1.0)
except AssertionError as error:
    print(error)
else:
    raise SystemExit("the threshold had no effect")


class RandomAgent:
    """Draws actions at random."""

    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        return np.random.uniform(-2.0, 2.0, size=(len(observation), 1)).astype(np.float32), None


mean_random, _ = evaluate_policy(RandomAgent(), eval_env, n_eval_episodes=2)
assert np.isfinite(mean_random)
