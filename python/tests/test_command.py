"""The package beside the command: the same settings give the same bits."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

from softac import DDPG, SAC, TD3
from softac.common.noise import NormalActionNoise
from softac.common.vec_env import DummyVecEnv

COMMAND = os.environ.get("SOFTAC_COMMAND", str(Path(__file__).parents[2] / "target/release/softac"))
STEPS = 260
SETTINGS = {"learning_starts": 60, "batch_size": 32, "buffer_size": 1000, "seed": 3, "gamma": 0.98, "tau": 0.01}


def of_the_command(folder: Path, env: str, algo: str, **settings: Any) -> str:
    """The hash of everything that the command's training learned, in its last row."""
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in {**SETTINGS, **settings}.items()]
    words = [COMMAND, "train", env, "--algo", algo, "--out", "run", "--quiet", f"--total-timesteps={STEPS}"]
    words += ["--eval-freq=0", "--n-final-eval-episodes=0", f"--python={sys.executable}", "--learning-rate=1e-3"]
    subprocess.run([*words, *flags], cwd=folder, check=True)
    return hash_of(folder / "run")


def hash_of(run: Path) -> str:
    """The hash in the last row of a run."""
    with (run / "metrics.csv").open() as file:
        return list(csv.DictReader(file))[-1]["train/params_hash"]


@pytest.mark.parametrize("cls", [SAC, TD3, DDPG])
def test_a_training_has_the_bits_of_the_command(cls: type[Any], tmp_path: Path) -> None:
    given: dict[str, Any] = {"policy_kwargs": {"net_arch": [24, 24]}, "learning_rate": 1e-3, **SETTINGS}
    flags: dict[str, Any] = {"net_arch": "24,24"}
    if cls is not SAC:
        given["action_noise"] = NormalActionNoise(np.zeros(1), 0.1 * np.ones(1))
        flags["exploration_noise"] = 0.1
    model = cls("MlpPolicy", "Pendulum-v1", **given).learn(STEPS)
    assert model.fingerprint() == of_the_command(tmp_path, "gym:Pendulum-v1", cls.algo, **flags)


def test_several_environments_have_them_too(tmp_path: Path) -> None:
    env = DummyVecEnv([lambda: gymnasium.make("Pendulum-v1") for _ in range(2)])
    given: dict[str, Any] = {"policy_kwargs": {"net_arch": [24, 24]}, "learning_rate": 1e-3, **SETTINGS}
    model = SAC("MlpPolicy", env, gradient_steps=-1, **given).learn(STEPS)
    flags = {"net_arch": "24,24", "num_envs": 2, "gradient_steps": -1}
    assert model.fingerprint() == of_the_command(tmp_path, "gym:Pendulum-v1", "sac", **flags)


@pytest.mark.parametrize("cls", [SAC, TD3])
@pytest.mark.parametrize("steps", [200, 270])
def test_the_command_goes_on_where_python_stopped(cls: type[Any], steps: int, tmp_path: Path) -> None:
    """Between two episodes, and in the midst of one."""
    given: dict[str, Any] = {"policy_kwargs": {"net_arch": [24, 24]}, "learning_rate": 1e-3, **SETTINGS}
    model = cls("MlpPolicy", "Pendulum-v1", **given).learn(steps)
    folder = model.save_run(tmp_path / "run")
    assert model.fingerprint() == hash_of(folder)
    words = ["resume", str(folder), "--quiet", f"--total-timesteps={steps + 40}", f"--python={sys.executable}"]
    resumed = subprocess.run([COMMAND, *words], check=True, capture_output=True, text=True)
    assert "a new episode begins" not in resumed.stderr
    assert hash_of(folder) == model.learn(40, reset_num_timesteps=False).fingerprint()
    subprocess.run([COMMAND, "eval", str(folder), "--episodes=2", f"--python={sys.executable}"], check=True)
    with pytest.raises(ValueError, match="run"):
        model.save_run(folder)
