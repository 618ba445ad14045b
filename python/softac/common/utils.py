"""Seeds, schedules and the choice of a logger."""

from __future__ import annotations

import glob
import os
import random
from collections.abc import Callable, Sequence
from typing import Any, Union

import numpy as np

from .logger import Logger, configure

# A function of the remaining progress, which falls from 1 to 0.
Schedule = Callable[[float], float]


def set_random_seed(seed: int) -> None:
    """Seeds Python's and numpy's global generators."""
    random.seed(seed)
    np.random.seed(seed)


def safe_mean(arr: Sequence[Any] | np.ndarray[Any, Any]) -> float:
    """Returns the mean, or NaN if there are no values."""
    return float(np.mean(arr)) if len(arr) else float("nan")


class ConstantSchedule:
    """
    A schedule that always has the same value.

    :param val: the value
    """

    def __init__(self, val: float) -> None:
        self.val = val

    def __call__(self, _: float) -> float:
        return self.val

    def __repr__(self) -> str:
        return f"ConstantSchedule(val={self.val})"


class LinearSchedule:
    """
    A schedule on a line from `start` to `end`, and constant afterwards.

    :param start: value at the beginning
    :param end: value at the end
    :param end_fraction: fraction of the training after which `end` is reached
    """

    def __init__(self, start: float, end: float, end_fraction: float) -> None:
        self.start, self.end, self.end_fraction = start, end, end_fraction

    def __call__(self, progress_remaining: float) -> float:
        done = 1 - progress_remaining
        if done > self.end_fraction:
            return self.end
        return self.start + done * (self.end - self.start) / self.end_fraction

    def __repr__(self) -> str:
        return f"LinearSchedule(start={self.start}, end={self.end}, end_fraction={self.end_fraction})"


class FloatSchedule:
    """
    A schedule whose values are Python floats.

    :param value_schedule: a schedule, or a number for a constant one
    """

    def __init__(self, value_schedule: Union[Schedule, float]) -> None:
        if callable(value_schedule):
            self.value_schedule: Schedule = getattr(value_schedule, "value_schedule", value_schedule)
        else:
            self.value_schedule = ConstantSchedule(float(value_schedule))

    def __call__(self, progress_remaining: float) -> float:
        return float(self.value_schedule(progress_remaining))

    def __repr__(self) -> str:
        return f"FloatSchedule({self.value_schedule})"


def get_schedule_fn(value_schedule: Union[Schedule, float]) -> Schedule:
    """Returns the schedule of a number or of a function."""
    return FloatSchedule(value_schedule)


def get_linear_fn(start: float, end: float, end_fraction: float) -> Schedule:
    """Returns a `LinearSchedule`."""
    return LinearSchedule(start, end, end_fraction)


def constant_fn(val: float) -> Schedule:
    """Returns a `ConstantSchedule`."""
    return ConstantSchedule(val)


def get_latest_run_id(log_path: str = "", log_name: str = "") -> int:
    """
    Returns the largest n of the folders `log_name_n`, or 0.

    :param log_path: folder of the runs
    :param log_name: name of the runs
    """
    prefix = os.path.join(glob.escape(log_path), f"{glob.escape(log_name)}_")
    endings = (os.path.basename(path)[len(log_name) + 1 :] for path in glob.glob(f"{prefix}[0-9]*"))
    return max((int(ending) for ending in endings if ending.isdecimal()), default=0)


def configure_logger(
    verbose: int = 0, tensorboard_log: str | None = None, tb_log_name: str = "", reset_num_timesteps: bool = True
) -> Logger:
    """
    Creates the logger of a training.

    :param verbose: prints to the standard output, if at least 1
    :param tensorboard_log: folder of the runs for TensorBoard; None writes none
    :param tb_log_name: name of the run; a number is added
    :param reset_num_timesteps: starts a new run; False continues the latest one
    """
    formats = ["stdout"] if verbose >= 1 else []
    if tensorboard_log is None:
        return configure(None, formats)
    run = get_latest_run_id(tensorboard_log, tb_log_name)
    # A run that continues the latest one needs that one to exist.
    number = run + 1 if reset_num_timesteps or run == 0 else run
    return configure(os.path.join(tensorboard_log, f"{tb_log_name}_{number}"), [*formats, "tensorboard"])


def get_device(device: Any = "auto") -> str:
    """The device on which everything is computed: the processor."""
    return "cpu"
