"""Subclasses BaseCallback: counts the calls of each hook, reads the locals and records custom values."""

import gymnasium as gym
import numpy as np

from stable_baselines3 import SAC
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import VecEnv


class WatchCallback(BaseCallback):
    """Sums up rewards and counts episodes by itself."""

    def __init__(self, verbose=0):
        super().__init__(verbose)
        self.events = {"training_start": 0, "rollout_start": 0, "rollout_end": 0, "training_end": 0}
        self.rewards = []
        self.episodes = []

    def _on_training_start(self):
        self.events["training_start"] += 1
        assert isinstance(self.training_env, VecEnv)
        assert self.locals["total_timesteps"] == 300

    def _on_rollout_start(self):
        self.events["rollout_start"] += 1

    def _on_step(self) -> bool:
        rewards, dones, infos = self.locals["rewards"], self.locals["dones"], self.locals["infos"]
        assert rewards.shape == (1,) and dones.shape == (1,) and len(infos) == 1
        assert self.n_calls == self.num_timesteps == self.model.num_timesteps
        self.rewards.append(float(rewards[0]))
        if dones[0]:
            self.episodes.append(infos[0]["episode"])
        self.logger.record("custom/reward", float(rewards[0]))
        self.logger.record_mean("custom/mean_reward", float(rewards[0]))
        assert self.logger.name_to_value["custom/reward"] == float(rewards[0])
        return True

    def _on_rollout_end(self):
        self.events["rollout_end"] += 1

    def _on_training_end(self):
        self.events["training_end"] += 1


env = gym.make("Pendulum-v1", max_episode_steps=75)
model = SAC("MlpPolicy", env, learning_starts=100, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
callback = WatchCallback()
model.learn(300, callback=callback)

assert callback.events == {"training_start": 1, "rollout_start": 300, "rollout_end": 300, "training_end": 1}
assert callback.n_calls == 300 and callback.num_timesteps == 300 and callback.model is model
assert [episode["l"] for episode in callback.episodes] == [75, 75, 75, 75]
assert np.isclose(sum(episode["r"] for episode in callback.episodes), sum(callback.rewards), rtol=1e-4)
