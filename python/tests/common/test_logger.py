"""Logger and its formats, schedules, seeds and noise."""

from __future__ import annotations

import csv
import importlib
import io
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.image
import numpy as np
import pytest
from softac.common.logger import (
    DEBUG,
    DISABLED,
    Figure,
    FormatUnsupportedError,
    HParam,
    HumanOutputFormat,
    Image,
    Logger,
    Video,
    configure,
    make_output_format,
)
from softac.common.noise import NormalActionNoise, OrnsteinUhlenbeckActionNoise, VectorizedActionNoise
from softac.common.utils import (
    ConstantSchedule,
    FloatSchedule,
    LinearSchedule,
    configure_logger,
    constant_fn,
    get_latest_run_id,
    get_linear_fn,
    get_schedule_fn,
    safe_mean,
    set_random_seed,
)

matplotlib.use("Agg")

TABLE = """\
-------------------------------
| name             | run      |
| rollout/         |          |
|    ep_rew_mean   | -1.2e+03 |
| train/           |          |
|    learning_rate | 0.0003   |
|    n_updates     | 100      |
-------------------------------
"""


def test_the_table() -> None:
    file = io.StringIO()
    logger = Logger(None, [HumanOutputFormat(file)])
    logger.record("train/n_updates", 100)
    logger.record("train/learning_rate", 3e-4)
    logger.record("rollout/ep_rew_mean", np.float32(-1200.5))
    logger.record("name", "run")
    logger.record("hidden", 1, exclude="stdout")
    logger.dump()
    assert file.getvalue() == TABLE


def test_a_row_begins_empty() -> None:
    file = io.StringIO()
    logger = Logger(None, [HumanOutputFormat(file)])
    logger.record("a", 1)
    logger.dump()
    assert not logger.name_to_value
    with pytest.warns(UserWarning, match="nothing to log"):
        logger.dump()


def test_long_keys_are_shortened_unless_they_become_equal() -> None:
    file = io.StringIO()
    output = HumanOutputFormat(file, max_length=10)
    output.write({"a" * 20: "b" * 20}, {})
    assert "aaaaaaa..." in file.getvalue() and "bbbbbbb..." in file.getvalue()
    with pytest.raises(ValueError, match="larger max_length"):
        output.write({"a" * 20: 1, "a" * 21: 2}, {})


def test_means_are_means() -> None:
    logger = Logger(None, [])
    for value in (1.0, 2.0, 6.0, None):
        logger.record_mean("a", value)
    assert logger.name_to_value["a"] == pytest.approx(3.0)


def test_files_hold_the_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logger = configure(str(tmp_path), ["stdout", "log", "csv", "json"])
    assert logger.get_dir() == str(tmp_path) and len(logger.output_formats) == 4
    logger.record("a", np.float32(1.5))
    logger.record("text", 'with "quotes", and a comma')
    logger.dump(1)
    logger.record("b/c", np.array([1.0, 2.0]), exclude=("csv", "stdout"))
    logger.record("a", 2)
    logger.record("only_csv", 3, exclude=("json", "stdout", "log"))
    logger.dump(2)
    logger.close()
    rows = list(csv.DictReader((tmp_path / "progress.csv").read_text().splitlines()))
    assert rows == [
        {"a": "1.5", "text": 'with "quotes", and a comma', "only_csv": ""},
        {"a": "2", "text": "", "only_csv": "3"},
    ]
    lines = [json.loads(line) for line in (tmp_path / "progress.json").read_text().splitlines()]
    assert lines == [{"a": 1.5, "text": 'with "quotes", and a comma'}, {"a": 2, "b/c": [1.0, 2.0]}]
    assert "only_csv" not in (tmp_path / "log.txt").read_text()
    assert capsys.readouterr().out.startswith(f"Logging to {tmp_path}\n")


def test_messages_have_levels(capsys: pytest.CaptureFixture[str]) -> None:
    logger = Logger(None, [HumanOutputFormat(sys.stdout)])
    logger.debug("hidden")
    logger.info("seen", 1)
    logger.set_level(DEBUG)
    logger.debug("details")
    logger.set_level(DISABLED)
    logger.error("hidden")
    logger.record("a", 1)
    logger.dump()
    assert capsys.readouterr().out == "seen 1\ndetails\n"


def test_unknown_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="stdout, log, json, csv, tensorboard"):
        make_output_format("xml", str(tmp_path))
    with pytest.raises(TypeError, match="neither a path"):
        HumanOutputFormat(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["stdout", "log", "csv", "json"])
@pytest.mark.parametrize("value", [Video(None, 1), Figure(None, True), Image(None, "HWC"), HParam({}, {"a": 1})])
def test_media_are_refused_by_formats_for_text(name: str, value: Any, tmp_path: Path) -> None:
    logger = configure(str(tmp_path), [name])
    logger.record("a", value)
    with pytest.raises(FormatUnsupportedError, match=name):
        logger.dump()
    logger.record("a", value, exclude=(name, "b"))
    logger.record("b", 1)
    logger.dump()


def test_hyperparameters_need_a_metric() -> None:
    with pytest.raises(ValueError, match="at least one metric"):
        HParam({"a": 1}, {})


def test_tensorboard_reads_what_was_written(tmp_path: Path) -> None:
    from matplotlib import pyplot

    logger = configure(str(tmp_path), ["tensorboard"])
    for step in (10, 20):
        logger.record("train/loss", step / 4)
        logger.record("rollout/count", step)
        logger.record("time/fps", 1, exclude="tensorboard")
        logger.dump(step)
    figure, axes = pyplot.subplots(figsize=(3, 2), dpi=50)
    axes.plot([1, 2])
    logger.record("figure", Figure(figure, close=True))
    logger.record("gray", Image(np.full((4, 6), 0.2), "HW"))
    logger.record("color", Image(np.zeros((3, 5, 7), np.uint8), "CHW"))
    logger.record("text", "words")
    logger.record("weights", np.arange(10.0))
    logger.record("hparams", HParam({"algorithm": "SAC", "gamma": 0.99, "layers": [1]}, {"train/loss": 0.0}))
    logger.dump(30)
    logger.close()
    assert not pyplot.fignum_exists(figure.number)
    accumulator: Any = importlib.import_module("tensorboard.backend.event_processing.event_accumulator")
    events = accumulator.EventAccumulator(str(tmp_path)).Reload()
    assert sorted(events.Tags()["scalars"]) == ["rollout/count", "train/loss"]
    assert [(event.step, event.value) for event in events.Scalars("train/loss")] == [(10, 2.5), (20, 5.0)]
    sizes = {tag: (image.height, image.width) for tag in events.Tags()["images"] for image in events.Images(tag)}
    assert sizes == {"figure": (100, 150), "gray": (4, 6), "color": (5, 7)}
    gray = matplotlib.image.imread(io.BytesIO(events.Images("gray")[0].encoded_image_string))
    np.testing.assert_allclose(gray[..., :3], 0.2, atol=1e-6)
    assert events.Tensors("text/text_summary")[0].tensor_proto.string_val == [b"words"]
    assert events.Histograms("weights")[0].histogram_value.num == 10
    hparams = events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    assert b"algorithm" in hparams and b"[1]" in hparams
    with pytest.raises(ValueError, match="closed"):
        logger.output_formats[0].write({"a": 1}, {})


def test_tensorboard_refuses_videos(tmp_path: Path) -> None:
    logger = configure(str(tmp_path), ["tensorboard"])
    logger.record("a", Video(None, 30))
    with pytest.raises(FormatUnsupportedError, match="tensorboard cannot show a value of the kind video"):
        logger.dump()


def test_without_tensorboard_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "tensorboard"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(ImportError, match=r"pip install softac\[extra\]"):
        configure(str(tmp_path), ["tensorboard"])


# The logger of a training.


def test_runs_are_numbered(tmp_path: Path) -> None:
    assert get_latest_run_id(str(tmp_path), "SAC") == 0
    for name in ("SAC_1", "SAC_12", "SAC_x", "SAC_2_3", "TD3_40"):
        (tmp_path / name).mkdir()
    assert get_latest_run_id(str(tmp_path), "SAC") == 12
    assert str(configure_logger(0, str(tmp_path), "SAC").dir).endswith("SAC_13")
    assert str(configure_logger(0, str(tmp_path), "SAC", reset_num_timesteps=False).dir).endswith("SAC_13")
    assert str(configure_logger(0, str(tmp_path), "DDPG", reset_num_timesteps=False).dir).endswith("DDPG_1")


def test_verbose_decides_about_the_standard_output(tmp_path: Path) -> None:
    def kinds(*args: Any) -> list[str]:
        return [type(output).__name__ for output in configure_logger(*args).output_formats]

    assert kinds(0) == [] and kinds(1) == ["HumanOutputFormat"]
    assert kinds(0, str(tmp_path), "a") == ["TensorBoardOutputFormat"]
    assert kinds(1, str(tmp_path), "a") == ["HumanOutputFormat", "TensorBoardOutputFormat"]


def test_the_environment_chooses_folder_and_formats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFTAC_LOGDIR", str(tmp_path / "here"))
    monkeypatch.setenv("SOFTAC_LOG_FORMAT", "csv,json")
    logger = configure()
    assert logger.dir == str(tmp_path / "here") and len(logger.output_formats) == 2


# Schedules, seeds, noise and imports.


def test_schedules() -> None:
    linear = LinearSchedule(1.0, 0.0, 0.5)
    assert [linear(x) for x in (1.0, 0.75, 0.5, 0.2)] == [1.0, 0.5, 0.0, 0.0]
    assert get_linear_fn(1.0, 0.0, 0.5)(0.75) == 0.5
    assert ConstantSchedule(3.0)(0.1) == constant_fn(3.0)(0.5) == 3.0
    for schedule in (FloatSchedule(2), FloatSchedule(lambda x: np.float64(2 * x)), get_schedule_fn(FloatSchedule(2))):
        assert schedule(1.0) == 2.0 and type(schedule(1.0)) is float


def test_random_seeds_repeat() -> None:
    set_random_seed(3)
    first = random.random(), np.random.rand()
    set_random_seed(3)
    assert (random.random(), np.random.rand()) == first


def test_the_mean_of_nothing_is_nan() -> None:
    assert np.isnan(safe_mean([])) and safe_mean([1, 2]) == 1.5


def test_gaussian_noise() -> None:
    set_random_seed(0)
    noise = NormalActionNoise(np.array([0.0, 5.0]), np.array([1.0, 0.1]))
    draws = np.array([noise() for _ in range(5000)])
    assert noise().dtype == np.float32 and repr(noise).startswith("NormalActionNoise(mu=")
    np.testing.assert_allclose(draws.mean(axis=0), [0, 5], atol=0.05)
    np.testing.assert_allclose(draws.std(axis=0), [1, 0.1], rtol=0.05)


def test_ornstein_uhlenbeck_noise_returns_to_its_mean() -> None:
    noise = OrnsteinUhlenbeckActionNoise(np.ones(2), np.zeros(2), theta=1.0, dt=0.5, initial_noise=np.zeros(2))
    assert [noise()[0] for _ in range(3)] == [0.5, 0.75, 0.875]
    noise.reset()
    assert noise().tolist() == [0.5, 0.5]


def test_each_environment_has_noise_of_its_own() -> None:
    noise = VectorizedActionNoise(OrnsteinUhlenbeckActionNoise(np.ones(1), np.zeros(1), theta=1.0, dt=0.5), 2)
    noise()
    noise.reset([1])
    assert noise().tolist() == [[0.75], [0.5]] and len(noise.noises) == 2
    with pytest.raises(ValueError, match="at least 1"):
        VectorizedActionNoise(noise, 0)
    with pytest.raises(TypeError, match="ActionNoise"):
        VectorizedActionNoise(None, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "module", ["callbacks", "env_util", "evaluation", "logger", "noise", "results_plotter", "running_mean_std", "utils"]
)
def test_imports_are_cheap(module: str) -> None:
    heavy = ("gymnasium", "tqdm", "tensorboard", "pandas", "matplotlib", "multiprocessing", "torch")
    code = f"import sys, softac.common.{module}; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
