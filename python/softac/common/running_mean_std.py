"""The running mean and variance of a stream of arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class RunningMeanStd:
    """
    Mean and variance of all rows so far (Chan et al. 1983, parallel form).

    It begins with the mean 0, the variance 1, and the weight of `epsilon` rows.
    """

    def __init__(self, epsilon: float = 1e-4, shape: tuple[int, ...] = ()) -> None:
        self.mean: NDArray[np.float64] = np.zeros(shape)
        self.var: NDArray[np.float64] = np.ones(shape)
        self.count = float(epsilon)

    def copy(self) -> RunningMeanStd:
        """Statistics of their own with the same numbers."""
        other = RunningMeanStd(shape=self.mean.shape)
        other.mean, other.var, other.count = self.mean.copy(), self.var.copy(), self.count
        return other

    def update(self, arr: NDArray[np.floating]) -> None:
        """Counts the rows of an array."""
        self.update_from_moments(np.mean(arr, axis=0), np.var(arr, axis=0), len(arr))

    def update_from_moments(
        self, batch_mean: NDArray[np.floating], batch_var: NDArray[np.floating], batch_count: float
    ) -> None:
        """Counts rows whose moments these are."""
        delta, total = batch_mean - self.mean, self.count + batch_count
        between = np.square(delta) * self.count * batch_count / total
        self.var = (self.var * self.count + batch_var * batch_count + between) / total
        self.mean = self.mean + delta * batch_count / total
        self.count = total
