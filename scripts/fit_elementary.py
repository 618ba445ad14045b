"""Fit the polynomials of src/elementary/single.rs and print them as they stand there.

To fit them anew, from the root of the repository:

    pip install numpy mpmath
    python scripts/fit_elementary.py

Each polynomial approximates the rest of a function behind its first terms, which are computed exactly:

    EXP    (e^r - 1 - r) / r^2              |r| <= ln(2) / 2
    LN     (ln(1 + f) - f + f^2 / 2) / f^3  -1/4 <= f <= 1/2
    TANH   (tanh(x) / x - 1) / s            s = x^2, 0 <= x <= 0.7

The greatest error, relative to the whole function, is made as small as possible on a grid of Chebyshev
points, by Lawson's iteration: weighted least squares whose weights grow where the error is greatest. The
coefficients are then rounded to float32 one after another, from the lowest up; those that remain are fitted
again after each rounding, and make up for what it cost. The targets are computed with 40 digits. Printed
with each polynomial is its greatest relative error, before rounding in the evaluation.
"""

import numpy as np
from mpmath import exp, log, log1p, mp, mpf, tanh

ROUNDS = 1500


def chebyshev_points(low, high, count=1200):
    return (low + high) / 2 + (high - low) / 2 * np.cos(np.pi * (np.arange(count) + 0.5) / count)


def minimax(powers, target, weight):
    """Coefficients c with the least max |weight (powers @ c - target)|, and that maximum."""
    columns = powers * weight[:, None]
    scale = np.abs(columns).max(axis=0)
    emphasis = np.full(len(target), 1 / len(target))
    best = (np.inf, None)
    for _ in range(ROUNDS):
        root = np.sqrt(emphasis)
        rows = columns / scale * root[:, None]
        solution = np.linalg.lstsq(rows, target * weight * root, rcond=None)[0]
        error = np.abs(columns @ (solution / scale) - target * weight)
        best = min(best, (error.max(), tuple(solution / scale)))
        emphasis *= error
        emphasis /= emphasis.sum()
    return best[1], best[0]


def fit(name, terms, points, target, weight, variable):
    target = np.array([float(target(mpf(x))) for x in points])
    weight = np.array([float(weight(mpf(x))) for x in points])
    powers = np.vander(variable(points), terms, increasing=True)
    coefficients, rest = [], target
    for k in range(terms):
        lowest = np.float32(minimax(powers[:, k:], rest, weight)[0][0])
        coefficients.append(lowest)
        rest = rest - float(lowest) * powers[:, k]
    error = np.abs(rest * weight).max()
    print(f"/// Relative error 2^{np.log2(error):.1f}.")
    print(f"const {name}: [f32; {terms}] = [{', '.join(map(str, coefficients))}];")


def main():
    mp.dps = 40
    # Argument reduction may leave a little more than half a logarithm of two.
    half = float(log(2) / 2) * 1.0001
    fit(
        "EXP",
        5,
        chebyshev_points(-half, half),
        target=lambda r: (exp(r) - 1 - r) / r**2,
        weight=lambda r: r**2 / exp(r),
        variable=lambda r: r,
    )
    fit(
        "LN",
        8,
        chebyshev_points(-0.25, 0.5),
        target=lambda f: (log1p(f) - f + f**2 / 2) / f**3,
        weight=lambda f: f**3 / log1p(f),
        variable=lambda f: f,
    )
    fit(
        "TANH",
        6,
        chebyshev_points(0, 0.7),
        target=lambda x: (tanh(x) / x - 1) / x**2,
        weight=lambda x: x**3 / tanh(x),
        variable=lambda x: x * x,
    )


if __name__ == "__main__":
    main()
