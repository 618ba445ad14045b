"""Write log(1 - tanh(u)^2) in high precision to tests/fixtures/log_tanh_jacobian.csv.

The test tests/squashed_gaussian.rs compares with it. To write it anew, from the root of the repository:

    pip install mpmath
    python scripts/make_log_jacobian_table.py

Each value is computed as it is defined, with 120 digits, and rounded once to the nearest float64: at
u = 40, where 1 - tanh(u)^2 is about 1e-34, more than 80 digits are left. Every u is a float32 exactly.
"""

from pathlib import Path

from mpmath import log, mp, mpf, tanh

OUT = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "log_tanh_jacobian.csv"


def main():
    mp.dps = 120
    points = {i / 2 for i in range(-80, 81)}
    points |= {sign * 2.0**-k for sign in (-1, 1) for k in range(2, 31, 2)}
    rows = [f"{u!r},{float(log(1 - tanh(mpf(u)) ** 2))!r}" for u in sorted(points)]
    OUT.write_text("u,log_jacobian\n" + "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
