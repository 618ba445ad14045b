"""Vectorised environments, monitors, statistics, evaluation and logs."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

from softac import SAC
from softac.common.callbacks import EvalCallback, StopTrainingOnNoModelImprovement, StopTrainingOnRewardThreshold
from softac.common.env_checker import check_env
from softac.common.evaluation import evaluate_policy
from softac.common.logger import CSVOutputFormat, HumanOutputFormat, JSONOutputFormat, Logger
from softac.common.monitor import Monitor, load_results
from softac.common.running_mean_std import RunningMeanStd
from softac.common.vec_env import DummyVecEnv, SubprocVecEnv, VecCheckNan, VecMonitor, VecNormalize

from conftest import Walk

KINDS = [DummyVecEnv, SubprocVecEnv]


class Ends(Walk):
    """Is cut after three steps; the observation is the number of the step."""

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        return np.array([seed or 0, 0], np.float32) / 1e3, {"seed": seed}

    def step(self, action: Any) -> Any:
        self.steps += 1
        return np.full(2, self.steps, np.float32), 1.0, False, self.steps == 3, {}


class Raises(Walk):
    def step(self, action: Any) -> Any:
        raise ZeroDivisionError("the ground is gone")


@pytest.mark.parametrize("kind", KINDS)
def test_an_episode_that_ends_is_followed_by_the_next_one_with_the_seed_that_was_given(kind: type[Any]) -> None:
    env = kind([Ends, Ends])
    env.seed(5)
    assert np.allclose(env.reset()[:, 0], [0.005, 0.006])
    env.seed_next(1, 42)
    for _ in range(2):
        _, _, dones, infos = env.step(np.zeros((2, 2), np.float32))
        assert not dones.any() and "terminal_observation" not in infos[0]
    observations, rewards, dones, infos = env.step(np.zeros((2, 2), np.float32))
    assert dones.all() and rewards.dtype == np.float32
    assert [info["TimeLimit.truncated"] for info in infos] == [True, True]
    assert np.array_equal(infos[0]["terminal_observation"], [3, 3])
    assert np.allclose(observations[:, 0], [0, 0.042])
    assert [info["seed"] for info in env.reset_infos] == [None, 42]
    env.close()


@pytest.mark.parametrize("kind", KINDS)
def test_attributes_and_methods_reach_the_environments(kind: type[Any]) -> None:
    env = kind([Ends, Ends, Ends])
    env.set_attr("length", 7, indices=[1])
    assert env.get_attr("length") == [20, 7, 20]
    assert len(env.env_method("reset", seed=1, indices=2)) == 1
    assert env.env_is_wrapped(Monitor) == [False] * 3
    env.close()
    env.close()


@pytest.mark.parametrize("kind", KINDS)
def test_an_exception_of_an_environment_is_raised_here(kind: type[Any]) -> None:
    env = kind([Walk, Raises])
    env.reset()
    with pytest.raises(ZeroDivisionError, match="the ground is gone") as raised:
        env.step(np.zeros((2, 2), np.float32))
    if kind is SubprocVecEnv:
        assert "in step" in str(raised.value.__cause__)
    env.close()


def test_environments_that_are_one_or_none_are_refused() -> None:
    one = Walk()
    with pytest.raises(ValueError, match="the same environment"):
        DummyVecEnv([lambda: one, lambda: one])
    for kind in KINDS:
        with pytest.raises(ValueError, match="at least one"):
            kind([])
    space = gymnasium.spaces.Dict({"x": Walk().observation_space})

    class WithDictionaries(Walk):
        def __init__(self) -> None:
            super().__init__()
            self.observation_space = space

    with pytest.raises(ValueError, match="FlattenObservation"):
        DummyVecEnv([WithDictionaries])


def test_a_monitor_writes_what_is_read_back(tmp_path: Path) -> None:
    env = Monitor(Ends(), str(tmp_path / "walk"))
    for _ in range(4):
        env.reset()
        ended = False
        while not ended:
            *_, ended, info = env.step(np.zeros(2))
    assert (info["episode"]["r"], info["episode"]["l"]) == (3.0, 3)
    with pytest.raises(RuntimeError, match="episode is over"):
        env.step(np.zeros(2))
    env.close()
    head = (tmp_path / "walk.monitor.csv").read_text().splitlines()[:2]
    assert "t_start" in json.loads(head[0][1:]) and head[1] == "r,l,t"
    assert load_results(str(tmp_path)).l.tolist() == [3] * 4
    assert env.get_episode_lengths() == [3] * 4 and env.get_total_steps() == 12


def test_running_moments_are_those_of_all_rows_together() -> None:
    rows = np.random.default_rng(0).normal(3, 2, (50, 2))
    moments = RunningMeanStd(epsilon=1e-12, shape=(2,))
    for part in np.split(rows, [1, 7, 30]):
        moments.update(part)
    assert np.allclose(moments.mean, rows.mean(0)) and np.allclose(moments.var, rows.var(0))


def test_statistics_standardise_and_come_back_from_their_file(tmp_path: Path) -> None:
    env = VecNormalize(DummyVecEnv([Walk, Walk]), clip_obs=2.0)
    env.reset()
    for _ in range(30):
        observations, rewards, _, _ = env.step(np.ones((2, 2), np.float32))
    expected = (env.get_original_obs() - env.obs_rms.mean) / np.sqrt(env.obs_rms.var + 1e-8)
    assert np.allclose(observations, np.clip(expected, -2, 2), atol=1e-5)
    assert np.allclose(rewards, env.get_original_reward() / np.sqrt(env.ret_rms.var + 1e-8), atol=1e-5)
    env.save(tmp_path / "statistics.pkl")
    loaded = VecNormalize.load(tmp_path / "statistics.pkl", DummyVecEnv([Walk]))
    assert np.array_equal(loaded.obs_rms.mean, env.obs_rms.mean) and loaded.clip_obs == 2.0
    with pytest.raises(ValueError, match="shape"):
        VecNormalize.load(tmp_path / "statistics.pkl", DummyVecEnv([lambda: gymnasium.make("Pendulum-v1")]))


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


def test_numbers_that_are_not_finite_are_found() -> None:
    class Bad(Walk):
        def step(self, action: Any) -> Any:
            observation, reward, *rest = super().step(action)
            return (observation, np.inf, *rest)

    env = VecCheckNan(DummyVecEnv([Bad]), raise_exception=True)
    env.reset()
    with pytest.raises(ValueError, match="rewards hold inf in environment 0"):
        env.step(np.zeros((1, 2), np.float32))


class Fixed:
    """Always the same action."""

    def predict(self, observation: Any, *_args: Any, **_kwargs: Any) -> Any:
        return np.zeros((len(observation), 2), np.float32), None


def test_an_evaluation_plays_as_many_episodes_in_each_environment() -> None:
    env = VecMonitor(DummyVecEnv([Ends, Ends]))
    returns, lengths = evaluate_policy(Fixed(), env, 5, return_episode_rewards=True)
    assert (returns, lengths) == ([3.0] * 5, [3] * 5)
    assert evaluate_policy(Fixed(), Monitor(Ends()), 2) == (3.0, 0.0)
    with pytest.raises(AssertionError, match="3.00"):
        evaluate_policy(Fixed(), Monitor(Ends()), 2, reward_threshold=4.0)
    with pytest.warns(UserWarning, match="no Monitor"):
        evaluate_policy(Fixed(), Ends(), 1)


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


def test_every_format_shows_the_row_of_a_log(tmp_path: Path) -> None:
    text = io.StringIO()
    formats = [HumanOutputFormat(text), CSVOutputFormat(str(tmp_path / "a.csv")), JSONOutputFormat(str(tmp_path / "a.json"))]
    logger = Logger(str(tmp_path), formats)
    logger.record("time/steps", 10, exclude="csv")
    logger.record_mean("train/loss", 1.0)
    logger.record_mean("train/loss", 2.0)
    logger.dump(10)
    logger.record("train/rate", np.float32(0.5))
    logger.dump(20)
    logger.close()
    assert text.getvalue().splitlines()[:6] == [
        "-" * 23,
        "| time/    |          |",
        "|    steps | 10       |",
        "| train/   |          |",
        "|    loss  | 1.5      |",
        "-" * 23,
    ]
    assert (tmp_path / "a.csv").read_text() == "train/loss,train/rate\n1.5,\n,0.5\n"
    rows = [json.loads(line) for line in (tmp_path / "a.json").read_text().splitlines()]
    assert rows == [{"time/steps": 10, "train/loss": 1.5}, {"train/rate": 0.5}]


def test_the_checker_names_the_promise_that_an_environment_breaks() -> None:
    check_env(Walk(), warn=False)

    class Bad(Walk):
        def step(self, action: Any) -> Any:
            observation, _, *rest = super().step(action)
            return (observation, float("nan"), *rest)

    with pytest.raises(ValueError, match="the reward of step 1 is not finite: nan"):
        check_env(Bad(), warn=False)
