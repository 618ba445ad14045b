"""Learning curves of the files of monitors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .monitor import load_results

X_TIMESTEPS, X_EPISODES, X_WALLTIME = "timesteps", "episodes", "walltime_hrs"
EPISODES_WINDOW = 100

Array = NDArray[Any]


def ts2xy(data_frame: Any, x_axis: str) -> tuple[Array, Array]:
    """Returns over steps, episodes or hours, of a table of `load_results`."""
    y = data_frame.r.values
    if x_axis == X_TIMESTEPS:
        return np.cumsum(data_frame.l.values), y
    if x_axis == X_EPISODES:
        return np.arange(len(data_frame)), y
    if x_axis == X_WALLTIME:
        return data_frame.t.values / 3600.0, y
    raise ValueError(f"there is no axis {x_axis!r}: it is {X_TIMESTEPS}, {X_EPISODES} or {X_WALLTIME}")


def window_func(var_1: Array, var_2: Array, window: int, func: Callable[..., Array]) -> tuple[Array, Array]:
    """A function of a moving window of the second array, beside the ends of the windows in the first."""
    windows = np.lib.stride_tricks.sliding_window_view(var_2, window)
    return var_1[window - 1 :], func(windows, axis=-1)


def plot_curves(xy_list: list[tuple[Array, Array]], x_axis: str, title: str, figsize: tuple[int, int] = (8, 2)) -> None:
    """Draws returns, and their means over 100 episodes."""
    import matplotlib.pyplot as plt

    plt.figure(title, figsize=figsize)
    for x, y in xy_list:
        plt.scatter(x, y, s=2)
        if len(x) >= EPISODES_WINDOW:
            plt.plot(*window_func(x, y, EPISODES_WINDOW, np.mean))
    plt.title(title)
    plt.xlabel(x_axis)
    plt.ylabel("Episode Rewards")
    plt.tight_layout()


def plot_results(
    dirs: list[str], num_timesteps: int | None, x_axis: str, task_name: str, figsize: tuple[int, int] = (8, 2)
) -> None:
    """Draws the learning curves of the monitors in these folders, up to so many steps."""
    curves = []
    for folder in dirs:
        table = load_results(folder)
        if num_timesteps is not None:
            table = table[table.l.cumsum() <= num_timesteps]
        curves.append(ts2xy(table, x_axis))
    plot_curves(curves, x_axis, task_name, figsize)
