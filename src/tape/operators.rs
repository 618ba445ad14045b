//! Arithmetic on variables: `-a`, `a + b`, `a - b`, `a * b`, and the last three with a number on the right.

use core::ops::{Add, Mul, Neg, Sub};

use super::Var;
use super::ops::{Binary, Op, Unary};
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
