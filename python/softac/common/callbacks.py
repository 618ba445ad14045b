"""Callbacks of a training."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from .callback_base import BaseCallback, CallbackList, ConvertCallback, EventCallback, as_callback
from .callback_eval import EvalCallback, StopTrainingOnNoModelImprovement, StopTrainingOnRewardThreshold
from .optional import optional

__all__ = [
    "BaseCallback",
    "CallbackList",
    "CheckpointCallback",
    "ConvertCallback",
    "EvalCallback",
    "EventCallback",
    "EveryNTimesteps",
    "LogEveryNTimesteps",
    "ProgressBarCallback",
    "StopTrainingOnMaxEpisodes",
    "StopTrainingOnNoModelImprovement",
    "StopTrainingOnRewardThreshold",
    "as_callback",
]


class CheckpointCallback(BaseCallback):
    """
    Saves the model regularly, as `{name_prefix}_{steps}_steps.zip`.

    :param save_freq: calls between two checkpoints; each call is one step of all environments
    :param save_path: folder of the checkpoints
    :param name_prefix: beginning of the names
    :param save_replay_buffer: saves the replay buffer, too
    :param save_vecnormalize: saves the statistics of `VecNormalize`, too
    :param verbose: 2 prints each path
    """

    def __init__(
        self,
        save_freq: int,
        save_path: str,
        name_prefix: str = "rl_model",
        save_replay_buffer: bool = False,
        save_vecnormalize: bool = False,
        verbose: int = 0,
    ) -> None:
        super().__init__(verbose)
        if save_freq < 1:
            raise ValueError(f"save_freq is {save_freq}: it must be at least 1")
        self.save_freq = save_freq
        self.save_path, self.name_prefix = save_path, name_prefix
        self.save_replay_buffer, self.save_vecnormalize = save_replay_buffer, save_vecnormalize

    def _init_callback(self) -> None:
        os.makedirs(self.save_path, exist_ok=True)

    def _checkpoint_path(self, checkpoint_type: str = "", extension: str = "") -> str:
        """The path of a checkpoint, for example of the type `replay_buffer_`."""
        name = f"{self.name_prefix}_{checkpoint_type}{self.num_timesteps}_steps.{extension}"
        return os.path.join(self.save_path, name)

    def _on_step(self) -> bool:
        if self.n_calls % self.save_freq != 0:
            return True
        self._save(self.model.save, "", "zip")
        if self.save_replay_buffer and getattr(self.model, "replay_buffer", None) is not None:
            self._save(self.model.save_replay_buffer, "replay_buffer_", "pkl")
        vec_normalize = self.model.get_vec_normalize_env()
        if self.save_vecnormalize and vec_normalize is not None:
            self._save(vec_normalize.save, "vecnormalize_", "pkl")
        return True

    def _save(self, save: Any, kind: str, extension: str) -> None:
        path = self._checkpoint_path(kind, extension)
        save(path)
        if self.verbose >= 2:
            print(f"Checkpoint saved to {path}")


class EveryNTimesteps(EventCallback):
    """
    Calls a callback regularly.

    :param n_steps: environment steps between two calls
    :param callback: the callback
    """

    def __init__(self, n_steps: int, callback: Any) -> None:
        super().__init__(callback)
        self.n_steps = n_steps
        self.last_time_trigger = 0

    def _on_step(self) -> bool:
        if self.num_timesteps - self.last_time_trigger < self.n_steps:
            return True
        self.last_time_trigger = self.num_timesteps
        return self._on_event()


class LogEveryNTimesteps(EveryNTimesteps):
    """
    Writes a row of the log regularly.

    :param n_steps: environment steps between two rows
    """

    def __init__(self, n_steps: int) -> None:
        super().__init__(n_steps, ConvertCallback(self._log_data))

    def _log_data(self, _locals: dict[str, Any], _globals: dict[str, Any]) -> bool:
        self.model.dump_logs()
        return True


class StopTrainingOnMaxEpisodes(BaseCallback):
    """
    Stops the training after a number of episodes.

    :param max_episodes: number of episodes, times the number of environments
    :param verbose: 1 prints the reason
    """

    def __init__(self, max_episodes: int, verbose: int = 0) -> None:
        super().__init__(verbose)
        self.max_episodes = max_episodes
        self.n_episodes = 0
        self._total_max_episodes = max_episodes

    def _init_callback(self) -> None:
        self._total_max_episodes = self.max_episodes * self.training_env.num_envs

    def _on_step(self) -> bool:
        if "dones" not in self.locals:
            raise ValueError("the training has no local variable `dones`: call update_locals with it before on_step")
        self.n_episodes += int(np.sum(self.locals["dones"]))
        if self.n_episodes < self._total_max_episodes:
            return True
        if self.verbose >= 1:
            print(f"Training stops after {self.num_timesteps} steps: {self.n_episodes} episodes have ended")
        return False


class ProgressBarCallback(BaseCallback):
    """Shows a progress bar of the training (`pip install softac[extra]`)."""

    def __init__(self) -> None:
        super().__init__()
        self._make_bar = optional("tqdm").tqdm
        self.pbar: Any = None

    def _on_training_start(self) -> None:
        self.pbar = self._make_bar(total=self.model._total_timesteps - self.model.num_timesteps)

    def _on_step(self) -> bool:
        self.pbar.update(self.training_env.num_envs)
        return True

    def _on_training_end(self) -> None:
        self.pbar.refresh()
        self.pbar.close()
