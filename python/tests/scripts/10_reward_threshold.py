"""Stops the training with StopTrainingOnRewardThreshold inside EvalCallback."""

import gymnasium as gym

from stable_baselines3 import SAC
from stable_baselines3.common.callbacks import EvalCallback, StopTrainingOnRewardThreshold
from stable_baselines3.common.monitor import Monitor


def run(threshold, total_timesteps):
    """The number of steps trained, and the callback for evaluation."""
    eval_env = Monitor(gym.make("Pendulum-v1", max_episode_steps=50))
    stop = StopTrainingOnRewardThreshold(reward_threshold=threshold, verbose=1)
    evaluation = EvalCallback(eval_env, callback_on_new_best=stop, eval_freq=80, n_eval_episodes=2, verbose=1)
    model = SAC("MlpPolicy", "Pendulum-v1", learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
    model.learn(total_timesteps, callback=evaluation)
    assert stop.parent is evaluation
    return model.num_timesteps, evaluation


# Each episode of 50 steps returns more than -100000: the first evaluation is enough.
steps, evaluation = run(-100_000.0, 2000)
assert steps == 80
assert evaluation.best_mean_reward > -100_000.0
assert evaluation.n_calls == 80

# No return is positive: the training reaches its end.
steps, evaluation = run(1.0, 200)
assert steps == 200
assert evaluation.best_mean_reward < 0.0
