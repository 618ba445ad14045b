"""Models in vectorised environments, their evaluations, and the checker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from softac import SAC
from softac.common.callbacks import EvalCallback, StopTrainingOnNoModelImprovement, StopTrainingOnRewardThreshold
from softac.common.env_checker import check_env
from softac.common.monitor import Monitor
from softac.common.vec_env import DummyVecEnv, VecNormalize

from conftest import Walk


class Ends(Walk):
    """Is cut after three steps; the observation is the number of the step."""

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        return np.array([seed or 0, 0], np.float32) / 1e3, {"seed": seed}

    def step(self, action: Any) -> Any:
        self.steps += 1
        return np.full(2, self.steps, np.float32), 1.0, False, self.steps == 3, {}


def test_a_model_learns_from_transitions_as_they_were_before_they_were_standardised(small: dict[str, Any]) -> None:
    env = VecNormalize(DummyVecEnv([Walk]))
    model = SAC("MlpPolicy", env, **small).learn(120)
    bare = SAC("MlpPolicy", DummyVecEnv([Walk]), **small).learn(50)
    assert np.array_equal(model.replay_buffer.observations[:50], bare.replay_buffer.observations[:50])
    assert np.array_equal(model.replay_buffer.rewards[:50], bare.replay_buffer.rewards[:50])
    assert model.core.numbers() and model._n_updates == 70
    env.training = False
    with pytest.raises(ValueError, match="training=False"):
        model.learn(10)


def test_evaluations_are_kept_and_end_a_training(small: dict[str, Any], tmp_path: Path) -> None:
    threshold = StopTrainingOnRewardThreshold(2.0)
    evaluations = EvalCallback(
        Monitor(Ends()), threshold, eval_freq=30, log_path=str(tmp_path), best_model_save_path=str(tmp_path), verbose=0
    )
    model = SAC("MlpPolicy", Walk(), **small).learn(300, callback=evaluations)
    assert model.num_timesteps == 30 and (tmp_path / "best_model.zip").is_file()
    with np.load(tmp_path / "evaluations.npz") as file:
        assert file["timesteps"].tolist() == [30] and file["results"].shape == file["ep_lengths"].shape == (1, 5)
    no_improvement = StopTrainingOnNoModelImprovement(2)
    evaluations = EvalCallback(Monitor(Ends()), callback_after_eval=no_improvement, eval_freq=20, verbose=0)
    assert SAC("MlpPolicy", Walk(), **small).learn(300, callback=evaluations).num_timesteps == 80

def broken(reset: Any = None, step: Any = None) -> Any:
    """An environment that returns something else."""

    class Broken(Walk):
        def reset(self, **kwargs: Any) -> Any:
            returned = super().reset(**kwargs)
            return reset(*returned) if reset else returned

        def step(self, action: Any) -> Any:
            returned = super().step(action)
            return step(*returned) if step else returned

    return Broken()


@pytest.mark.parametrize(
    ("env", "message"),
    [
        (broken(reset=lambda o, i: o), "reset returned ndarray"),
        (broken(reset=lambda o, i: (o, 3)), "reset returned tuple of 2"),
        (broken(reset=lambda o, i: (o[:1], i)), r"shape \(1,\), and the space \(2,\)"),
        (broken(reset=lambda o, i: (o.astype(np.float64), i)), "type float64, and the space float32"),
        (broken(reset=lambda o, i: (o + 9, i)), r"at \[0\], and the space is from -2.0 to 2.0"),
        (broken(step=lambda o, r, te, tr, i: (o, r, te, i)), "step returned tuple of 4"),
        (broken(step=lambda o, r, te, tr, i: (o * np.nan, r, te, tr, i)), "step 1 is not finite"),
        (broken(step=lambda o, r, te, tr, i: (o, [r, r], te, tr, i)), "the reward of step 1 is list of 2"),
        (broken(step=lambda o, r, te, tr, i: (o, r, 0, tr, i)), "terminated of step 1 is int"),
        (broken(step=lambda o, r, te, tr, i: (o, r, te, tr, None)), "the info of step 1 is NoneType"),
        (broken(step=lambda o, r, te, tr, i: (o, np.nan, te, tr, i)), "the reward of step 1 is not finite: nan"),
    ],
)
def test_the_checker_names_the_promise_that_an_environment_breaks(env: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_env(env, warn=False)


def test_what_gymnasium_alone_objects_to_is_warned_of() -> None:
    check_env(Walk(), warn=False)

    class WithoutSeed(Walk):
        def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
            return super().reset(options=options)

    with pytest.warns(UserWarning, match="Gymnasium's checker says"):
        check_env(WithoutSeed())
    with pytest.raises(TypeError, match="no gymnasium.Env"):
        check_env(object())
