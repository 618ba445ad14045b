"""The tape and the gradient checker from Python."""

from __future__ import annotations

import doctest
from typing import Any

import numpy as np
import pytest

import softac
from softac import gradient, tape

X, W = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([[0.5], [-0.3]])


def test_gradients_are_those_by_hand() -> None:
    t = tape.Tape()
    w = t.leaf(W)
    loss = (t.constant(X) @ w).tanh().square().mean()
    y = np.tanh(X @ W)
    assert loss.item() == pytest.approx(np.mean(y**2), rel=1e-15)
    assert np.allclose(loss.backward().wrt(w), X.T @ (y * (1 - y**2)), rtol=1e-14)


def test_operators_take_numbers_and_arrays_on_either_side() -> None:
    t = tape.Tape()
    w = t.leaf(W)
    for found, expected in [
        (w + 2, W + 2),
        (2 + w, W + 2),
        (w - 2, W - 2),
        (2 - w, 2 - W),
        (3 * w, 3 * W),
        (w * W, W * W),
        (W - w, 0 * W),
        (-w, -W),
        (X @ w, X @ W),
        (w @ [[2.0, 1.0]], W @ [[2.0, 1.0]]),
    ]:
        assert np.allclose(found.value, expected)


ONE = np.array([[0.3, -1.2, 0.7]])
UNARY: dict[str, Any] = {
    "square": np.square,
    "exp": np.exp,
    "tanh": np.tanh,
    "softplus": lambda x: np.log1p(np.exp(x)),
    "relu": lambda x: np.maximum(x, 0),
    "one_minus": lambda x: 1 - x,
    "sum": lambda x: x.sum(keepdims=True),
    "mean": lambda x: x.mean(keepdims=True),
    "sum_rows": lambda x: x.sum(0, keepdims=True),
    "mean_rows": lambda x: x.mean(0, keepdims=True),
    "sum_columns": lambda x: x.sum(1, keepdims=True),
    "mean_columns": lambda x: x.mean(1, keepdims=True),
    "detach": lambda x: x,
}


@pytest.mark.parametrize("name", UNARY)
def test_every_operation_has_numpys_values_and_a_checked_gradient(name: str) -> None:
    value = getattr(tape.Tape().leaf(ONE), name)().value
    assert np.allclose(value, UNARY[name](ONE), rtol=1e-14)
    tape.gradcheck(lambda t, x: getattr(x, name)() * x.sum(), ONE).assert_ok() if value.size == 1 else None
    tape.gradcheck(lambda t, x: getattr(x, name)(), ONE).assert_ok()


def test_operations_with_arguments_have_them_too() -> None:
    tape.gradcheck(lambda t, x: x.clip(-1, 0.5), ONE).assert_ok()
    tape.gradcheck(lambda t, x: x.columns(1, 3).concat(x).minimum(0.1 * np.ones((1, 5))), ONE).assert_ok()
    tape.gradcheck(lambda t, x, b: x.broadcast(4, 3).add_bias(b).square(), ONE, ONE + 1).assert_ok()
    tape.gradcheck(lambda t, x: x.exp().log(), ONE).assert_ok()


def test_nothing_flows_through_what_is_detached() -> None:
    t = tape.Tape()
    w = t.leaf(W)
    gradients = (w.detach() * w).sum().backward()
    assert np.array_equal(gradients.wrt(w), W)
    assert np.array_equal(gradients.wrt(w.square()), 0 * W)
    tape.gradcheck(lambda t, w: w.detach() * w, W).assert_ok()


def test_what_cannot_be_recorded_is_an_error_where_it_is_written() -> None:
    t = tape.Tape()
    w = t.leaf(W)
    with pytest.raises(ValueError, match="matmul|inner|shape|columns"):
        w @ w
    with pytest.raises(ValueError, match="different tapes"):
        w + tape.Tape().leaf(W)
    with pytest.raises(ValueError, match="3 dimensions"):
        t.leaf(np.zeros((1, 1, 1)))
    with pytest.raises(ValueError, match="without numbers"):
        t.leaf(np.zeros((0, 2)))
    with pytest.raises(ValueError):
        w.backward()
    with pytest.raises(TypeError, match="must return a variable"):
        tape.gradcheck(lambda t, x: 3, W)


def cubes(x: Any, y: Any) -> tuple[float, list[Any]]:
    return np.sum(x**3) * y, [3 * x**2 * y, np.sum(x**3)]


def test_a_right_gradient_of_arrays_of_any_shape_passes() -> None:
    report = softac.gradcheck(cubes, np.arange(1.0, 9.0).reshape(2, 2, 2) / 3, np.array(0.7))
    assert report.ok and report.coverage == 1.0 and len(report.components) == 9
    assert {component.verdict for component in report.components} == {"pass"}


def test_a_wrong_component_is_named() -> None:
    def wrong(x: Any) -> tuple[float, Any]:
        gradient = 3 * x**2
        gradient[1] *= 1.001
        return np.sum(x**3), gradient

    report = softac.gradcheck(wrong, np.array([0.3, -1.2, 2.0]))
    worst = report.components[0]
    assert not report.ok and worst.name == "p[0][0, 1]" and worst.verdict == "MISMATCH"
    assert worst.numeric == pytest.approx(3 * 1.2**2) and worst.analytic == pytest.approx(3 * 1.2**2 * 1.001)
    with pytest.raises(AssertionError, match="MISMATCH"):
        report.assert_ok()


def test_what_a_function_raises_comes_as_it_is() -> None:
    calls = []

    def fails(x: Any) -> tuple[float, Any]:
        calls.append(x)
        if len(calls) == 3:
            raise ZeroDivisionError("no value here")
        return float(np.sum(x**2)), 2 * x

    with pytest.raises(ZeroDivisionError, match="no value here"):
        softac.gradcheck(fails, np.ones(2))
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        softac.gradcheck(lambda x: (0.0, np.ones(3)), np.ones(2))
    with pytest.raises(ValueError, match="1 gradients for 2 inputs"):
        softac.gradcheck(lambda x, y: (0.0, [x]), np.ones(2), np.ones(2))
    with pytest.raises(ValueError, match="must be inputs"):
        softac.gradcheck(lambda: (0.0, []))


def test_the_examples_of_the_docstrings_hold() -> None:
    for module in (gradient, tape):
        assert doctest.testmod(module).failed == 0
