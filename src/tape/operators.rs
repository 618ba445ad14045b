//! Arithmetic on variables: `-a`, `a + b`, `a - b`, `a * b`, and the last three with a number on the right.

use core::ops::{Add, Mul, Neg, Sub};

use super::ops::{Binary, Op, Unary};
use super::var::Var;
use crate::Scalar;

impl<T: Scalar> Neg for Var<'_, T> {
    type Output = Self;

    fn neg(self) -> Self {
        self.apply(Op::Unary(Unary::Neg))
    }
}

impl<T: Scalar> Add for Var<'_, T> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.apply_with(Op::Binary(Binary::Add), &[other])
    }
}

impl<T: Scalar> Sub for Var<'_, T> {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.apply_with(Op::Binary(Binary::Sub), &[other])
    }
}

/// Element by element; the matrix product is [`matmul`](Var::matmul).
impl<T: Scalar> Mul for Var<'_, T> {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        self.apply_with(Op::Binary(Binary::Mul), &[other])
    }
}

impl<T: Scalar> Add<T> for Var<'_, T> {
    type Output = Self;

    fn add(self, constant: T) -> Self {
        self.apply(Op::Unary(Unary::Shift(constant)))
    }
}

impl<T: Scalar> Sub<T> for Var<'_, T> {
    type Output = Self;

    fn sub(self, constant: T) -> Self {
        self + -constant
    }
}

impl<T: Scalar> Mul<T> for Var<'_, T> {
    type Output = Self;

    fn mul(self, constant: T) -> Self {
        self.apply(Op::Unary(Unary::Scale(constant)))
    }
}

#[cfg(test)]
mod tests {
    use crate::tape::{Tape, Var};
    use ndarray::{Array2, array};

    #[test]
    fn operators_between_variables_and_with_constants_are_those_of_arithmetic() {
        let (a, b) = (array![[1.0, -2.0, 0.5]], array![[4.0, 0.25, -3.0]]);
        let tape = Tape::new();
        let (x, y) = (tape.leaf(&a), tape.leaf(&b));
        let check = |found: Var<'_, f64>, expected: Array2<f64>| {
            assert_eq!(found.value().unwrap(), expected);
        };
        check(x + y, &a + &b);
        check(x - y, &a - &b);
        check(x * y, &a * &b);
        check(-x, -&a);
        check(x + 3.0, &a + 3.0);
        check(x - 3.0, &a - 3.0);
        check(x * 3.0, &a * 3.0);
        check(x.one_minus(), 1.0 - &a);
    }
}
