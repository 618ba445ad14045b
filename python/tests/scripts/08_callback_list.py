"""Chains callbacks with CallbackList and with a plain list; one callback stops the training."""

import os

from stable_baselines3 import SAC
from stable_baselines3.common.callbacks import BaseCallback, CallbackList, CheckpointCallback


class Counter(BaseCallback):
    """Stops the training after `limit` steps."""

    def __init__(self, limit):
        super().__init__()
        self.limit = limit
        self.ended = False

    def _on_step(self):
        return self.n_calls < self.limit

    def _on_training_end(self):
        self.ended = True


def new_model():
    return SAC(
        "MlpPolicy", "Pendulum-v1", learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32])
    )


first, second = Counter(10_000), Counter(120)
callback = CallbackList([CheckpointCallback(save_freq=60, save_path="a"), first, second])
model = new_model()
model.learn(10_000, callback=callback)
assert model.num_timesteps == 120
# Every callback is called for the last step, also those after the one that stops.
assert first.n_calls == 120 and second.n_calls == 120
assert first.ended and second.ended
assert sorted(os.listdir("a")) == ["rl_model_120_steps.zip", "rl_model_60_steps.zip"]

third, fourth = Counter(80), Counter(10_000)
model = new_model()
model.learn(10_000, callback=[third, fourth])
assert model.num_timesteps == 80
assert third.n_calls == 80 and fourth.n_calls == 80
