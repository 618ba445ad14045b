//! The number types of the engine: `f32` for training, `f64` for checking.
//!
//! Everything that is differentiated is generic over [`Scalar`], so the code that the gradient
//! checker verifies in `f64` is the very code that trains in `f32`.

use core::fmt::{Debug, Display, LowerExp};
use core::iter::Sum;

use ndarray::LinalgScalar;
use num_traits::{Float, NumAssign};

use crate::kernel::Element;

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// A floating-point type the engine computes in: `f32` or `f64`.
///
/// Elementary functions come from `std` where it is there and from `libm` where it is not.
pub trait Scalar:
    Float
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
    + Element
    + sealed::Sealed
{
    /// The type's name as it stands in configurations and files.
    const NAME: &'static str;

    /// The number nearest to `x`.
    fn of(x: f64) -> Self;

    /// This number in double precision, exactly.
    fn as_f64(self) -> f64;

    /// `softplus(x) = ln(1 + eˣ)`, in the form `max(x, 0) + ln(1 + e^{−|x|})`, which neither
    /// overflows for large `x` nor loses the small value for very negative `x`.
    ///
    /// ```
    /// use softac::Scalar;
    /// assert_eq!(1000.0_f64.softplus(), 1000.0);
    /// assert!((0.0_f64.softplus() - 2.0_f64.ln()).abs() < 1e-15);
    /// ```
    #[must_use]
    fn softplus(self) -> Self {
        // Not `max(0, x)`: that would turn a NaN into 0 and hide it.
        let positive_part = if self < Self::zero() { Self::zero() } else { self };
        positive_part + (-self.abs()).exp().ln_1p()
    }

    /// `sigmoid(x) = 1 / (1 + e^{−x})`, the slope of [`softplus`](Scalar::softplus), without
    /// overflow on either side.
    #[must_use]
    fn sigmoid(self) -> Self {
        let decay = (-self.abs()).exp();
        let far_side = if self < Self::zero() { decay } else { Self::one() };
        far_side / (Self::one() + decay)
    }
}

impl Scalar for f32 {
    const NAME: &'static str = "f32";

    fn of(x: f64) -> Self {
        x as f32
    }

    fn as_f64(self) -> f64 {
        f64::from(self)
    }
}

impl Scalar for f64 {
    const NAME: &'static str = "f64";

    fn of(x: f64) -> Self {
        x
    }

    fn as_f64(self) -> f64 {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Scalar;

    #[test]
    fn softplus_is_exact_in_both_tails() {
        assert_eq!(800.0_f64.softplus(), 800.0);
        // ln(1 + e^-50) = e^-50 to double precision.
        assert!(((-50.0_f64).softplus() / (-50.0_f64).exp() - 1.0).abs() < 1e-15);
        assert_eq!(200.0_f32.softplus(), 200.0);
    }

    #[test]
    fn sigmoid_is_the_slope_of_softplus() {
        for x in [-700.0, -30.0, -1.5, 0.0, 0.7, 30.0, 700.0] {
            let h = 1e-6 * f64::max(1.0, f64::abs(x));
            let slope = ((x + h).softplus() - (x - h).softplus()) / (2.0 * h);
            assert!((slope - x.sigmoid()).abs() < 1e-8, "x = {x}");
        }
    }

    #[test]
    fn not_a_number_stays_not_a_number() {
        assert!(f64::NAN.softplus().is_nan());
        assert!(f64::NAN.sigmoid().is_nan());
    }
}
