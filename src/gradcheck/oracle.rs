//! The oracle: a derivative from function values alone, with a bound on its error.

use super::reason::Reason;

/// A function value with a bound on its rounding error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Probe {
    /// The value.
    pub value: f64,
    /// How far rounding can have moved it.
    pub rounding: f64,
}

/// A derivative, and how far it can be off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The derivative.
    pub value: f64,
    /// What is left of the series that extrapolation cuts off, as Ridders estimates it.
    pub truncation: f64,
    /// What the rounding of the function's values can amount to.
    pub rounding: f64,
    /// The sum of the terms that make up the derivative, to the order of magnitude and before they
    /// cancel: what is tiny beside it is next to zero.
    pub scale: f64,
}

/// Ridders' estimate of the truncation is optimistic, sixfold in the worst case measured (tanh at
/// 1.3).
const SAFETY: f64 = 10.0;
/// Extrapolation with steps halved from row to row at most doubles the rounding errors that go in:
/// `Π (4ʲ + 1)/(4ʲ − 1) < 2`.
const AMPLIFICATION: f64 = 2.0;
/// The relative bound up to which a derivative counts as resolved.
const RESOLUTION: f64 = 5e-7;
/// A derivative that cannot be told from zero counts as resolved if its bound is below this share
/// of the scale.
const NEXT_TO_ZERO: f64 = 1e-10;
/// A bound is narrow if it is below this share of the derivative.
pub(super) const SHARE: f64 = 0.1;
/// Rows of the extrapolation table.
const ROWS: usize = 12;
/// How often the first step is divided by [`RETREAT`] to get out of the way of an obstacle.
const RETREATS: usize = 9;
const RETREAT: f64 = 8.0;

impl Estimate {
    /// The bound on the error, against which an analytic gradient is judged.
    #[must_use]
    pub fn bound(&self) -> f64 {
        SAFETY * self.truncation + AMPLIFICATION * self.rounding
    }

    /// Whether the bound is tight enough for agreement to mean something: it is then half of 10⁻⁶
    /// or less, so that no relative error of 10⁻⁶ can hide. A derivative that is zero, where large
    /// terms cancel, is resolved if the bound is small beside the terms.
    #[must_use]
    pub fn is_resolved(&self) -> bool {
        let (size, bound) = (self.value.abs(), self.bound());
        bound <= RESOLUTION * size || (size <= bound && bound <= NEXT_TO_ZERO * self.scale)
    }

    /// Tells whether the extrapolation is close to a limit, or to the rounding.
    pub(super) fn converged(&self) -> bool {
        let rounding = AMPLIFICATION * self.rounding;
        SAFETY * self.truncation <= rounding.max(SHARE * self.value.abs())
    }

    /// Tells whether at least one of the two estimates exceeds its bound.
    pub(super) fn contradicts(&self, other: &Self) -> bool {
        (self.value - other.value).abs() > self.bound() + other.bound()
    }

    /// This estimate with a bound that holds all the others that contradict it.
    pub(super) fn widened_by(self, others: &[Self]) -> Self {
        let contradicting = others.iter().filter(|other| self.contradicts(other));
        let distances = contradicting.map(|it| (self.value - it.value).abs() + it.bound());
        let distance = distances.fold(0.0, f64::max);
        let truncation = (distance - AMPLIFICATION * self.rounding) / SAFETY;
        Self { truncation: truncation.max(self.truncation), ..self }
    }
}

/// The derivative of `f` at `x` by central differences, extrapolated to step zero.
///
/// # Formula
/// `D(h) = (f(x+h) − f(x−h)) / 2h = f′(x) + c₂h² + c₄h⁴ + …`. Halving h and combining, `T₀ = D`,
/// `Tⱼ(h) = Tⱼ₋₁(h) + (Tⱼ₋₁(h) − Tⱼ₋₁(2h)) / (4ʲ − 1)`, removes one power of h² after the other.
/// The error of an entry is taken from its two neighbours (Ridders, *Accurate computation of F′(x)
/// and F′(x)F″(x)*, 1982), and the entry with the smallest [bound](Estimate::bound) is chosen,
/// rounding included.
///
/// The first step is a quarter of the power of two next above max(1, |x|). Where a value cannot be
/// used, because it lies behind a kink or outside of the domain, all steps become smaller.
///
/// ```
/// use softac::gradcheck::{Probe, ridders};
/// let tanh = |x: f64| Ok(Probe { value: x.tanh(), rounding: f64::EPSILON });
/// let slope = ridders(1.3, 1.0, tanh).unwrap();
/// let exact = 1.0 - 1.3_f64.tanh().powi(2);
/// assert!((slope.value - exact).abs() <= slope.bound() && slope.bound() < 1e-12);
/// ```
///
/// # Errors
/// Why no step was small enough, as `f` said last.
pub fn ridders(
    x: f64,
    first_step: f64,
    mut f: impl FnMut(f64) -> Result<Probe, Reason>,
) -> Result<Estimate, Reason> {
    let mut step = widest(x, first_step);
    let unit = step;
    let mut estimate = extrapolate(x, step, &mut f);
    for _ in 0..RETREATS {
        if estimate.is_ok() {
            break;
        }
        step /= RETREAT;
        estimate = extrapolate(x, step, &mut f);
    }
    // A step that had to become small says nothing about the size of a derivative.
    estimate.map(|estimate| Estimate { scale: estimate.scale * step / unit, ..estimate })
}

/// The first step of the extrapolation.
pub(super) fn widest(x: f64, first_step: f64) -> f64 {
    0.25 * first_step * magnitude(x)
}

/// The power of two next above max(1, |x|).
pub(super) fn magnitude(x: f64) -> f64 {
    let mut magnitude = 1.0;
    while magnitude < x.abs() && magnitude < f64::MAX / 2.0 {
        magnitude *= 2.0;
    }
    magnitude
}

/// Fills the table row by row, from the first step on, until rounding rules out a better entry.
fn extrapolate(
    x: f64,
    mut step: f64,
    f: &mut impl FnMut(f64) -> Result<Probe, Reason>,
) -> Result<Estimate, Reason> {
    let mut previous = [0.0; ROWS];
    let mut row = [0.0; ROWS];
    let first = central_difference(x, step, f)?;
    previous[0] = first.value;
    let mut best = Estimate { truncation: f64::INFINITY, ..first };
    for level in 1..ROWS {
        step *= 0.5;
        let Estimate { value, rounding, .. } = central_difference(x, step, f)?;
        row[0] = value;
        let mut power = 1.0;
        for j in 1..=level {
            power *= 4.0;
            row[j] = row[j - 1] + (row[j - 1] - previous[j - 1]) / (power - 1.0);
            let truncation = (row[j] - row[j - 1]).abs().max((row[j] - previous[j - 1]).abs());
            let entry = Estimate { value: row[j], truncation, rounding, ..best };
            if entry.bound() < best.bound() {
                best = entry;
            }
        }
        // The next row's rounding is twice this row's.
        if 2.0 * AMPLIFICATION * rounding > best.bound() {
            break;
        }
        previous = row;
    }
    Ok(best)
}

/// `D(h)` with its rounding error; the truncation is unknown.
fn central_difference(
    x: f64,
    step: f64,
    f: &mut impl FnMut(f64) -> Result<Probe, Reason>,
) -> Result<Estimate, Reason> {
    let (above, below) = (x + step, x - step);
    let (right, left) = (f(above)?, f(below)?);
    // The points as they were rounded, not as they were meant.
    let width = above - below;
    Ok(Estimate {
        value: (right.value - left.value) / width,
        truncation: 0.0,
        rounding: (right.rounding + left.rounding) / width,
        scale: (right.rounding + left.rounding) / width / f64::EPSILON,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exactly(f: impl Fn(f64) -> f64) -> impl Fn(f64) -> Result<Probe, Reason> {
        move |x| {
            let value = f(x);
            let rounding = 2.0 * f64::EPSILON * value.abs();
            if value.is_finite() { Ok(Probe { value, rounding }) } else { Err(Reason::NotFinite) }
        }
    }

    fn check(name: &str, x: f64, f: fn(f64) -> f64, slope: f64) {
        let estimate = ridders(x, 1.0, exactly(f)).unwrap();
        let error = (estimate.value - slope).abs();
        assert!(error <= estimate.bound(), "{name} at {x}: error {error:e}, {estimate:?}");
        assert!(estimate.is_resolved(), "{name} at {x}: {estimate:?}");
    }

    #[test]
    fn the_bound_holds_for_known_derivatives() {
        for x in [-30.0, -1.3, -1e-3, 0.0, 0.4, 1.3, 5.0, 100.0] {
            check("square", x, |x| x * x, 2.0 * x);
            check("sin", x, f64::sin, x.cos());
            check("exp", x, f64::exp, x.exp());
            check("cube", x, |x| x * x * x, 3.0 * x * x);
        }
        for x in [1e-6, 1e-3, 0.3, 1.0, 50.0] {
            check("ln", x, f64::ln, 1.0 / x);
        }
    }

    #[test]
    fn tanh_is_differentiated_to_a_few_units_of_rounding() {
        let tanh = ridders(1.3, 1.0, exactly(f64::tanh)).unwrap();
        let exact = 1.0 - 1.3_f64.tanh().powi(2);
        assert!((tanh.value - exact).abs() < 1e-14, "{tanh:?}");
        assert!(tanh.bound() < 2e-13, "{tanh:?}");
    }

    #[test]
    fn a_constant_has_slope_zero_and_is_resolved() {
        let constant = ridders(2.0, 1.0, exactly(|_| 0.1)).unwrap();
        assert!(constant.value == 0.0 && constant.is_resolved());
    }

    #[test]
    fn steps_shrink_until_they_stay_on_one_side_of_a_kink() {
        let beside = 1e-4;
        let relu = |x: f64| match x > 0.0 {
            true => Ok(Probe { value: x * x + x, rounding: 1e-16 }),
            false => Err(Reason::KinkCrossed { operation: "relu" }),
        };
        let estimate = ridders(beside, 1.0, relu).unwrap();
        assert!((estimate.value - 1.0 - 2.0 * beside).abs() <= estimate.bound());
        let at_the_kink = ridders(0.0, 1.0, relu);
        assert_eq!(at_the_kink, Err(Reason::KinkCrossed { operation: "relu" }));
    }

    #[test]
    fn noise_that_hides_the_slope_is_not_resolved() {
        let noisy = |x: f64| Ok(Probe { value: x, rounding: 1e-6 });
        assert!(!ridders(1.0, 1.0, noisy).unwrap().is_resolved());
    }
}
