//! Learning rates that fall as the training goes on.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use crate::agent::settings::words;

/// How the learning rate of all optimisers depends on p, the share of `total_timesteps` that is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// η₀
    #[default]
    Constant,
    /// η₀ (1 − p)
    Linear,
    /// η₀ (1 + cos πp) / 2 (Loshchilov and Hutter, *SGDR* (2017), (5), without restarts)
    Cosine,
}

words! { Schedule { Constant = "constant", Linear = "linear", Cosine = "cosine" } }

impl Schedule {
    /// The factor of η₀ after a share p of the training, in [0, 1].
    ///
    /// ```
    /// use softac::train::Schedule;
    /// assert_eq!(Schedule::Linear.factor(0.25), 0.75);
    /// assert_eq!(Schedule::Cosine.factor(0.0), 1.0);
    /// ```
    #[must_use]
    pub fn factor(self, p: f64) -> f64 {
        match self {
            Self::Constant => 1.0,
            Self::Linear => 1.0 - p,
            // The same bits on every processor.
            Self::Cosine => 0.5 * (1.0 + libm::cos(PI * p)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_fall_from_one_to_zero_and_cross_half_way() {
        for schedule in [Schedule::Linear, Schedule::Cosine] {
            assert_eq!(schedule.factor(0.0), 1.0);
            assert!((schedule.factor(0.5) - 0.5).abs() < 1e-15);
            assert!(schedule.factor(1.0).abs() < 1e-15);
            let factors: Vec<_> =
                (0..=100).map(|i| schedule.factor(f64::from(i) / 100.0)).collect();
            assert!(factors.is_sorted_by(|a, b| a > b));
        }
        assert_eq!(Schedule::Constant.factor(0.7), 1.0);
    }

    #[test]
    fn a_cosine_is_slow_at_both_ends() {
        // cos(π/3) = 1/2
        assert!((Schedule::Cosine.factor(1.0 / 3.0) - 0.75).abs() < 1e-15);
        assert!((Schedule::Cosine.factor(2.0 / 3.0) - 0.25).abs() < 1e-15);
    }
}
