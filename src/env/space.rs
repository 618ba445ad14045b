//! Spaces of observations and actions.

use alloc::vec::Vec;

use super::error::EnvError;

/// A box `[low₁, high₁] × … × [lowₙ, highₙ]`.
///
/// ```
/// use softac::env::BoxSpace;
/// let torque = BoxSpace::new(vec![-2.0], vec![2.0])?;
/// assert_eq!(torque.len(), 1);
/// assert!(torque.contains(&[1.5]) && !torque.contains(&[3.0]));
/// # Ok::<(), softac::env::EnvError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BoxSpace {
    low: Vec<f64>,
    high: Vec<f64>,
    /// Set for points that are rounded to single precision before they are compared with the bounds.
    single: bool,
}

impl BoxSpace {
    /// The box with these bounds; infinite bounds are allowed.
    ///
    /// # Errors
    /// [`EnvError::BoundsLength`] if the two have different lengths or none,
    /// [`EnvError::InvalidBounds`] unless `low < high` in every dimension.
    pub fn new(low: Vec<f64>, high: Vec<f64>) -> Result<Self, EnvError> {
        if low.len() != high.len() || low.is_empty() {
            return Err(EnvError::BoundsLength { low: low.len(), high: high.len() });
        }
        for (index, (&low, &high)) in low.iter().zip(&high).enumerate() {
            let ordered = low < high;
            if !ordered {
                return Err(EnvError::InvalidBounds { index, low, high });
            }
        }
        Ok(Self { low, high, single: false })
    }

    /// The same box for points in single precision, as those of most boxes of Gymnasium are: a point is inside if it is
    /// once it is rounded. An environment may compute it in double precision, from bounds that the space has rounded.
    ///
    /// ```
    /// use softac::env::BoxSpace;
    /// let (low, high) = (0.0, f64::from(0.7_f32));
    /// let space = BoxSpace::new(vec![low], vec![high])?;
    /// assert!(high < 0.7 && !space.contains(&[0.7]));
    /// assert!(space.in_single_precision().contains(&[0.7]));
    /// # Ok::<(), softac::env::EnvError>(())
    /// ```
    #[must_use]
    pub fn in_single_precision(self) -> Self {
        Self { single: true, ..self }
    }

    /// The box with bounds written in the source, which need no checking when the program runs.
    pub(super) fn constant<const N: usize>(low: [f64; N], high: [f64; N]) -> Self {
        debug_assert!(N > 0 && (0..N).all(|i| low[i] < high[i]));
        Self { low: low.to_vec(), high: high.to_vec(), single: false }
    }

    /// Checks that a buffer for observations in this space has its length.
    pub(crate) fn check_length(&self, observation: &[f64]) -> Result<(), EnvError> {
        let (expected, found) = (self.len(), observation.len());
        if expected == found {
            Ok(())
        } else {
            Err(EnvError::ObservationLength { expected, found })
        }
    }

    /// The box of `times` points of this one, one after another.
    pub(super) fn repeated(&self, times: usize) -> Self {
        let (low, high) = (self.low.repeat(times), self.high.repeat(times));
        Self { low, high, single: self.single }
    }

    /// The number of dimensions, at least one.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "a space has at least one dimension")]
    pub fn len(&self) -> usize {
        self.low.len()
    }

    /// The lower bounds.
    #[must_use]
    pub fn low(&self) -> &[f64] {
        &self.low
    }

    /// The upper bounds.
    #[must_use]
    pub fn high(&self) -> &[f64] {
        &self.high
    }

    /// Whether `point` has this space's length and lies within the bounds.
    #[must_use]
    pub fn contains(&self, point: &[f64]) -> bool {
        point.len() == self.len() && point.iter().enumerate().all(|(i, &x)| self.admits(i, x))
    }

    /// Tells whether x lies within the bounds of this dimension.
    pub(super) fn admits(&self, index: usize, x: f64) -> bool {
        let (low, high) = (self.low[index], self.high[index]);
        match self.single {
            true => low as f32 <= x as f32 && x as f32 <= high as f32,
            false => low <= x && x <= high,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_needs_ordered_bounds_of_equal_length() {
        assert!(matches!(BoxSpace::new(vec![], vec![]), Err(EnvError::BoundsLength { .. })));
        assert!(matches!(BoxSpace::new(vec![0.0], vec![]), Err(EnvError::BoundsLength { .. })));
        for (low, high) in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::NAN)] {
            let space = BoxSpace::new(vec![-1.0, low], vec![1.0, high]);
            assert!(matches!(space, Err(EnvError::InvalidBounds { index: 1, .. })));
        }
    }
}
