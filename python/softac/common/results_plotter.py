"""Plots of the files of `Monitor`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .monitor_files import load_results
from .optional import optional

__all__ = [
    "POSSIBLE_X_AXES",
    "X_EPISODES",
    "X_TIMESTEPS",
    "X_WALLTIME",
    "load_results",
    "plot_curves",
    "plot_results",
    "rolling_window",
    "ts2xy",
    "window_func",
]

X_TIMESTEPS = "timesteps"
X_EPISODES = "episodes"
X_WALLTIME = "walltime_hrs"
POSSIBLE_X_AXES = [X_TIMESTEPS, X_EPISODES, X_WALLTIME]
EPISODES_WINDOW = 100

Curve = tuple[NDArray[Any], NDArray[Any]]


def rolling_window(array: NDArray[Any], window: int) -> NDArray[Any]:
    """Returns all windows of successive elements, one in each row."""
    return np.lib.stride_tricks.sliding_window_view(array, window, axis=-1)


def window_func(var_1: NDArray[Any], var_2: NDArray[Any], window: int, func: Callable[..., Any]) -> Curve:
    """
    Applies a function to each window of a curve.

    :param var_1: x
    :param var_2: y
    :param window: elements of a window
    :param func: function with an argument `axis`, such as `np.mean`
    :return: x at the end of each window, and the results
    """
    return var_1[window - 1 :], func(rolling_window(var_2, window), axis=-1)


def ts2xy(data_frame: Any, x_axis: str) -> Curve:
    """
    Returns the curve of the returns.

    :param data_frame: result of `load_results`
    :param x_axis: X_TIMESTEPS, X_EPISODES or X_WALLTIME
    """
    axes: dict[str, Callable[[], Any]] = {
        X_TIMESTEPS: lambda: np.cumsum(data_frame.l.values),
        X_EPISODES: lambda: np.arange(len(data_frame)),
        X_WALLTIME: lambda: data_frame.t.values / 3600.0,
    }
    if x_axis not in axes:
        raise ValueError(f"x_axis is {x_axis!r}: use one of {', '.join(POSSIBLE_X_AXES)}")
    return axes[x_axis](), data_frame.r.values


def plot_curves(xy_list: Sequence[Curve], x_axis: str, title: str, figsize: tuple[int, int] = (8, 2)) -> None:
    """Draws curves as points, with their moving means over 100 episodes."""
    pyplot = optional("matplotlib.pyplot")
    pyplot.figure(title, figsize=figsize)
    for x, y in xy_list:
        pyplot.scatter(x, y, s=2)
        if len(x) >= EPISODES_WINDOW:
            pyplot.plot(*window_func(x, y, EPISODES_WINDOW, np.mean))
    pyplot.xlim(0, max((x[-1] for x, _ in xy_list if len(x)), default=1))
    pyplot.title(title)
    pyplot.xlabel(x_axis)
    pyplot.ylabel("Episode Rewards")
    pyplot.tight_layout()


def plot_results(
    dirs: Sequence[str], num_timesteps: int | None, x_axis: str, task_name: str, figsize: tuple[int, int] = (8, 2)
) -> None:
    """
    Plots the returns of monitored runs.

    :param dirs: folders of the runs
    :param num_timesteps: number of steps to plot; None plots all
    :param x_axis: X_TIMESTEPS, X_EPISODES or X_WALLTIME
    :param task_name: title of the plot
    :param figsize: width and height, in inches
    """
    tables = [load_results(folder) for folder in dirs]
    if num_timesteps is not None:
        tables = [table[table.l.cumsum() <= num_timesteps] for table in tables]
    plot_curves([ts2xy(table, x_axis) for table in tables], x_axis, task_name, figsize)
