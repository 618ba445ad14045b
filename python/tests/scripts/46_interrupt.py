"""Interrupts a training with KeyboardInterrupt, saves the model and resumes it."""

import os

import numpy as np

from stable_baselines3 import SAC
from stable_baselines3.common.callbacks import BaseCallback


class PressCtrlC(BaseCallback):
    """Raises KeyboardInterrupt after 130 steps."""

    def _on_step(self):
        if self.n_calls == 130:
            raise KeyboardInterrupt
        return True


class Mistake(BaseCallback):
    """A callback with a mistake in it."""

    def _on_step(self):
        return self.locals["no_such_name"]


model = SAC("MlpPolicy", "Pendulum-v1", learning_starts=50, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))
was_interrupted = False
try:
    model.learn(total_timesteps=100_000, callback=PressCtrlC())
except KeyboardInterrupt:
    was_interrupted = True
finally:
    model.save("interrupted")
assert was_interrupted
assert os.path.isfile("interrupted.zip")
assert model.num_timesteps == 130

resumed = SAC.load("interrupted", env=model.get_env())
resumed.learn(total_timesteps=40, reset_num_timesteps=False)
assert resumed.num_timesteps == 170

# The interrupted model can continue as well.
model.learn(total_timesteps=20, reset_num_timesteps=False)
assert model.num_timesteps == 150
assert np.isfinite(model.predict(np.zeros(3, dtype=np.float32))[0]).all()

# learn raises the exception of a callback unchanged.
try:
    model.learn(total_timesteps=10, callback=Mistake())
except KeyError as error:
    assert error.args == ("no_such_name",)
else:
    raise SystemExit("the exception of the callback was lost")
