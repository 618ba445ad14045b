"""Callbacks and evaluations."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import Count, Model
from softac.common.callbacks import (
    BaseCallback,
    CallbackList,
    CheckpointCallback,
    ConvertCallback,
    EvalCallback,
    EveryNTimesteps,
    LogEveryNTimesteps,
    ProgressBarCallback,
    StopTrainingOnMaxEpisodes,
    StopTrainingOnNoModelImprovement,
    StopTrainingOnRewardThreshold,
    as_callback,
)
from softac.common.evaluation import evaluate_policy
from softac.common.logger import KVWriter
from softac.common.monitor import Monitor
from softac.common.vec_env import DummyVecEnv, VecMonitor, VecNormalize


def vectorised(*lengths: int) -> DummyVecEnv:
    """Monitored environments with episodes of these lengths."""
    return DummyVecEnv([partial(lambda length: Monitor(Count(length)), length) for length in lengths])


class Notes(BaseCallback):
    """Notes which methods are called."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def _init_callback(self) -> None:
        self.calls.append("init")

    def _on_training_start(self) -> None:
        self.calls.append("training start")

    def _on_rollout_start(self) -> None:
        self.calls.append("rollout start")

    def _on_step(self) -> bool:
        self.calls.append("step")
        return True

    def _on_rollout_end(self) -> None:
        self.calls.append("rollout end")

    def _on_training_end(self) -> None:
        self.calls.append("training end")


ALL_CALLS = ["init", "training start", "rollout start", "step", "step", "rollout end", "training end"]


class Improves(Model):
    """A model whose returns are given, one for each evaluation."""

    def __init__(self, env: Any, *actions: float) -> None:
        super().__init__(env)
        self.actions = iter(actions)

    def predict(self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = False) -> Any:
        if deterministic and episode_start is not None and episode_start.all():
            self.action = next(self.actions)
        return super().predict(observation, state, episode_start, deterministic)


# The order of calls, and what a callback knows.


def test_methods_are_called_in_order() -> None:
    callback = Notes()
    Model(vectorised(3)).learn(callback, 2)
    assert callback.calls == ALL_CALLS


def test_a_list_calls_each_of_its_callbacks() -> None:
    callbacks = [Notes(), Notes()]
    Model(vectorised(3)).learn(as_callback(callbacks), 2)
    assert [callback.calls for callback in callbacks] == [ALL_CALLS, ALL_CALLS]


def test_a_callback_knows_model_environment_and_variables() -> None:
    env = vectorised(3, 3)
    model, callback = Model(env), Notes()
    model.learn(callback, 2)
    assert callback.model is model and callback.training_env is env and callback.logger is model.logger
    assert (callback.n_calls, callback.num_timesteps) == (2, 4)
    assert callback.locals["total_timesteps"] == 2 and callback.locals["dones"].shape == (2,)
    with pytest.raises(ValueError, match="set_env"):
        callback.model = Model()
        callback.training_env


def test_after_a_callback_that_stops_the_others_run_still() -> None:
    callback = Notes()
    assert Model(vectorised(3)).learn(CallbackList([as_callback(lambda *_: False), callback]), 5) == 1
    assert "step" in callback.calls


def test_a_function_stops_the_training() -> None:
    assert Model(vectorised(3)).learn(as_callback(lambda locals_, _: not locals_["dones"].any()), 10) == 3


def test_nothing_is_a_callback_that_does_nothing() -> None:
    assert Model(vectorised(3)).learn(as_callback(None), 10) == 10


def test_callbacks_of_other_packages_stay_as_they_are() -> None:
    class Foreign:
        """Neither a BaseCallback nor a function."""

        def init_callback(self, model: Any) -> None:
            """Does nothing."""

        def on_step(self) -> bool:
            """Continues."""
            return True

    foreign = Foreign()
    assert as_callback(foreign) is foreign and as_callback([foreign]).callbacks == [foreign]


@pytest.mark.parametrize(("wrong", "advice"), [(Notes, r"give an instance, Notes\(\)"), (3, "give a BaseCallback")])
def test_other_objects_are_refused(wrong: Any, advice: str) -> None:
    with pytest.raises(TypeError, match=advice):
        as_callback(wrong)


# Callbacks that count.


def test_every_n_timesteps_calls_its_callback() -> None:
    callback = Notes()
    Model(vectorised(3, 3)).learn(EveryNTimesteps(6, callback), 10)
    assert callback.calls.count("step") == 3 and "dones" in callback.locals and callback.calls[0] == "init"


def test_log_every_n_timesteps_writes_rows() -> None:
    model = Model(vectorised(3))
    model.learn(LogEveryNTimesteps(4), 10)
    assert model.dumps == 2


def test_training_stops_after_episodes_of_all_environments(capsys: pytest.CaptureFixture[str]) -> None:
    assert Model(vectorised(3, 3)).learn(StopTrainingOnMaxEpisodes(2, verbose=1), 50) == 6
    assert "4 episodes have ended" in capsys.readouterr().out


def test_checkpoints_are_saved(tmp_path: Path) -> None:
    model = Model(VecNormalize(vectorised(3, 3)))
    folder = tmp_path / "checkpoints"
    callback = CheckpointCallback(2, str(folder), "run", save_replay_buffer=True, save_vecnormalize=True)
    model.learn(callback, 4)
    names = [Path(path).name for path in model.saved]
    assert names == ["run_4_steps.zip", "run_replay_buffer_4_steps.pkl", "run_8_steps.zip", "run_replay_buffer_8_steps.pkl"]
    assert sorted(path.name for path in folder.iterdir()) == ["run_vecnormalize_4_steps.pkl", "run_vecnormalize_8_steps.pkl"]
    VecNormalize.load(folder / "run_vecnormalize_8_steps.pkl", vectorised(3))


def test_the_progress_bar_counts_steps(capsys: pytest.CaptureFixture[str]) -> None:
    model = Model(vectorised(3, 3))
    model.num_timesteps, model._total_timesteps = 80, 100
    model.learn(ProgressBarCallback(), 10)
    assert "20/20" in capsys.readouterr().err


def test_a_progress_bar_without_tqdm_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ImportError, match=r"pip install softac\[extra\]"):
        ProgressBarCallback()


# Evaluations during a training.


class Rows(KVWriter):
    """Keeps the rows of a log."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, dict[str, Any]]] = []

    def write(self, key_values: dict[str, Any], key_excluded: Any, step: int = 0) -> None:
        self.rows.append((step, dict(key_values)))


def test_evaluations_are_written_logged_and_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, rows = Improves(vectorised(9), 1.0, 3.0), Rows()
    model.logger.output_formats.append(rows)
    best, log = tmp_path / "best", tmp_path / "log"
    callback = EvalCallback(
        Monitor(Count(4)), n_eval_episodes=3, eval_freq=5, log_path=str(log), best_model_save_path=str(best)
    )
    # Each episode of an evaluation takes one of these actions.
    model.actions = iter([1.0, 1.0, 1.0, 3.0, 3.0, 3.0])
    model.learn(callback, 10)
    with np.load(log / "evaluations.npz") as file:
        assert sorted(file.files) == ["ep_lengths", "results", "successes", "timesteps"]
        assert file["timesteps"].tolist() == [5, 10]
        assert file["results"].tolist() == [[4, 4, 4], [12, 12, 12]]
        assert file["ep_lengths"].tolist() == [[4, 4, 4], [4, 4, 4]]
        assert file["successes"].tolist() == [[True] * 3] * 2
    assert (callback.best_mean_reward, callback.last_mean_reward) == (12, 12)
    assert model.saved == [str(best / "best_model")] * 2 and best.is_dir()
    step, row = rows.rows[-1]
    assert step == 10
    assert row == {
        "eval/mean_reward": 12.0,
        "eval/mean_ep_length": 4.0,
        "eval/success_rate": 1.0,
        "time/total_timesteps": 10,
    }
    out = capsys.readouterr().out
    assert "Eval num_timesteps=10, episode_reward=12.00 +/- 0.00" in out and "New best mean reward!" in out


def test_only_a_better_model_is_kept() -> None:
    model = Improves(vectorised(9), 2.0, 1.0, 3.0)
    best, after = Notes(), Notes()
    callback = EvalCallback(Monitor(Count(1)), best, after, n_eval_episodes=1, eval_freq=2, verbose=0)
    model.learn(callback, 6)
    assert best.calls.count("step") == 2 and after.calls.count("step") == 3
    assert best.parent is callback and after.parent is callback
    assert best.locals is not None and "dones" in best.locals and "dones" in after.locals


def test_training_stops_at_a_threshold(capsys: pytest.CaptureFixture[str]) -> None:
    stop = StopTrainingOnRewardThreshold(2.5, verbose=1)
    callback = EvalCallback(Monitor(Count(1)), stop, n_eval_episodes=1, eval_freq=1, verbose=0)
    assert Improves(vectorised(9), 1.0, 2.0, 3.0, 4.0).learn(callback, 4) == 3
    assert "threshold 2.5" in capsys.readouterr().out


def test_training_stops_without_improvement() -> None:
    stop = CallbackList([StopTrainingOnNoModelImprovement(1, min_evals=2)])
    callback = EvalCallback(Monitor(Count(1)), None, stop, n_eval_episodes=1, eval_freq=1, verbose=0)
    model = Improves(vectorised(99), 5.0, 1.0, 1.0, 6.0, 1.0, 1.0, 9.0)
    assert model.learn(callback, 7) == 6


def test_stop_callbacks_need_an_evaluation() -> None:
    with pytest.raises(ValueError, match="callback_on_new_best"):
        Model(vectorised(3)).learn(StopTrainingOnRewardThreshold(1.0), 1)
    with pytest.raises(ValueError, match="callback_after_eval"):
        Model(vectorised(3)).learn(StopTrainingOnNoModelImprovement(1), 1)


def test_evaluations_use_the_statistics_of_the_training() -> None:
    model = Model(VecNormalize(vectorised(9)))
    evaluation = VecNormalize(vectorised(3), training=False, norm_reward=False)
    model.learn(EvalCallback(evaluation, n_eval_episodes=1, eval_freq=5, verbose=0), 5)
    assert (evaluation.obs_rms.mean == model.env.obs_rms.mean).all() and evaluation.obs_rms.count > 5
    with pytest.raises(ValueError, match="wrap both alike"):
        model.learn(EvalCallback(vectorised(3)), 1)


# evaluate_policy


def test_returns_have_mean_and_deviation() -> None:
    assert evaluate_policy(Model(action=0.5), Monitor(Count(4)), n_eval_episodes=3) == (2.0, 0.0)


def test_episodes_are_dealt_out_evenly() -> None:
    returns, lengths = evaluate_policy(Model(), vectorised(2, 7), n_eval_episodes=5, return_episode_rewards=True)
    assert sorted(lengths) == [2, 2, 7, 7, 7] and sorted(returns) == [2, 2, 7, 7, 7]


def test_returns_are_those_of_the_monitor() -> None:
    env = VecNormalize(vectorised(4), training=False, clip_reward=0.1)
    assert evaluate_policy(Model(), env, n_eval_episodes=2)[0] == 4


def test_without_a_monitor_there_is_a_warning() -> None:
    with pytest.warns(UserWarning, match="no Monitor"):
        assert evaluate_policy(Model(), Count(4), n_eval_episodes=2) == (4.0, 0.0)
    evaluate_policy(Model(), VecMonitor(DummyVecEnv([Count])), n_eval_episodes=1)
    evaluate_policy(Model(), Count(4), n_eval_episodes=1, warn=False)


def test_the_callback_sees_each_step() -> None:
    seen = []
    evaluate_policy(
        Model(), vectorised(2), n_eval_episodes=1, callback=lambda locals_, _: seen.append((locals_["i"], locals_["done"]))
    )
    assert seen == [(0, False), (0, True)]


def test_a_mean_below_the_threshold_is_an_error() -> None:
    with pytest.raises(AssertionError, match="reward_threshold=5"):
        evaluate_policy(Model(), Monitor(Count(4)), n_eval_episodes=1, reward_threshold=5)
    with pytest.raises(ValueError, match="at least 1"):
        evaluate_policy(Model(), Monitor(Count(4)), n_eval_episodes=0)


def test_convert_callback_without_a_function_continues() -> None:
    assert Model(vectorised(3)).learn(ConvertCallback(None), 2) == 2
