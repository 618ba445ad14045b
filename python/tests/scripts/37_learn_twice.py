"""Calls learn several times: the step count restarts by default and continues with reset_num_timesteps=False."""

import gymnasium as gym

from stable_baselines3 import SAC
from stable_baselines3.common.callbacks import BaseCallback


class Span(BaseCallback):
    """Records the step count at the start and at the first call."""

    def _on_training_start(self):
        self.start = self.num_timesteps
        self.first = None

    def _on_step(self):
        self.first = self.first or self.num_timesteps
        return True


env = gym.make("Pendulum-v1", max_episode_steps=60)
model = SAC("MlpPolicy", env, learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))

span = Span()
model.learn(100, callback=span)
assert model.num_timesteps == 100
assert (span.start, span.first, span.num_timesteps, span.n_calls) == (0, 1, 100, 100)
assert model._n_updates == 50
assert len(model.ep_info_buffer) == 1

# By default the step count restarts, and with it the random warm-up. The buffer and the update count are kept.
span = Span()
model.learn(100, callback=span)
assert model.num_timesteps == 100
assert (span.start, span.first, span.num_timesteps, span.n_calls) == (0, 1, 100, 100)
assert model._n_updates == 100
assert model.replay_buffer.size() == 200
assert len(model.ep_info_buffer) == 1

# Without the reset, the step count and the unfinished episode of 40 steps continue.
span = Span()
model.learn(100, callback=span, reset_num_timesteps=False)
assert model.num_timesteps == 200
assert (span.start, span.first, span.num_timesteps, span.n_calls) == (100, 101, 200, 100)
assert model._n_updates == 200
assert model.replay_buffer.size() == 300
assert [info["l"] for info in model.ep_info_buffer] == [60, 60, 60]
