//! The number types of the engine: `f32` for training, `f64` for checking.
//!
//! Everything that is differentiated is generic over [`Scalar`], so the code that the gradient
//! checker verifies in `f64` is the very code that trains in `f32`.

use core::fmt::{Debug, Display, LowerExp};
use core::iter::Sum;

use ndarray::LinalgScalar;
use num_traits::{Float, FromBytes, NumAssign, ToBytes};

use crate::elementary::Elementary;
use crate::kernel::Multiply;

/// A floating-point type the engine computes in: `f32` or `f64`.
///
/// What is differentiated calls the functions of [`elementary`](crate::elementary), which give the same bits
/// everywhere. Those of [`Float`] come from `std` where it is there and from `libm` where it is not.
pub trait Scalar:
    Elementary
    + Float
    + LinalgScalar
    + NumAssign
    + Sum
    + Default
    + Debug
    + Display
    + LowerExp
    + Send
    + Sync
    + 'static
    + Multiply
    + ToBytes
    + FromBytes<Bytes = <Self as ToBytes>::Bytes>
{
    /// The type's name as it stands in configurations and files.
    const NAME: &'static str;

    /// What is smaller makes no difference to learning, and is taken for 0 wherever a number decays: 10⁻³⁰ in `f32`,
    /// 10⁻²⁹⁰ in `f64`. Below 10⁻³⁸ and 10⁻³⁰⁸ lie the denormal numbers, with which some processors compute many times
    /// slower, and in which a decaying number would be stuck for good: 0.9 times the least of them is rounded to itself.
    const NEGLIGIBLE: Self;

    /// √[`NEGLIGIBLE`](Self::NEGLIGIBLE): the square of what is smaller is negligible.
    const NEGLIGIBLE_ROOT: Self;

    /// 0 if `|x| < bound`, else x; NaN stays NaN.
    #[inline(always)]
    #[must_use]
    fn zero_below(self, bound: Self) -> Self {
        if self.abs() < bound { Self::zero() } else { self }
    }

    /// The number nearest to `x`.
    fn of(x: f64) -> Self;

    /// This number in double precision, exactly.
    fn as_f64(self) -> f64;

    /// The least number that is not below `x`.
    fn at_least(x: f64) -> Self;

    /// The greatest number that is not above `x`.
    fn at_most(x: f64) -> Self;
}

impl Scalar for f32 {
    const NAME: &'static str = "f32";
    const NEGLIGIBLE: Self = 1e-30;
    const NEGLIGIBLE_ROOT: Self = 1e-15;

    fn of(x: f64) -> Self {
        x as f32
    }

    fn as_f64(self) -> f64 {
        f64::from(self)
    }

    fn at_least(x: f64) -> Self {
        let nearest = x as f32;
        if f64::from(nearest) < x { nearest.next_up() } else { nearest }
    }

    fn at_most(x: f64) -> Self {
        let nearest = x as f32;
        if f64::from(nearest) > x { nearest.next_down() } else { nearest }
    }
}

impl Scalar for f64 {
    const NAME: &'static str = "f64";
    const NEGLIGIBLE: Self = 1e-290;
    const NEGLIGIBLE_ROOT: Self = 1e-145;

    fn of(x: f64) -> Self {
        x
    }

    fn as_f64(self) -> f64 {
        self
    }

    fn at_least(x: f64) -> Self {
        x
    }

    fn at_most(x: f64) -> Self {
        x
    }
}
