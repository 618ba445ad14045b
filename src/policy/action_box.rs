//! The affine map between the policy's actions in [−1, 1] and the environment's own box.

use alloc::vec::Vec;

use num_traits::Float;

use crate::Scalar;
use crate::env::BoxSpace;

/// A dimension of an action space without finite bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("action dimension {0} is unbounded; give the environment a finite action space")]
pub struct UnboundedDimension(pub usize);

/// `a_env = centre + half_range ⊙ a`, dimension by dimension, for `a ∈ [−1, 1]ᴬ`.
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
    centre: Vec<f64>,
    half_range: Vec<f64>,
}

impl ActionBox {
    /// The map onto this space.
    ///
    /// # Errors
    /// The first dimension without finite bounds: there is no affine map onto it.
    pub fn new(space: &BoxSpace) -> Result<Self, UnboundedDimension> {
        let bounds = || space.low().iter().zip(space.high());
        let half_range: Vec<_> = bounds().map(|(low, high)| 0.5 * high - 0.5 * low).collect();
        match half_range.iter().position(|half_range| !half_range.is_finite()) {
            Some(dimension) => Err(UnboundedDimension(dimension)),
            None => {
                let centre = bounds().map(|(low, high)| 0.5 * low + 0.5 * high).collect();
                Ok(Self { centre, half_range })
            }
        }
    }

    /// The environment's action for the policy's `a: [A]`, both of the space's length.
    pub fn to_environment<T: Scalar>(&self, a: &[T], environment: &mut [f64]) {
        let map = self.centre.iter().zip(&self.half_range);
        for ((out, &a), (centre, half_range)) in environment.iter_mut().zip(a).zip(map) {
            *out = centre + half_range * a.as_f64();
        }
    }

    /// `Σⱼ log half_rangeⱼ`: the log-density of the environment's action is `log π(a|s)` minus this.
    #[must_use]
    pub fn log_scale(&self) -> f64 {
        self.half_range.iter().map(|&half_range| Float::ln(half_range)).sum()
    }
}
