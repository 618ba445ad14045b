"""Checks of gradients against differences whose own error is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._core import check_numpy, check_recorded

__all__ = ["Component", "Report", "check_recorded", "gradcheck", "report_of"]


@dataclass(frozen=True)
class Component:
    """One component of a gradient."""

    name: str
    """Its place, such as `p[0][1, 2]`: element [1, 2] of the first input."""
    analytic: float
    """The derivative that was given."""
    numeric: float
    """The derivative by differences; NaN where there is none."""
    bound: float
    """The bound of the error of `numeric`."""
    verdict: str
    """`pass`, `MISMATCH`, or why nothing can be said."""


@dataclass(frozen=True)
class Report:
    """The outcome of a check. As a text it is a table."""

    ok: bool
    """Nothing is wrong, and enough was decided."""
    coverage: float
    """The share of components that were decided."""
    components: list[Component]
    """All components, the worst first."""
    table: str
    """The table."""

    def assert_ok(self) -> None:
        """Raises AssertionError with the table, unless the report is ok."""
        if not self.ok:
            raise AssertionError(self.table)

    def __str__(self) -> str:
        return self.table


def report_of(outcome: tuple[bool, float, list[tuple[str, float, float, float, str]], str]) -> Report:
    """The report of what the engine found."""
    ok, coverage, rows, table = outcome
    return Report(ok, coverage, [Component(*row) for row in rows], table)


def gradcheck(f: Callable[..., tuple[float, Any]], *inputs: ArrayLike) -> Report:
    """
    Checks the gradients that a function gives beside its value.

    :param f: gets the inputs as arrays of their own shapes, of doubles; returns the value, a number, and the gradient with
        respect to each input in its shape: one array, or a sequence of arrays for several inputs
    :param inputs: the point at which it is checked; arrays of any shape
    :return: the report; `report.assert_ok()` raises it if something is wrong

    >>> import numpy as np
    >>> gradcheck(lambda x: (np.sum(x**3), 3 * x**2), np.array([0.3, -1.2])).ok
    True
    """
    arrays = [np.asarray(value, np.float64) for value in inputs]

    def of_matrices(*matrices: Any) -> tuple[float, list[Any]]:
        value, gradients = f(*(matrix.reshape(array.shape) for matrix, array in zip(matrices, arrays)))
        given = [gradients] if len(arrays) == 1 and not isinstance(gradients, (list, tuple)) else list(gradients)
        if len(given) != len(arrays):
            raise ValueError(f"the function gives {len(given)} gradients for {len(arrays)} inputs")
        for gradient, array in zip(given, arrays):
            if np.shape(gradient) != array.shape:
                raise ValueError(f"a gradient has the shape {np.shape(gradient)}, and its input {array.shape}")
        return float(np.asarray(value).item()), [_matrix(np.asarray(gradient, np.float64)) for gradient in given]

    return report_of(check_numpy(of_matrices, [_matrix(array) for array in arrays]))


def _matrix(array: Any) -> Any:
    """An array as a matrix: rows of the last dimension."""
    return np.ascontiguousarray(array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array.reshape(1, -1))
