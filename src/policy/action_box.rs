//! The affine map between the policy's actions in [−1, 1] and the environment's own box.

use alloc::vec::Vec;

use num_traits::Float;

use crate::Scalar;
use crate::env::BoxSpace;

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
/// let map = ActionBox::new(&BoxSpace::new(vec![-2.0, 0.0], vec![2.0, 10.0])?);
/// let mut out = [0.0; 2];
/// map.to_environment(&[0.5, -1.0], &mut out);
/// assert_eq!(out, [1.0, 0.0]);
/// # Ok::<(), softac::env::EnvError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ActionBox {
    low: Vec<f64>,
    high: Vec<f64>,
    centre: Vec<f64>,
    half_range: Vec<f64>,
}

impl ActionBox {
    /// The map onto this space, whose bounds must be finite for the map to be.
    #[must_use]
    pub fn new(space: &BoxSpace) -> Self {
        let bounds = || space.low().iter().zip(space.high());
        Self {
            low: space.low().to_vec(),
            high: space.high().to_vec(),
            centre: bounds().map(|(low, high)| 0.5 * (low + high)).collect(),
            half_range: bounds().map(|(low, high)| 0.5 * (high - low)).collect(),
        }
    }

    /// The environment's action for the policy's `a: [A]`, both of the space's length.
    pub fn to_environment<T: Scalar>(&self, a: &[T], environment: &mut [f64]) {
        let map = self.centre.iter().zip(&self.half_range);
        let bounds = self.low.iter().zip(&self.high);
        for (((out, &a), (centre, half_range)), (&low, &high)) in
            environment.iter_mut().zip(a).zip(map).zip(bounds)
        {
            *out = (centre + half_range * a.as_f64()).clamp(low, high);
        }
    }

    /// `Σⱼ log half_rangeⱼ`: the log-density of the environment's action is `log π(a|s)` minus this.
    #[must_use]
    pub fn log_scale(&self) -> f64 {
        self.half_range.iter().map(|&half_range| Float::ln(half_range)).sum()
    }
}
