"""Triggers a callback every n time steps with EveryNTimesteps, with one and four environments."""

import os

from stable_baselines3 import SAC
from stable_baselines3.common.callbacks import BaseCallback, CheckpointCallback, EveryNTimesteps
from stable_baselines3.common.env_util import make_vec_env


class Note(BaseCallback):
    """Records the time step of each call."""

    def __init__(self):
        super().__init__()
        self.times = []

    def _on_step(self):
        self.times.append(self.num_timesteps)
        return True


settings = dict(learning_starts=100, batch_size=64, policy_kwargs=dict(net_arch=[32, 32]))

checkpoint_on_event = CheckpointCallback(save_freq=1, save_path="./events/")
event_callback = EveryNTimesteps(n_steps=90, callback=checkpoint_on_event)
model = SAC("MlpPolicy", "Pendulum-v1", **settings)
model.learn(200, callback=event_callback)
assert sorted(os.listdir("events")) == ["rl_model_180_steps.zip", "rl_model_90_steps.zip"]
assert checkpoint_on_event.n_calls == 2
assert checkpoint_on_event.parent is event_callback

note = Note()
model = SAC("MlpPolicy", make_vec_env("Pendulum-v1", n_envs=4), **settings)
model.learn(300, callback=EveryNTimesteps(n_steps=50, callback=note))
# With four environments, a call comes every fourth step.
assert note.times == [52, 104, 156, 208, 260], note.times
