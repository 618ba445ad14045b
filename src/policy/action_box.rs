//! The affine map between the policy's actions in [−1, 1] and the environment's own box.

use num_traits::Float;

use crate::Scalar;
use crate::elementary::ln;
use crate::env::BoxSpace;

/// A dimension of an action space without finite bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("action dimension {0} is unbounded; give the environment a finite action space")]
pub struct UnboundedDimension(pub usize);

/// `a_env = centre + half_range ⊙ a`, dimension by dimension, for `a ∈ [−1, 1]ᴬ`.
///
/// It is computed in the precision of `a`, so that a device without double precision has the same bits. The
/// result never leaves the box, not even by rounding.
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
        let unbounded = map.bounds().position(|bounds| !half_range(bounds).is_finite());
        unbounded.map_or(Ok(map), |dimension| Err(UnboundedDimension(dimension)))
    }

    /// The space that it maps onto.
    #[must_use]
    pub fn space(&self) -> &BoxSpace {
        &self.space
    }

    /// The environment's action for the policy's `a: [A]`, both of the space's length.
    pub fn to_environment<T: Scalar>(&self, a: &[T], environment: &mut [f64]) {
        for ((out, &a), (low, high)) in environment.iter_mut().zip(a).zip(self.bounds()) {
            // Where no number of type T lies within the bounds, those of T are beside them.
            *out = Axis::<T>::new((low, high)).action(a).as_f64().clamp(low, high);
        }
    }

    /// The map of each dimension, in the precision T.
    pub fn axes<T: Scalar>(&self) -> impl Iterator<Item = Axis<T>> {
        self.bounds().map(Axis::new)
    }

    /// `Σⱼ log half_rangeⱼ`: the log-density of the environment's action is `log π(a|s)` minus this.
    #[must_use]
    pub fn log_scale(&self) -> f64 {
        self.bounds().map(|bounds| ln(half_range(bounds))).sum()
    }

    fn bounds(&self) -> impl Iterator<Item = (f64, f64)> {
        self.space.low().iter().copied().zip(self.space.high().iter().copied())
    }
}

/// One dimension of the map, `a_env = clamp(centre + half_range · a, low, high)`, in the precision T.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis<T> {
    /// The middle of the bounds.
    pub centre: T,
    /// Half their distance.
    pub half_range: T,
    /// The least number of type T that is not below the lower bound.
    pub low: T,
    /// The greatest number of type T that is not above the upper bound.
    pub high: T,
}

impl<T: Scalar> Axis<T> {
    fn new((low, high): (f64, f64)) -> Self {
        // Bounds beyond the range of T must not make infinities, which a = 0 would turn into a NaN.
        let range = (<T as Float>::min_value().as_f64(), <T as Float>::max_value().as_f64());
        let finite = |x: f64| T::of(x.clamp(range.0, range.1));
        Self {
            centre: finite(0.5 * low + 0.5 * high),
            half_range: finite(half_range((low, high))),
            low: T::at_least(low),
            high: T::at_most(high),
        }
    }

    /// The environment's action for `a ∈ [−1, 1]`. A NaN stays a NaN.
    pub fn action(&self, a: T) -> T {
        let action = self.centre + self.half_range * a;
        if action < self.low {
            self.low
        } else if action > self.high {
            self.high
        } else {
            action
        }
    }
}

/// Halved before they are subtracted, so that nothing overflows.
fn half_range((low, high): (f64, f64)) -> f64 {
    0.5 * high - 0.5 * low
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn map(low: f64, high: f64) -> ActionBox {
        ActionBox::new(&BoxSpace::new(vec![low], vec![high]).unwrap()).unwrap()
    }

    fn action<T: Scalar>(low: f64, high: f64, a: f64) -> f64 {
        let mut out = [0.0];
        map(low, high).to_environment(&[T::of(a)], &mut out);
        out[0]
    }

    #[test]
    fn the_ends_of_the_policys_interval_are_mapped_onto_the_bounds_and_its_middle_between() {
        // centre 1, half range 2
        for (a, expected) in [(-1.0, -1.0), (-0.5, 0.0), (0.0, 1.0), (0.25, 1.5), (1.0, 3.0)] {
            assert_eq!(action::<f64>(-1.0, 3.0, a), expected);
            assert_eq!(action::<f32>(-1.0, 3.0, a), expected);
        }
    }

    #[test]
    fn what_rounding_puts_beyond_a_bound_becomes_the_bound_and_what_lies_on_it_stays() {
        let axis = Axis { centre: 1.0_f64, half_range: 2.0, low: -0.5, high: 2.5 };
        assert_eq!([-1.0, -0.75, 0.75, 1.0].map(|a| axis.action(a)), [-0.5, -0.5, 2.5, 2.5]);
        // To the bit: 0 lies on −0.
        let axis = Axis { centre: 1.0_f64, half_range: 1.0, low: -0.0, high: 2.0 };
        assert!(axis.action(-1.0).is_sign_positive());
        let axis = Axis { centre: -1.0_f64, half_range: 1.0, low: -2.0, high: -0.0 };
        assert!(axis.action(1.0).is_sign_positive());
    }

    #[test]
    fn single_precision_is_not_left_within_a_box_that_has_its_numbers() {
        for (low, high) in [(-0.4, 0.4), (-1.0 / 3.0, 0.7), (0.1, 1e30), (-1e-42, 1e-40)] {
            for a in [-1.0, -0.999, -0.3, 0.0, 0.123, 0.9999, 1.0] {
                let action = action::<f32>(low, high, a);
                assert!(low <= action && action <= high, "{action}");
                assert_eq!(f64::from(action as f32), action);
            }
            let axis = map(low, high).axes::<f32>().next().unwrap();
            assert!(f64::from(axis.low) >= low && f64::from(axis.low.next_down()) < low);
            assert!(f64::from(axis.high) <= high && f64::from(axis.high.next_up()) > high);
        }
    }

    #[test]
    fn a_box_beyond_single_precision_or_finer_than_it_is_not_left_either() {
        for (low, high) in [(-1e300, 1e300), (1.0 + 1e-12, 1.0 + 2e-12)] {
            for a in [-1.0, 0.0, 1.0] {
                let action = action::<f32>(low, high, a);
                assert!(low <= action && action <= high, "{action}");
            }
        }
        assert_eq!(action::<f32>(-1e300, 1e300, 0.0), 0.0);
    }

    #[test]
    fn the_log_scale_is_that_of_all_half_ranges_together() {
        let space = BoxSpace::new(vec![-2.0, 0.0, 5.0], vec![2.0, 10.0, 6.0]).unwrap();
        let scale = ActionBox::new(&space).unwrap().log_scale();
        assert!((scale - (2.0_f64 * 5.0 * 0.5).ln()).abs() < 1e-15);
    }

    #[test]
    fn a_nan_is_not_hidden() {
        assert!(action::<f32>(-2.0, 2.0, f64::NAN).is_nan());
        assert!(action::<f64>(-2.0, 2.0, f64::NAN).is_nan());
    }
}
