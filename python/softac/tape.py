"""
Reverse-mode differentiation: the engine's tape, with variables over numpy arrays.

    from softac import tape

    t = tape.Tape()
    w, x = t.leaf([[0.5], [-0.3]]), t.constant([[1.0, 2.0], [3.0, -1.0]])
    loss = (x @ w).tanh().square().mean()
    gradient = loss.backward().wrt(w)

A variable is a matrix in double precision. Operations are those of the engine, with its derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeGuard, Union

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import gradient
from ._core import Recording

Floats = NDArray[np.float64]
Operand = Union["Var", ArrayLike]


class Tape:
    """A list of operations on matrices, as they are computed, from which gradients follow."""

    def __init__(self) -> None:
        self._recording = Recording()

    def leaf(self, value: ArrayLike) -> Var:
        """An input with respect to which gradients are taken: a matrix; a number or a row is one of one row."""
        return Var(self, self._recording.input(_matrix(value), True))

    def constant(self, value: ArrayLike) -> Var:
        """An input that counts as constant."""
        return Var(self, self._recording.input(_matrix(value), False))


def _matrix(value: ArrayLike) -> Floats:
    matrix = np.atleast_2d(np.asarray(value, np.float64))
    if matrix.ndim > 2:
        raise ValueError(f"a variable is a matrix, and this has {matrix.ndim} dimensions")
    return np.ascontiguousarray(matrix)


class Var:
    """
    A matrix on a tape, that was put in or computed.

    `+`, `-` and `*` go element by element, with a number, an array or a variable; `@` is the product of matrices.
    """

    # numpy leaves operators between arrays and variables to the variable.
    __array_ufunc__ = None

    def __init__(self, tape: Tape, index: int) -> None:
        self._tape, self._index = tape, index

    @property
    def value(self) -> Floats:
        """The values, as an array."""
        return self._tape._recording.value(self._index)

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and columns."""
        return self.value.shape

    def item(self) -> float:
        """The only number of a variable of one row and one column."""
        return float(self.value.item())

    def backward(self) -> Gradients:
        """The derivatives of this variable, of one row and one column, with respect to all that it depends on."""
        return Gradients(self._tape._recording.backward(self._index))

    def _apply(self, name: str, *others: Operand, numbers: tuple[float, ...] = ()) -> Var:
        inputs = [self._index, *(self._of_this_tape(other)._index for other in others)]
        return Var(self._tape, self._tape._recording.apply(name, inputs, list(numbers)))

    def _of_this_tape(self, other: Operand) -> Var:
        if not isinstance(other, Var):
            return self._tape.constant(other)
        if other._tape is not self._tape:
            raise ValueError("the variables are of different tapes")
        return other

    def __neg__(self) -> Var:
        return self._apply("neg")

    def __add__(self, other: Operand) -> Var:
        return self._apply("shift", numbers=(float(other),)) if _is_number(other) else self._apply("add", other)

    __radd__ = __add__

    def __sub__(self, other: Operand) -> Var:
        return self + -float(other) if _is_number(other) else self._apply("sub", other)

    def __rsub__(self, other: Operand) -> Var:
        return -self + other

    def __mul__(self, other: Operand) -> Var:
        return self._apply("scale", numbers=(float(other),)) if _is_number(other) else self._apply("mul", other)

    __rmul__ = __mul__

    def __matmul__(self, other: Operand) -> Var:
        return self._apply("matmul", other)

    def __rmatmul__(self, other: Operand) -> Var:
        return self._of_this_tape(other) @ self

    def add_bias(self, bias: Operand) -> Var:
        """Adds a row [1, C] to every row."""
        return self._apply("add_bias", bias)

    def square(self) -> Var:
        """x², element by element."""
        return self._apply("square")

    def exp(self) -> Var:
        """eˣ, element by element."""
        return self._apply("exp")

    def log(self) -> Var:
        """ln x, element by element."""
        return self._apply("ln")

    def tanh(self) -> Var:
        """tanh x, element by element."""
        return self._apply("tanh")

    def softplus(self) -> Var:
        """ln(1 + eˣ), element by element."""
        return self._apply("softplus")

    def relu(self) -> Var:
        """max(x, 0), element by element."""
        return self._apply("relu")

    def one_minus(self) -> Var:
        """1 − x, element by element."""
        return self._apply("one_minus")

    def clip(self, low: float, high: float) -> Var:
        """Values within bounds; outside, the gradient is zero."""
        return self._apply("clamp", numbers=(low, high))

    def minimum(self, other: Operand) -> Var:
        """The smaller of two, element by element."""
        return self._apply("minimum", other)

    def sum(self) -> Var:
        """The sum of all elements, [1, 1]."""
        return self._apply("sum")

    def mean(self) -> Var:
        """The mean of all elements, [1, 1]."""
        return self._apply("mean")

    def sum_rows(self) -> Var:
        """The sum of the rows, [1, C]."""
        return self._apply("sum_rows")

    def mean_rows(self) -> Var:
        """The mean of the rows, [1, C]."""
        return self._apply("mean_rows")

    def sum_columns(self) -> Var:
        """The sum of the columns, [R, 1]."""
        return self._apply("sum_columns")

    def mean_columns(self) -> Var:
        """The mean of the columns, [R, 1]."""
        return self._apply("mean_columns")

    def columns(self, start: int, stop: int) -> Var:
        """The columns from `start` to before `stop`."""
        return self._apply("columns", numbers=(start, stop))

    def concat(self, right: Operand) -> Var:
        """The columns of both, those of this variable first."""
        return self._apply("concat", right)

    def broadcast(self, rows: int, columns: int) -> Var:
        """A row, a column or a number, repeated to a matrix of this shape."""
        return self._apply("broadcast", numbers=(rows, columns))

    def detach(self) -> Var:
        """The same values, through which no gradient flows."""
        return self._apply("detach")

    def __repr__(self) -> str:
        return f"Var({self.value})"


def _is_number(other: Any) -> TypeGuard[float]:
    return isinstance(other, (int, float, np.number))


class Gradients:
    """The derivatives of a variable."""

    def __init__(self, arrays: list[Floats]) -> None:
        self._arrays = arrays

    def wrt(self, var: Var) -> Floats:
        """The derivative with respect to a variable, in its shape; zeros where nothing depends on it."""
        # What was recorded later, it does not depend on.
        return self._arrays[var._index] if var._index < len(self._arrays) else np.zeros(var.shape)


def gradcheck(f: Callable[..., Var], *inputs: ArrayLike) -> gradient.Report:
    """
    Checks the gradient of a function of variables against differences whose own error is known.

    :param f: gets a tape and a leaf for each input, and returns a variable of any shape; it is called once, and what it
        recorded is computed again at other points, with what is detached held to its values
    :param inputs: the point at which it is checked
    :return: the report; `report.assert_ok()` raises it if something is wrong

    >>> gradcheck(lambda t, w: (t.constant([[1.0, 2.0]]) @ w).tanh().sum(), [[0.5], [-0.3]]).ok
    True
    """
    tape = Tape()
    output = f(tape, *(tape.leaf(value) for value in inputs))
    if not isinstance(output, Var) or output._tape is not tape:
        raise TypeError("the function must return a variable of the tape that it is given")
    return gradient.report_of(gradient.check_recorded(tape._recording, output._index))
