"""Stops the training with StopTrainingOnNoModelImprovement and counts the callbacks of EvalCallback."""

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from stable_baselines3 import SAC
from stable_baselines3.common.callbacks import BaseCallback, EvalCallback, StopTrainingOnNoModelImprovement
from stable_baselines3.common.monitor import Monitor


class Flat(gym.Env):
    """Every step gives the same reward: no policy is better than another."""

    observation_space = spaces.Box(-1.0, 1.0, shape=(2,), dtype=np.float32)
    action_space = spaces.Box(-1.0, 1.0, shape=(1,), dtype=np.float32)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return np.zeros(2, dtype=np.float32), {}

    def step(self, action):
        self.steps += 1
        return np.full(2, self.steps / 10, dtype=np.float32), 1.0, self.steps >= 10, False, {}


class NewBest(BaseCallback):
    """Counts the new bests."""

    def _on_step(self):
        return True


stop = StopTrainingOnNoModelImprovement(max_no_improvement_evals=2, min_evals=1, verbose=1)
new_best = NewBest()
evaluation = EvalCallback(
    Monitor(Flat()),
    callback_after_eval=stop,
    callback_on_new_best=new_best,
    eval_freq=30,
    n_eval_episodes=2,
    verbose=1,
)
model = SAC("MlpPolicy", Flat(), learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
model.learn(5000, callback=evaluation)

assert evaluation.best_mean_reward == 10.0
assert new_best.n_calls == 1
# The first evaluation does not count. The third one without improvement after it stops the training.
assert stop.n_calls == 4
assert model.num_timesteps == 4 * 30
