"""Running mean and variance."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class RunningMeanStd:
    """
    Mean and variance of a stream of batches.

    :param epsilon: weight of the initial mean 0 and variance 1
    :param shape: shape of one element
    """

    def __init__(self, epsilon: float = 1e-4, shape: tuple[int, ...] = ()) -> None:
        self.mean: NDArray[np.float64] = np.zeros(shape, np.float64)
        self.var: NDArray[np.float64] = np.ones(shape, np.float64)
        self.count: float = epsilon

    def copy(self) -> RunningMeanStd:
        """Returns an independent copy."""
        new = RunningMeanStd(self.count)
        new.mean, new.var = self.mean.copy(), self.var.copy()
        return new

    def combine(self, other: RunningMeanStd) -> None:
        """Adds the statistics of another stream."""
        self.update_from_moments(other.mean, other.var, other.count)

    def update(self, arr: NDArray[Any]) -> None:
        """Adds a batch, whose first axis counts its elements."""
        values = np.asarray(arr, np.float64)
        self.update_from_moments(values.mean(axis=0), values.var(axis=0), len(values))

    def update_from_moments(self, batch_mean: NDArray[Any], batch_var: NDArray[Any], batch_count: float) -> None:
        """Adds a batch of which only mean, variance and size are known."""
        total = self.count + batch_count
        delta = batch_mean - self.mean
        self.mean = self.mean + delta * (batch_count / total)
        spread = np.square(delta) * (self.count * batch_count / total)
        self.var = (self.var * self.count + batch_var * batch_count + spread) / total
        self.count = total
