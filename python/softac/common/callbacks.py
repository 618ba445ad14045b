"""Callbacks: functions that are called in the course of a training, and can end it."""

from __future__ import annotations

import os
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np


class BaseCallback(ABC):
    """
    A callback. A subclass has the methods that begin with `_on_`.

    Attributes: `model`, `training_env`, `logger`, `n_calls`, `num_timesteps`, `locals`, `globals`, `parent`.

    :param verbose: 1 prints what it does
    """

    model: Any

    def __init__(self, verbose: int = 0) -> None:
        self.n_calls = 0
        self.num_timesteps = 0
        self.verbose = verbose
        self.locals: dict[str, Any] = {}
        self.globals: dict[str, Any] = {}
        self.parent: BaseCallback | None = None

    @property
    def training_env(self) -> Any:
        """The vectorised environment of the training."""
        return self.model.get_env()

    @property
    def logger(self) -> Any:
        """The logger of the training."""
        return self.model.logger

    def init_callback(self, model: Any) -> None:
        """Gives it the model."""
        self.model = model
        self._init_callback()

    def _init_callback(self) -> None:
        pass

    def on_training_start(self, locals_: dict[str, Any], globals_: dict[str, Any]) -> None:
        """Called before the first step."""
        self.locals, self.globals = locals_, globals_
        self.num_timesteps = self.model.num_timesteps
        self._on_training_start()

    def _on_training_start(self) -> None:
        pass

    def on_rollout_start(self) -> None:
        """Called before the steps between two rounds of updates."""
        self._on_rollout_start()

    def _on_rollout_start(self) -> None:
        pass

    def on_step(self) -> bool:
        """Called after every step of all environments; False ends the training."""
        self.n_calls += 1
        self.num_timesteps = self.model.num_timesteps
        return self._on_step()

    @abstractmethod
    def _on_step(self) -> bool:
        """What is done after every step; False ends the training."""

    def on_rollout_end(self) -> None:
        """Called before a round of updates."""
        self._on_rollout_end()

    def _on_rollout_end(self) -> None:
        pass

    def on_training_end(self) -> None:
        """Called after the last step."""
        self._on_training_end()

    def _on_training_end(self) -> None:
        pass

    def update_locals(self, locals_: dict[str, Any]) -> None:
        """Shows it the variables of the training."""
        self.locals.update(locals_)
        self.update_child_locals(locals_)

    def update_child_locals(self, locals_: dict[str, Any]) -> None:
        """Shows them to callbacks that it calls itself."""


class EventCallback(BaseCallback):
    """A callback that calls another one when something happens."""

    def __init__(self, callback: BaseCallback | None = None, verbose: int = 0) -> None:
        super().__init__(verbose)
        self.callback = callback
        if callback is not None:
            callback.parent = self

    def init_callback(self, model: Any) -> None:
        super().init_callback(model)
        if self.callback is not None:
            self.callback.init_callback(model)

    def _on_training_start(self) -> None:
        if self.callback is not None:
            self.callback.on_training_start(self.locals, self.globals)

    def _on_event(self) -> bool:
        return self.callback.on_step() if self.callback is not None else True

    def _on_step(self) -> bool:
        return True

    def update_child_locals(self, locals_: dict[str, Any]) -> None:
        if self.callback is not None:
            self.callback.update_locals(locals_)


class CallbackList(BaseCallback):
    """Several callbacks, called in their order."""

    def __init__(self, callbacks: list[BaseCallback]) -> None:
        super().__init__()
        self.callbacks = callbacks

    def _init_callback(self) -> None:
        for callback in self.callbacks:
            callback.init_callback(self.model)
            callback.parent = self.parent

    def _on_training_start(self) -> None:
        for callback in self.callbacks:
            callback.on_training_start(self.locals, self.globals)

    def _on_rollout_start(self) -> None:
        for callback in self.callbacks:
            callback.on_rollout_start()

    def _on_step(self) -> bool:
        # All are called, also after one that ends the training.
        return all([callback.on_step() for callback in self.callbacks])

    def _on_rollout_end(self) -> None:
        for callback in self.callbacks:
            callback.on_rollout_end()

    def _on_training_end(self) -> None:
        for callback in self.callbacks:
            callback.on_training_end()

    def update_child_locals(self, locals_: dict[str, Any]) -> None:
        for callback in self.callbacks:
            callback.update_locals(locals_)


class ConvertCallback(BaseCallback):
    """A function of `locals` and `globals` as a callback; False ends the training."""

    def __init__(self, callback: Callable[[dict[str, Any], dict[str, Any]], bool] | None, verbose: int = 0) -> None:
        super().__init__(verbose)
        self.callback = callback

    def _on_step(self) -> bool:
        return self.callback(self.locals, self.globals) is not False if self.callback is not None else True


def as_callback(callback: Any) -> Any:
    """The callback that a script gives: one, a list of them, a function, or none."""
    if hasattr(callback, "init_callback") and hasattr(callback, "on_step"):
        return callback
    if isinstance(callback, (list, tuple)):
        return CallbackList([as_callback(each) for each in callback])
    if callback is None or callable(callback):
        return ConvertCallback(callback)
    raise TypeError(f"{type(callback).__name__} is no callback: it must be a BaseCallback, a list of them, or a function")


class CheckpointCallback(BaseCallback):
    """
    Saves the model every so many calls.

    :param save_freq: calls between two files; each is a step of all environments
    :param save_path: their folder
    :param name_prefix: what their names begin with
    :param save_replay_buffer: saves the replay buffer, too
    :param save_vecnormalize: saves the statistics of `VecNormalize`, too
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
        self.save_freq, self.save_path, self.name_prefix = save_freq, str(save_path), name_prefix
        self.save_replay_buffer, self.save_vecnormalize = save_replay_buffer, save_vecnormalize

    def _init_callback(self) -> None:
        os.makedirs(self.save_path, exist_ok=True)

    def _path(self, what: str, extension: str) -> str:
        return os.path.join(self.save_path, f"{self.name_prefix}_{what}{self.num_timesteps}_steps.{extension}")

    def _on_step(self) -> bool:
        if self.n_calls % self.save_freq != 0:
            return True
        self.model.save(self._path("", "zip"))
        if self.save_replay_buffer:
            self.model.save_replay_buffer(self._path("replay_buffer_", "pkl"))
        normalised = self.model.get_vec_normalize_env()
        if self.save_vecnormalize and normalised is not None:
            normalised.save(self._path("vecnormalize_", "pkl"))
        if self.verbose > 1:
            print(f"Saving model checkpoint to {self._path('', 'zip')}")
        return True


class EvalCallback(EventCallback):
    """
    Evaluates the policy every so many calls, and keeps the best model.

    :param eval_env: an environment of its own, single or vectorised
    :param callback_on_new_best: called when a mean return is the best so far
    :param callback_after_eval: called after every evaluation
    :param n_eval_episodes: episodes of an evaluation
    :param eval_freq: calls between two evaluations
    :param log_path: folder of `evaluations.npz`
    :param best_model_save_path: folder of `best_model.zip`
    :param deterministic: the policy's own actions instead of those with noise
    """

    def __init__(
        self,
        eval_env: Any,
        callback_on_new_best: BaseCallback | None = None,
        callback_after_eval: BaseCallback | None = None,
        n_eval_episodes: int = 5,
        eval_freq: int = 10_000,
        log_path: str | None = None,
        best_model_save_path: str | None = None,
        deterministic: bool = True,
        render: bool = False,
        verbose: int = 1,
        warn: bool = True,
    ) -> None:
        super().__init__(callback_after_eval, verbose)
        from ..environments import as_monitored

        self.callback_on_new_best = callback_on_new_best
        if callback_on_new_best is not None:
            callback_on_new_best.parent = self
        self.eval_env, is_monitored = as_monitored(eval_env)
        if warn and not is_monitored:
            warnings.warn("the environment of evaluations has no Monitor", UserWarning, stacklevel=2)
        self.n_eval_episodes, self.eval_freq = n_eval_episodes, eval_freq
        self.best_mean_reward = self.last_mean_reward = -np.inf
        self.deterministic, self.render = deterministic, render
        self.best_model_save_path = best_model_save_path
        self.log_path = os.path.join(log_path, "evaluations") if log_path is not None else None
        self.evaluations_timesteps: list[int] = []
        self.evaluations_results: list[list[float]] = []
        self.evaluations_length: list[list[int]] = []
        self.evaluations_successes: list[list[bool]] = []
        self._is_success_buffer: list[bool] = []

    def _init_callback(self) -> None:
        folders = [self.best_model_save_path, os.path.dirname(self.log_path) if self.log_path else None]
        for folder in folders:
            if folder:
                os.makedirs(folder, exist_ok=True)
        if self.callback_on_new_best is not None:
            self.callback_on_new_best.init_callback(self.model)

    def _log_success_callback(self, locals_: dict[str, Any], globals_: dict[str, Any]) -> None:
        success = locals_["info"].get("is_success") if locals_["done"] else None
        if success is not None:
            self._is_success_buffer.append(bool(success))

    def _on_step(self) -> bool:
        if self.eval_freq <= 0 or self.n_calls % self.eval_freq != 0:
            return True
        rewards, lengths = self._evaluate()
        self._keep(rewards, lengths)
        mean, deviation, length = float(np.mean(rewards)), float(np.std(rewards)), float(np.mean(lengths))
        self.last_mean_reward = mean
        if self.verbose >= 1:
            print(f"Eval num_timesteps={self.num_timesteps}, episode_reward={mean:.2f} +/- {deviation:.2f}")
            print(f"Episode length: {length:.2f} +/- {np.std(lengths):.2f}")
        self.logger.record("eval/mean_reward", mean)
        self.logger.record("eval/mean_ep_length", length)
        if self._is_success_buffer:
            self.logger.record("eval/success_rate", float(np.mean(self._is_success_buffer)))
        self.logger.record("time/total_timesteps", self.num_timesteps, exclude="tensorboard")
        self.logger.dump(self.num_timesteps)
        goes_on = True
        if mean > self.best_mean_reward:
            if self.verbose >= 1:
                print("New best mean reward!")
            if self.best_model_save_path is not None:
                self.model.save(os.path.join(self.best_model_save_path, "best_model"))
            self.best_mean_reward = mean
            if self.callback_on_new_best is not None:
                goes_on = self.callback_on_new_best.on_step()
        return goes_on and self._on_event()

    def _evaluate(self) -> tuple[list[float], list[int]]:
        from .evaluation import evaluate_policy
        from .vec_env import sync_envs_normalization

        if self.model.get_vec_normalize_env() is not None:
            sync_envs_normalization(self.training_env, self.eval_env)
        self._is_success_buffer = []
        rewards, lengths = evaluate_policy(
            self.model,
            self.eval_env,
            self.n_eval_episodes,
            deterministic=self.deterministic,
            render=self.render,
            callback=self._log_success_callback,
            return_episode_rewards=True,
            warn=False,
        )
        return rewards, lengths

    def _keep(self, rewards: list[float], lengths: list[int]) -> None:
        if self.log_path is None:
            return
        self.evaluations_timesteps.append(self.num_timesteps)
        self.evaluations_results.append(rewards)
        self.evaluations_length.append(lengths)
        more: dict[str, Any] = {}
        if self._is_success_buffer:
            self.evaluations_successes.append(self._is_success_buffer)
            more["successes"] = np.array(self.evaluations_successes)
        np.savez(
            self.log_path,
            timesteps=np.array(self.evaluations_timesteps),
            results=np.array(self.evaluations_results),
            ep_lengths=np.array(self.evaluations_length),
            **more,
        )

    def update_child_locals(self, locals_: dict[str, Any]) -> None:
        super().update_child_locals(locals_)
        if self.callback_on_new_best is not None:
            self.callback_on_new_best.update_locals(locals_)


class StopTrainingOnRewardThreshold(BaseCallback):
    """Ends the training when an evaluation is the best and reaches a mean return; for `callback_on_new_best`."""

    def __init__(self, reward_threshold: float, verbose: int = 0) -> None:
        super().__init__(verbose)
        self.reward_threshold = reward_threshold

    def _on_step(self) -> bool:
        if not isinstance(self.parent, EvalCallback):
            raise ValueError("StopTrainingOnRewardThreshold is called by an EvalCallback: give it as callback_on_new_best")
        reached = bool(self.parent.best_mean_reward >= self.reward_threshold)
        if reached and self.verbose >= 1:
            print(f"Stopping training because the mean reward {self.parent.best_mean_reward:.2f} is above the threshold")
        return not reached


class StopTrainingOnNoModelImprovement(BaseCallback):
    """
    Ends the training after so many evaluations in a row without a new best model; for `callback_after_eval`.

    :param min_evals: evaluations before it begins to count
    """

    def __init__(self, max_no_improvement_evals: int, min_evals: int = 0, verbose: int = 0) -> None:
        super().__init__(verbose)
        self.max_no_improvement_evals, self.min_evals = max_no_improvement_evals, min_evals
        self.last_best_mean_reward = -np.inf
        self.no_improvement_evals = 0

    def _on_step(self) -> bool:
        if not isinstance(self.parent, EvalCallback):
            raise ValueError("StopTrainingOnNoModelImprovement is called by an EvalCallback: give it as callback_after_eval")
        best = self.parent.best_mean_reward
        if self.n_calls > self.min_evals:
            self.no_improvement_evals = 0 if best > self.last_best_mean_reward else self.no_improvement_evals + 1
        self.last_best_mean_reward = best
        ends = self.no_improvement_evals > self.max_no_improvement_evals
        if ends and self.verbose >= 1:
            print(f"Stopping training because {self.no_improvement_evals} evaluations brought no improvement")
        return not ends


class StopTrainingOnMaxEpisodes(BaseCallback):
    """Ends the training after so many episodes of each environment."""

    def __init__(self, max_episodes: int, verbose: int = 0) -> None:
        super().__init__(verbose)
        self.max_episodes, self._total_max_episodes = max_episodes, max_episodes
        self.n_episodes = 0

    def _init_callback(self) -> None:
        self._total_max_episodes = self.max_episodes * self.training_env.num_envs

    def _on_step(self) -> bool:
        self.n_episodes += int(np.sum(self.locals["dones"]))
        ends = self.n_episodes >= self._total_max_episodes
        if ends and self.verbose >= 1:
            print(f"Stopping training after {self.n_episodes} episodes")
        return not ends


class EveryNTimesteps(EventCallback):
    """Calls another callback every so many steps."""

    def __init__(self, n_steps: int, callback: BaseCallback) -> None:
        super().__init__(callback)
        self.n_steps, self.last_time_trigger = n_steps, 0

    def _on_step(self) -> bool:
        if self.num_timesteps - self.last_time_trigger < self.n_steps:
            return True
        self.last_time_trigger = self.num_timesteps
        return self._on_event()


class LogEveryNTimesteps(EveryNTimesteps):
    """Writes a row of the log every so many steps."""

    def __init__(self, n_steps: int) -> None:
        super().__init__(n_steps, ConvertCallback(None))

    def _on_event(self) -> bool:
        self.model.dump_logs()
        return True


class ProgressBarCallback(BaseCallback):
    """Shows a progress bar."""

    def __init__(self) -> None:
        super().__init__()
        try:
            import tqdm
        except ImportError as error:
            raise ImportError("the progress bar needs the package tqdm: pip install softac[extra]") from error
        self._make = tqdm.tqdm

    def _on_training_start(self) -> None:
        self.pbar = self._make(total=self.model._total_timesteps - self.model.num_timesteps)
        self._shown = self.model.num_timesteps

    def _on_step(self) -> bool:
        self.pbar.update(self.num_timesteps - self._shown)
        self._shown = self.num_timesteps
        return True

    def _on_training_end(self) -> None:
        self.pbar.close()
