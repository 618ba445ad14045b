"""Training: the same bits from the same seed, across stop and resume, and in several environments."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from softac import DDPG, SAC, TD3
from softac.common.callbacks import BaseCallback
from softac.common.env_util import make_vec_env
from softac.common.noise import NormalActionNoise
from softac.common.vec_env import DummyVecEnv, SubprocVecEnv

from conftest import SMALL, Walk

ALGORITHMS = [SAC, TD3, DDPG]


def noise(cls: type[Any]) -> dict[str, Any]:
    return {} if cls is SAC else {"action_noise": NormalActionNoise(np.zeros(2), 0.1 * np.ones(2))}


@pytest.mark.parametrize("cls", ALGORITHMS)
def test_the_same_seed_gives_the_same_bits_and_another_one_others(cls: type[Any], small: dict[str, Any]) -> None:
    def trained(seed: int) -> str:
        return cls("MlpPolicy", Walk(), **{**small, "seed": seed}, **noise(cls)).learn(200).fingerprint()

    assert trained(0) == trained(0) != trained(1)


@pytest.mark.parametrize("cls", ALGORITHMS)
@pytest.mark.parametrize("steps", [70, 97])
def test_a_model_that_was_saved_goes_on_as_if_it_had_not_been(
    cls: type[Any], steps: int, small: dict[str, Any], tmp_path: Path
) -> None:
    """Wherever it stops in an episode."""
    whole = cls("MlpPolicy", Walk(), **small, **noise(cls)).learn(160)
    first = cls("MlpPolicy", Walk(), **small, **noise(cls)).learn(steps)
    first.save(tmp_path / "model", include=["replay_buffer"])
    second = cls.load(tmp_path / "model", env=Walk())
    assert second.fingerprint() == first.fingerprint()
    second.learn(160 - steps, reset_num_timesteps=False)
    assert second.num_timesteps == 160
    assert second.fingerprint() == whole.fingerprint()


def test_learning_in_two_parts_is_learning_in_one(small: dict[str, Any]) -> None:
    parts = SAC("MlpPolicy", Walk(), **small).learn(90).learn(70, reset_num_timesteps=False)
    assert parts.fingerprint() == SAC("MlpPolicy", Walk(), **small).learn(160).fingerprint()


def test_threads_change_no_bit(small: dict[str, Any]) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[2]); import softac; from conftest import SMALL, Walk\n"
        "softac.set_num_threads(int(sys.argv[1]))\n"
        "print(softac.SAC('MlpPolicy', Walk(), **{**SMALL, 'batch_size': 256}).learn(120).fingerprint())"
    )

    def trained(threads: int) -> str:
        here = str(Path(__file__).parent)
        words = [sys.executable, "-c", program, str(threads), here]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    assert trained(1) == trained(2)


def test_environments_in_processes_give_the_bits_of_those_in_this_one(small: dict[str, Any]) -> None:
    def trained(cls: type[Any]) -> str:
        env = cls([Walk, Walk, Walk])
        try:
            return SAC("MlpPolicy", env, **small, gradient_steps=-1).learn(150).fingerprint()
        finally:
            env.close()

    assert trained(DummyVecEnv) == trained(SubprocVecEnv)


def test_every_episode_begins_with_a_seed_of_its_own(small: dict[str, Any]) -> None:
    env = Walk()
    SAC("MlpPolicy", env, **small).learn(100)
    assert None not in env.seeds and len(set(env.seeds)) == len(env.seeds)
    assert all(0 <= seed < 2**31 for seed in env.seeds if seed is not None)


def test_a_schedule_gives_the_learning_rate(small: dict[str, Any]) -> None:
    model = SAC("MlpPolicy", Walk(), learning_rate=lambda left: 1e-3 * left, **small).learn(100)
    assert model.core.learning_rates[0] == pytest.approx(1e-3 * 0.0, abs=1e-5)


class Counting(BaseCallback):
    """Counts calls, and ends a training."""

    def __init__(self, last: int) -> None:
        super().__init__()
        self.last, self.calls = last, [0] * 4

    def _on_training_start(self) -> None:
        self.calls[0] += 1

    def _on_rollout_start(self) -> None:
        self.calls[1] += 1

    def _on_step(self) -> bool:
        assert self.locals["rewards"].shape == self.locals["dones"].shape == (self.model.n_envs,)
        return self.n_calls < self.last

    def _on_rollout_end(self) -> None:
        self.calls[2] += 1

    def _on_training_end(self) -> None:
        self.calls[3] += 1


def test_callbacks_are_called_at_every_moment_and_can_end_the_training(small: dict[str, Any]) -> None:
    callback = Counting(last=60)
    model = SAC("MlpPolicy", Walk(), train_freq=4, **small).learn(1_000, callback=callback)
    assert (callback.n_calls, model.num_timesteps) == (60, 60)
    assert callback.calls == [1, 15, 14, 1]


def test_several_environments_count_together(small: dict[str, Any]) -> None:
    model = SAC("MlpPolicy", make_vec_env(Walk, n_envs=4), **small).learn(101)
    assert (model.num_timesteps, model.replay_buffer.size(), model._n_updates) == (104, 26, 14)
