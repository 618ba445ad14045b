"""Policies for other places."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from softac import SAC

from conftest import Walk


@pytest.fixture
def model(small: dict[str, Any]) -> SAC:
    return SAC("MlpPolicy", "Pendulum-v1", **small).learn(120)


def test_c_gives_the_policys_actions(model: SAC, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = model.fingerprint()
    files = model.export("c", name="swing")
    assert [file.name for file in files] == ["swing.c", "swing.h"]
    subprocess.run(["cc", "-O2", "-ffp-contract=off", "-shared", "-fPIC", "swing.c", "-o", "swing.so"], check=True)
    library = ctypes.CDLL(str(tmp_path / "swing.so"))
    act = library.swing_act
    observation, action = (ctypes.c_float * 3)(), (ctypes.c_float * 1)()
    for numbers in np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32):
        observation[:] = numbers.tolist()
        act(observation, action)
        expected, _ = model.predict(numbers, deterministic=True)
        assert action[0] == pytest.approx(float(expected[0]), abs=1e-5)
    # Neither the training nor its environment was touched.
    assert model.fingerprint() == before
    model.learn(30, reset_num_timesteps=False)


@pytest.mark.parametrize("format", ["rust", "onnx", "safetensors"])
def test_every_format_is_written_and_not_written_over(format: str, model: SAC, tmp_path: Path) -> None:
    path = tmp_path / "policy.file"
    assert model.export(format, path) == [path] and path.stat().st_size > 1_000
    with pytest.raises(ValueError, match="policy.file"):
        model.export(format, path)
    model.export(format, path, overwrite=True)


def test_an_environment_without_an_id_is_given(small: dict[str, Any], tmp_path: Path) -> None:
    model = SAC("MlpPolicy", Walk(), **small).learn(60)
    with pytest.raises(ValueError, match="has no id"):
        model.export("c", tmp_path / "a.c")
    assert len(model.export("c", tmp_path / "a.c", env=Walk())) == 2
    with pytest.raises(ValueError, match="observation space"):
        model.export("c", tmp_path / "b.c", env="Pendulum-v1")
    with pytest.raises(ValueError, match="no format"):
        model.export("pickle")
