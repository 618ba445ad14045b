//! The elementary functions that the engine differentiates, with the same bits on every machine.
//!
//! `std` calls the platform's mathematical library, whose last bits differ from one system to the next, and
//! with them all that is computed from there on. Here nothing is called that is not compiled along:
//!
//! - `f64` is computed by the crate `libm`, in the same way with and without `std`.
//! - `f32` is computed by polynomials of our own, from additions, multiplications and divisions that IEEE 754
//!   rounds in one way only. There is no fused multiplication, no table and no branch: alternatives are all
//!   computed and one is selected. A loop over a slice is therefore compiled to vectors as wide as its caller
//!   allows, and every width gives the bits of a single call. So does any other program that repeats these
//!   operations in this order, such as one that runs an exported policy.
//!
//! # Accuracy
//!
//! The greatest errors in `f32` over all 2³² arguments, in units in the last place of the result:
//!
//! | [`exp`] | [`ln`] | [`tanh`] | [`softplus`] | [`sigmoid`] |
//! |---|---|---|---|---|
//! | 0.80 | 0.97 | 1.06 | 1.11 | 1.68 |
//!
//! `SOFTAC_ELEMENTARY_STRIDE=1 cargo test --release --lib elementary` measures them again. In `f64` the error of exp and ln
//! is below one unit and that of tanh about two at most, as the source of `libm` says; softplus and sigmoid
//! put two of its functions together.
//!
//! Where the result is subnormal, the unit is the smallest subnormal number. NaN gives NaN, whose payload is
//! the one thing that may differ between machines. On x86 without SSE2 Rust's own arithmetic is not that of
//! IEEE 754, and none of this holds.

mod double;
mod single;
#[cfg(test)]
mod tests;

pub(crate) use double::ln_of_normal;
#[cfg(feature = "std")]
pub(crate) use single::{Constants, constants};

mod sealed {
    /// The functions, under names that are not those of [`num_traits::Float`]: a type has both.
    pub trait Functions: Copy {
        fn exp_of(x: Self) -> Self;
        fn ln_of(x: Self) -> Self;
        fn tanh_of(x: Self) -> Self;
        fn softplus_of(x: Self) -> Self;
        fn sigmoid_of(x: Self) -> Self;
    }
}

/// A type that has the functions of this module: `f32` or `f64`.
///
/// The trait is sealed and has no methods to call; call [`exp`], [`ln`], [`tanh`], [`softplus`] and
/// [`sigmoid`].
pub trait Elementary: sealed::Functions {}

impl Elementary for f32 {}
impl Elementary for f64 {}

/// `eˣ`, for all x.
///
/// 0 at −∞, +∞ from about 88.73 (`f32`) and 709.79 (`f64`) on; subnormal results are rounded as all others.
///
/// ```
/// use softac::elementary::exp;
/// assert_eq!((exp(0.0_f32), exp(f32::NEG_INFINITY), exp(89.0_f32)), (1.0, 0.0, f32::INFINITY));
/// ```
#[inline(always)]
#[must_use]
pub fn exp<T: Elementary>(x: T) -> T {
    T::exp_of(x)
}

/// The natural logarithm `ln x`, for x > 0, subnormal or not.
///
/// −∞ at 0 of either sign, NaN below, +∞ at +∞.
///
/// ```
/// use softac::elementary::ln;
/// assert_eq!((ln(1.0_f32), ln(0.0_f32)), (0.0, f32::NEG_INFINITY));
/// assert!(ln(-1.0_f32).is_nan());
/// ```
#[inline(always)]
#[must_use]
pub fn ln<T: Elementary>(x: T) -> T {
    T::ln_of(x)
}

/// The hyperbolic tangent `tanh x = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)`, for all x.
///
/// ±1 at ±∞ and never beyond; `tanh(−x)` is `−tanh(x)` to the bit, also at 0.
///
/// ```
/// use softac::elementary::tanh;
/// assert_eq!((tanh(f32::INFINITY), tanh(-20.0_f32)), (1.0, -1.0));
/// ```
#[inline(always)]
#[must_use]
pub fn tanh<T: Elementary>(x: T) -> T {
    T::tanh_of(x)
}

/// `softplus(x) = ln(1 + eˣ)`, for all x, in the form `max(x, 0) + ln(1 + e^{−|x|})`, which neither
/// overflows for large x nor loses the small value for very negative x.
///
/// x itself for large x, `eˣ` for very negative x, with the accuracy of all other results.
///
/// ```
/// use softac::elementary::softplus;
/// assert_eq!(softplus(1000.0_f64), 1000.0);
/// assert!((softplus(0.0_f64) - 2.0_f64.ln()).abs() < 1e-15);
/// ```
#[inline(always)]
#[must_use]
pub fn softplus<T: Elementary>(x: T) -> T {
    T::softplus_of(x)
}

/// `sigmoid(x) = 1 / (1 + e^{−x})`, the slope of [`softplus`], for all x.
///
/// Nothing overflows on either side: 1 for large x, `eˣ` for very negative x.
///
/// ```
/// use softac::elementary::sigmoid;
/// assert_eq!((sigmoid(0.0_f32), sigmoid(-1000.0_f32), sigmoid(1000.0_f32)), (0.5, 0.0, 1.0));
/// ```
#[inline(always)]
#[must_use]
pub fn sigmoid<T: Elementary>(x: T) -> T {
    T::sigmoid_of(x)
}

impl sealed::Functions for f64 {
    #[inline(always)]
    fn exp_of(x: Self) -> Self {
        libm::exp(x)
    }

    #[inline(always)]
    fn ln_of(x: Self) -> Self {
        libm::log(x)
    }

    #[inline(always)]
    fn tanh_of(x: Self) -> Self {
        libm::tanh(x)
    }

    #[inline(always)]
    // ANCHOR: softplus
    fn softplus_of(x: Self) -> Self {
        // Not `max(0, x)`: that would turn a NaN into 0 and hide it.
        let positive_part = if x < 0.0 { 0.0 } else { x };
        positive_part + libm::log1p(libm::exp(-x.abs()))
    }
    // ANCHOR_END: softplus

    #[inline(always)]
    fn sigmoid_of(x: Self) -> Self {
        let decay = libm::exp(-x.abs());
        let far_side = if x < 0.0 { decay } else { 1.0 };
        // Instead of `far_side / (1 + decay)`: what rounds in the sum then counts for half at most.
        far_side - far_side * (decay / (1.0 + decay))
    }
}

impl sealed::Functions for f32 {
    #[inline(always)]
    fn exp_of(x: Self) -> Self {
        single::exp(x)
    }

    #[inline(always)]
    fn ln_of(x: Self) -> Self {
        single::ln(x)
    }

    #[inline(always)]
    fn tanh_of(x: Self) -> Self {
        single::tanh(x)
    }

    #[inline(always)]
    fn softplus_of(x: Self) -> Self {
        single::softplus(x)
    }

    #[inline(always)]
    fn sigmoid_of(x: Self) -> Self {
        single::sigmoid(x)
    }
}
