//! The affine map between the policy's actions in [−1, 1] and the environment's own box.

use crate::Scalar;
use crate::elementary::ln;
use crate::env::BoxSpace;

/// A dimension of an action space without finite bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("action dimension {0} is unbounded; give the environment a finite action space")]
pub struct UnboundedDimension(pub usize);

/// `a_env = centre + half_range ⊙ a`, dimension by dimension, for `a ∈ [−1, 1]ᴬ`.
///
/// The result never leaves the box, not even by rounding.
///
/// Policy, critics and replay all work in `[−1, 1]ᴬ`, and so does log π: the constant log-scale term of
/// this map is *not* part of it. [`log_scale`](ActionBox::log_scale) is that term, for densities in the
/// environment's units.
///
/// ```
/// use softac::env::BoxSpace;
/// use softac::policy::ActionBox;
/// let map = ActionBox::new(&BoxSpace::new(vec![-2.0, 0.0], vec![2.0, 10.0])?)?;
/// let mut out = [0.0; 2];
/// map.to_environment(&[0.5, -1.0], &mut out);
/// assert_eq!(out, [1.0, 0.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ActionBox {
    space: BoxSpace,
}

impl ActionBox {
    /// The map onto this space.
    ///
    /// # Errors
    /// The first dimension without finite bounds: there is no affine map onto it.
    pub fn new(space: &BoxSpace) -> Result<Self, UnboundedDimension> {
        let map = Self { space: space.clone() };
        let unbounded = map.axes().position(|axis| !axis.half_range().is_finite());
        unbounded.map_or(Ok(map), |dimension| Err(UnboundedDimension(dimension)))
    }

    /// The environment's action for the policy's `a: [A]`, both of the space's length.
    pub fn to_environment<T: Scalar>(&self, a: &[T], environment: &mut [f64]) {
        for ((out, &a), axis) in environment.iter_mut().zip(a).zip(self.axes()) {
            *out = (axis.centre() + axis.half_range() * a.as_f64()).clamp(axis.low, axis.high);
        }
    }

    /// `Σⱼ log half_rangeⱼ`: the log-density of the environment's action is `log π(a|s)` minus this.
    #[must_use]
    pub fn log_scale(&self) -> f64 {
        self.axes().map(|axis| ln(axis.half_range())).sum()
    }

    fn axes(&self) -> impl Iterator<Item = Axis> {
        let bounds = self.space.low().iter().zip(self.space.high());
        bounds.map(|(&low, &high)| Axis { low, high })
    }
}

/// The bounds of one dimension. Halved before they are added, so that nothing overflows.
struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    fn centre(&self) -> f64 {
        0.5 * self.low + 0.5 * self.high
    }

    fn half_range(&self) -> f64 {
        0.5 * self.high - 0.5 * self.low
    }
}
