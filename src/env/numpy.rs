//! The arithmetic of NumPy scalars, for environments that are defined by it.
//!
//! Since NumPy 2 (NEP 50, <https://numpy.org/neps/nep-0050-scalar-promotion.html>) the precision of
//! an operation depends on the types of its operands alone: `float64` wins over `float32`, and both
//! win over a Python `float`, which is rounded to the precision of the other operand first.

use core::ops::{Add, Mul};

/// The type of a number in Python, the weakest first: an operation yields the stronger of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Precision {
    Python,
    Single,
    Double,
}

/// A Python `float`, a `numpy.float32` or a `numpy.float64`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    value: f64,
    precision: Precision,
}

impl Number {
    /// A Python `float`.
    pub(super) fn python(value: f64) -> Self {
        Self { value, precision: Precision::Python }
    }

    /// A `numpy.float32`: the one nearest to `value`.
    pub(super) fn single(value: f64) -> Self {
        Self { value: f64::from(value as f32), precision: Precision::Single }
    }

    /// A `numpy.float64`.
    pub(super) fn double(value: f64) -> Self {
        Self { value, precision: Precision::Double }
    }

    /// The number, exactly.
    pub(super) fn value(self) -> f64 {
        self.value
    }

    /// Its bits and its precision, to be restored from.
    pub(super) fn words(self) -> [u64; 2] {
        [self.value.to_bits(), self.precision as u64]
    }

    /// The number of these words, if there is one.
    pub(super) fn of_words([bits, precision]: [u64; 2]) -> Option<Self> {
        let precisions = [Precision::Python, Precision::Single, Precision::Double];
        let precision = precisions.into_iter().find(|&known| known as u64 == precision)?;
        Some(Self { value: f64::from_bits(bits), precision })
    }

    /// The number if it is within the bounds, else the Python `float` that is the nearer bound, as
    /// in `if x > high: x = high`.
    pub(super) fn clamp(self, low: f64, high: f64) -> Self {
        let (low, high) = (Self::python(low), Self::python(high));
        if high.less(self) {
            high
        } else if self.less(low) {
            low
        } else {
            self
        }
    }

    // The comparisons are not `PartialOrd`: promotion makes them intransitive.

    /// `self < other`.
    pub(super) fn less(self, other: Self) -> bool {
        self.promoted(other, |x, y| x < y).0
    }

    /// `self == other`.
    pub(super) fn equal(self, other: Self) -> bool {
        self.promoted(other, |x, y| x == y).0
    }

    /// Brings both operands to the precision of the operation.
    fn promoted<T>(self, other: Self, operation: impl Fn(f64, f64) -> T) -> (T, Precision) {
        let precision = self.precision.max(other.precision);
        let [x, y] = [self, other].map(|number| match precision {
            Precision::Single => Self::single(number.value).value,
            Precision::Python | Precision::Double => number.value,
        });
        (operation(x, y), precision)
    }

    /// Rounds the exact or double result of an operation to its precision.
    ///
    /// Rounding a sum or product of two `f32` to `f64` first does no harm: 53 bits are more than
    /// twice 24 and two, so that the second rounding gives what one rounding would (Figueroa, "When
    /// is double rounding innocuous?", 1995, <https://doi.org/10.1145/221332.221334>).
    fn rounded((value, precision): (f64, Precision)) -> Self {
        match precision {
            Precision::Single => Self::single(value),
            Precision::Python | Precision::Double => Self { value, precision },
        }
    }
}

impl Add for Number {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::rounded(self.promoted(other, |x, y| x + y))
    }
}

impl Mul for Number {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self::rounded(self.promoted(other, |x, y| x * y))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_floats_take_the_precision_of_the_other_operand() {
        let (weak, single, double) =
            (Number::python(0.1), Number::single(0.1), Number::double(0.1));
        // In NumPy 2: `np.float32(0.1) == 0.1`, `np.float64(0.1) == 0.1`,
        // `np.float32(0.1) != np.float64(0.1)`.
        assert!(single.equal(weak) && double.equal(weak) && !single.equal(double));
        assert_eq!((single + weak).value(), f64::from(0.1_f32 + 0.1_f32));
        assert_eq!((single * weak).value(), f64::from(0.1_f32 * 0.1_f32));
        assert_eq!((single + double).value(), f64::from(0.1_f32) + 0.1);
    }

    #[test]
    fn clamping_leaves_a_python_float_at_the_bound() {
        let clamped = Number::double(0.3).clamp(0.0, 0.1);
        assert_eq!((clamped + Number::single(0.0)).value(), f64::from(0.1_f32));
        let untouched = Number::double(0.05).clamp(0.0, 0.1);
        assert_eq!((untouched + Number::single(0.0)).value(), 0.05);
    }
}
