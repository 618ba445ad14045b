"""Evaluations during a training, and callbacks that stop the training by their results."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from .callback_base import BaseCallback, EventCallback
from .evaluation import evaluate_policy


class EvalCallback(EventCallback):
    """
    Evaluates the model regularly, and keeps the best one.

    :param eval_env: environment of the evaluations, vectorised or not
    :param callback_on_new_best: callback for each model that is the best so far
    :param callback_after_eval: callback after each evaluation
    :param n_eval_episodes: episodes of an evaluation
    :param eval_freq: calls between two evaluations; each call is one step of all environments
    :param log_path: folder of the results, `evaluations.npz`; None writes none
    :param best_model_save_path: folder of the best model, `best_model.zip`; None saves none
    :param deterministic: uses the actions without noise
    :param render: renders the evaluations
    :param verbose: 0 prints nothing, 1 the results
    :param warn: warns if the environment has no `Monitor`
    """

    def __init__(
        self,
        eval_env: Any,
        callback_on_new_best: Any = None,
        callback_after_eval: Any = None,
        n_eval_episodes: int = 5,
        eval_freq: int = 10000,
        log_path: str | None = None,
        best_model_save_path: str | None = None,
        deterministic: bool = True,
        render: bool = False,
        verbose: int = 1,
        warn: bool = True,
    ) -> None:
        from .vec_env import as_vec_env

        self.callback_on_new_best = callback_on_new_best
        super().__init__(callback_after_eval, verbose)
        self.eval_env = as_vec_env(eval_env)
        self.n_eval_episodes, self.eval_freq = n_eval_episodes, eval_freq
        self.deterministic, self.render, self.warn = deterministic, render, warn
        self.best_model_save_path = best_model_save_path
        self.log_path = None if log_path is None else os.path.join(log_path, "evaluations")
        self.best_mean_reward = -np.inf
        self.last_mean_reward = -np.inf
        # A row for each evaluation.
        self.evaluations_timesteps: list[int] = []
        self.evaluations_results: list[list[float]] = []
        self.evaluations_length: list[list[int]] = []
        self.evaluations_successes: list[list[bool]] = []
        self._is_success_buffer: list[bool] = []

    def _children(self) -> list[Any]:
        new_best = [] if self.callback_on_new_best is None else [self.callback_on_new_best]
        return [*new_best, *super()._children()]

    def _init_callback(self) -> None:
        for folder in (self.best_model_save_path, self.log_path and os.path.dirname(self.log_path)):
            if folder:
                os.makedirs(folder, exist_ok=True)
        # An error about different wrappers is of more use now than at the first evaluation.
        self._sync()

    def _sync(self) -> None:
        """Gives the statistics of the training to the environment of the evaluations."""
        from .vec_env import sync_envs_normalization

        if self.model.get_vec_normalize_env() is not None:
            sync_envs_normalization(self.training_env, self.eval_env)

    def _log_success_callback(self, locals_: dict[str, Any], globals_: dict[str, Any]) -> None:
        """Collects `is_success` at the end of each episode."""
        if locals_["done"] and locals_["info"].get("is_success") is not None:
            self._is_success_buffer.append(bool(locals_["info"]["is_success"]))

    def _on_step(self) -> bool:
        if self.eval_freq <= 0 or self.n_calls % self.eval_freq != 0:
            return True
        self._sync()
        self._is_success_buffer = []
        returns, lengths = evaluate_policy(
            self.model,
            self.eval_env,
            n_eval_episodes=self.n_eval_episodes,
            deterministic=self.deterministic,
            render=self.render,
            callback=self._log_success_callback,
            return_episode_rewards=True,
            warn=self.warn,
        )
        self.last_mean_reward = float(np.mean(returns))
        self._keep(returns, lengths)
        self._report(returns, lengths)
        goes_on = True
        if self.last_mean_reward > self.best_mean_reward:
            goes_on = self._on_new_best()
        return goes_on and self._on_event()

    def _keep(self, returns: list[float], lengths: list[int]) -> None:
        """Writes all evaluations so far."""
        if self.log_path is None:
            return
        self.evaluations_timesteps.append(self.num_timesteps)
        self.evaluations_results.append(returns)
        self.evaluations_length.append(lengths)
        rows: dict[str, Any] = {
            "timesteps": self.evaluations_timesteps,
            "results": self.evaluations_results,
            "ep_lengths": self.evaluations_length,
        }
        if self._is_success_buffer:
            self.evaluations_successes.append(self._is_success_buffer)
            rows["successes"] = self.evaluations_successes
        np.savez(self.log_path, **rows)

    def _report(self, returns: list[float], lengths: list[int]) -> None:
        """Prints and logs an evaluation."""
        if self.verbose >= 1:
            print(f"Eval num_timesteps={self.num_timesteps}, episode_reward={np.mean(returns):.2f} +/- {np.std(returns):.2f}")
            print(f"Episode length: {np.mean(lengths):.2f} +/- {np.std(lengths):.2f}")
        self.logger.record("eval/mean_reward", self.last_mean_reward)
        self.logger.record("eval/mean_ep_length", float(np.mean(lengths)))
        if self._is_success_buffer:
            rate = float(np.mean(self._is_success_buffer))
            if self.verbose >= 1:
                print(f"Success rate: {100 * rate:.2f}%")
            self.logger.record("eval/success_rate", rate)
        self.logger.record("time/total_timesteps", self.num_timesteps, exclude="tensorboard")
        self.logger.dump(self.num_timesteps)

    def _on_new_best(self) -> bool:
        """Keeps the model; False stops the training."""
        if self.verbose >= 1:
            print("New best mean reward!")
        if self.best_model_save_path is not None:
            self.model.save(os.path.join(self.best_model_save_path, "best_model"))
        self.best_mean_reward = self.last_mean_reward
        return True if self.callback_on_new_best is None else bool(self.callback_on_new_best.on_step())


def _evaluation_of(callback: BaseCallback, argument: str) -> Any:
    """The `EvalCallback` around a callback."""
    if not hasattr(callback.parent, "best_mean_reward"):
        raise ValueError(f"{type(callback).__name__} needs an EvalCallback: give it as EvalCallback({argument}=…)")
    return callback.parent


class StopTrainingOnRewardThreshold(BaseCallback):
    """
    Stops the training at a mean return; for `EvalCallback(callback_on_new_best=…)`.

    :param reward_threshold: mean return that is high enough
    :param verbose: 1 prints the reason
    """

    def __init__(self, reward_threshold: float, verbose: int = 0) -> None:
        super().__init__(verbose)
        self.reward_threshold = reward_threshold

    def _on_step(self) -> bool:
        best = _evaluation_of(self, "callback_on_new_best").best_mean_reward
        if best < self.reward_threshold:
            return True
        if self.verbose >= 1:
            print(f"Training stops: the mean reward {best:.2f} has reached the threshold {self.reward_threshold}")
        return False


class StopTrainingOnNoModelImprovement(BaseCallback):
    """
    Stops the training after evaluations without a new best model; for `EvalCallback(callback_after_eval=…)`.

    :param max_no_improvement_evals: largest number of successive evaluations without a new best model
    :param min_evals: number of first evaluations that do not count
    :param verbose: 1 prints the reason
    """

    def __init__(self, max_no_improvement_evals: int, min_evals: int = 0, verbose: int = 0) -> None:
        super().__init__(verbose)
        self.max_no_improvement_evals, self.min_evals = max_no_improvement_evals, min_evals
        self.last_best_mean_reward = -np.inf
        self.no_improvement_evals = 0

    def _on_step(self) -> bool:
        best = _evaluation_of(self, "callback_after_eval").best_mean_reward
        if self.n_calls > self.min_evals:
            is_better = best > self.last_best_mean_reward
            self.no_improvement_evals = 0 if is_better else self.no_improvement_evals + 1
        self.last_best_mean_reward = best
        if self.no_improvement_evals <= self.max_no_improvement_evals:
            return True
        if self.verbose >= 1:
            print(f"Training stops: the last {self.no_improvement_evals} evaluations gave no new best model")
        return False
