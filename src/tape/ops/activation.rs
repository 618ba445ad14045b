//! The activations of hidden layers, written once for the element-wise operation and the fused layer.

use alloc::vec::Vec;

use crate::Scalar;
use crate::elementary::tanh;
use crate::kernel::{LINE, vectorised};

/// A layer's activation function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "lowercase"))]
pub enum Activation {
    /// `y = x`.
    Identity,
    /// `y = max(x, 0)`.
    #[default]
    Relu,
    /// `y = tanh x`.
    Tanh,
}

/// relu: all reals; a kink at 0, where the slope counts as 0. NaN stays NaN.
pub(super) fn relu<T: Scalar>(x: T) -> T {
    if x < T::zero() { T::zero() } else { x }
}

/// relu′ from the value.
pub(super) fn relu_slope<T: Scalar>(y: T) -> T {
    if y <= T::zero() { T::zero() } else { T::one() }
}

/// tanh′ = 1 − tanh², from the value.
pub(super) fn tanh_slope<T: Scalar>(y: T) -> T {
    T::one() - y * y
}

impl Activation {
    /// Applies the function to every element, in place.
    pub(crate) fn apply<T: Scalar>(self, x: &mut [T]) {
        match self {
            Self::Identity => {}
            Self::Relu => vectorised!(|| x.iter_mut().for_each(|x| *x = relu(*x))),
            Self::Tanh => vectorised!(|| x.iter_mut().for_each(|x| *x = tanh(*x))),
        }
    }

    /// `x̄ = ȳ ⊙ f′(x)` from the output `y = f(x)`, in place of ȳ.
    pub(crate) fn pull_back<T: Scalar>(self, y: &[T], cotangent: &mut [T]) {
        vectorised!(|| {
            let pairs = cotangent.iter_mut().zip(y);
            match self {
                Self::Identity => {}
                Self::Relu => pairs.for_each(|(dy, &y)| *dy *= relu_slope(y)),
                Self::Tanh => pairs.for_each(|(dy, &y)| *dy *= tanh_slope(y)),
            }
        });
    }

    /// The same for the rows whose ȳ is not zero, which are moved together; notes which they are, and says how many
    /// numbers they have.
    pub(crate) fn pull_back_rows<T: Scalar>(
        self,
        y: &[T],
        columns: usize,
        cotangent: &mut [T],
        rows: &mut Vec<u32>,
    ) -> usize {
        rows.clear();
        vectorised!(|| match self {
            Self::Identity => pull_back_rows(y, columns, cotangent, rows, |_| T::one()),
            Self::Relu => pull_back_rows(y, columns, cotangent, rows, relu_slope),
            Self::Tanh => pull_back_rows(y, columns, cotangent, rows, tanh_slope),
        });
        rows.len() * columns
    }
}

#[inline(always)]
fn pull_back_rows<T: Scalar>(
    y: &[T],
    columns: usize,
    cotangent: &mut [T],
    rows: &mut Vec<u32>,
    slope: impl Fn(T) -> T,
) {
    for (i, y) in y.chunks_exact(columns).enumerate() {
        let (before, row) = cotangent.split_at_mut(i * columns);
        let row = &mut row[..columns];
        if is_zero(row) {
            continue;
        }
        let target = rows.len() * columns;
        rows.push(i as u32);
        match before.get_mut(target..target + columns) {
            Some(target) => {
                let terms = target.iter_mut().zip(row.iter().zip(y));
                terms.for_each(|(x, (&dy, &y))| *x = dy * slope(y));
            }
            None => row.iter_mut().zip(y).for_each(|(dy, &y)| *dy *= slope(y)),
        }
    }
}

/// Whether all numbers are 0.
#[inline(always)]
fn is_zero<T: Scalar>(x: &[T]) -> bool {
    // Without a branch in a part, so that it is compiled to vectors.
    x.chunks(LINE).all(|part| part.iter().fold(true, |zero, x| zero & x.is_zero()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relu_keeps_zero_of_either_sign_and_nan() {
        let mut x = [-0.0_f32, 0.0, f32::NAN, -1.0];
        Activation::Relu.apply(&mut x);
        assert_eq!(x.map(f32::is_sign_negative)[..2], [true, false]);
        assert!(x[2].is_nan() && x[3].to_bits() == 0);
    }
}
