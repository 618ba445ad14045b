//! The activations of hidden layers, written once for the element-wise operation and the fused layer.

use crate::Scalar;
use crate::elementary::tanh;
use crate::kernel::vectorised;

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
            Self::Relu => vectorised(|| x.iter_mut().for_each(|x| *x = relu(*x))),
            Self::Tanh => vectorised(|| x.iter_mut().for_each(|x| *x = tanh(*x))),
        }
    }

    /// `x̄ = ȳ ⊙ f′(x)` from the output `y = f(x)`.
    pub(crate) fn pull_back<T: Scalar>(self, y: &[T], cotangent: &[T], pulled: &mut [T]) {
        vectorised(|| {
            let pairs = pulled.iter_mut().zip(cotangent.iter().zip(y));
            match self {
                Self::Identity => pulled.copy_from_slice(cotangent),
                Self::Relu => pairs.for_each(|(x, (&dy, &y))| *x = dy * relu_slope(y)),
                Self::Tanh => pairs.for_each(|(x, (&dy, &y))| *x = dy * tanh_slope(y)),
            }
        });
    }
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
