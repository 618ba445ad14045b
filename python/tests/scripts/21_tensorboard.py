"""Logs to TensorBoard with a run name and a custom value, and reads the event files."""
# needs: tensorboard

import os

import gymnasium as gym
import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from stable_baselines3 import SAC
from stable_baselines3.common.callbacks import BaseCallback


class TensorboardCallback(BaseCallback):
    """Logs a random value."""

    def _on_step(self):
        self.logger.record("random_value", float(np.random.random()))
        return True


env = gym.make("Pendulum-v1", max_episode_steps=50)
model = SAC(
    "MlpPolicy",
    env,
    learning_starts=50,
    batch_size=64,
    policy_kwargs=dict(net_arch=[32, 32]),
    tensorboard_log="./sac_tensorboard/",
)
model.learn(total_timesteps=200, tb_log_name="first_run", callback=TensorboardCallback(), log_interval=2)
# Without the reset, the run continues in its folder. With the reset, a new folder is made.
model.learn(total_timesteps=100, tb_log_name="first_run", reset_num_timesteps=False, log_interval=2)
model.learn(total_timesteps=100, tb_log_name="first_run", log_interval=2)
assert sorted(os.listdir("sac_tensorboard")) == ["first_run_1", "first_run_2"]

events = EventAccumulator("sac_tensorboard/first_run_1")
events.Reload()
tags = set(events.Tags()["scalars"])
assert {
    "rollout/ep_rew_mean",
    "rollout/ep_len_mean",
    "time/fps",
    "train/actor_loss",
    "train/critic_loss",
    "train/ent_coef",
    "train/ent_coef_loss",
    "train/learning_rate",
    "random_value",
} <= tags, tags
lengths = events.Scalars("rollout/ep_len_mean")
assert [event.step for event in lengths] == [100, 200, 300]
assert all(event.value == 50.0 for event in lengths)
losses = [event.value for event in events.Scalars("train/actor_loss")]
assert len(losses) == 3 and np.isfinite(losses).all()
