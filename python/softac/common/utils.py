"""Small functions that scripts use."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np


def set_random_seed(seed: int, using_cuda: bool = False) -> None:
    """Seeds Python's and numpy's random numbers. Those of a model have its own seed."""
    random.seed(seed)
    np.random.seed(seed)


def safe_mean(values: Iterable[float]) -> float:
    """The mean; NaN of nothing."""
    numbers = list(values)
    return float(np.mean(numbers)) if numbers else float("nan")


def constant_fn(value: float) -> Callable[[float], float]:
    """The schedule that stays at a value."""
    return ConstantSchedule(value)


class ConstantSchedule:
    """The schedule that stays at a value."""

    def __init__(self, value: float) -> None:
        self.value = value

    def __call__(self, progress_remaining: float) -> float:
        return self.value


class LinearSchedule:
    """
    The schedule from one value to another.

    :param end_fraction: share of the training after which it stays there
    """

    def __init__(self, start: float, end: float, end_fraction: float) -> None:
        self.start, self.end, self.end_fraction = start, end, end_fraction

    def __call__(self, progress_remaining: float) -> float:
        done = min((1.0 - progress_remaining) / self.end_fraction, 1.0)
        return self.start + done * (self.end - self.start)


def get_linear_fn(start: float, end: float, end_fraction: float) -> Callable[[float], float]:
    """The schedule from one value to another."""
    return LinearSchedule(start, end, end_fraction)


def get_schedule_fn(value_schedule: float | Callable[[float], float]) -> Callable[[float], float]:
    """A schedule of a number, or the schedule itself."""
    return value_schedule if callable(value_schedule) else ConstantSchedule(float(value_schedule))


FloatSchedule = get_schedule_fn


def get_latest_run_id(log_path: str = "", log_name: str = "") -> int:
    """The largest n of the folders `log_name_n`; 0 if there is none."""
    folders = Path(log_path or ".").glob(f"{log_name}_[0-9]*")
    numbers = (re.fullmatch(rf"{re.escape(log_name)}_(\d+)", folder.name) for folder in folders)
    return max((int(found.group(1)) for found in numbers if found), default=0)


def configure_logger(
    verbose: int = 0, tensorboard_log: str | None = None, tb_log_name: str = "", reset_num_timesteps: bool = True
) -> Any:
    """The logger of a training: a table if verbose, and TensorBoard's files if a folder is given."""
    from .logger import configure

    formats = (["stdout"] if verbose > 0 else []) + (["tensorboard"] if tensorboard_log else [])
    folder = None
    if tensorboard_log:
        run = get_latest_run_id(tensorboard_log, tb_log_name) + (1 if reset_num_timesteps else 0)
        folder = str(Path(tensorboard_log) / f"{tb_log_name}_{max(run, 1)}")
        if verbose > 0:
            print(f"Logging to {folder}")
    return configure(folder, formats)
