//! The step sizes of an algorithm's optimisers.

use super::error::ConfigError;
use super::rule::{NOT_NEGATIVE, check};

/// The step sizes of an algorithm's optimisers.
///
/// ```
/// use softac::agent::settings::OffPolicySettings;
/// use softac::sac::SacConfig;
/// let config = SacConfig { critic_learning_rate: Some(1e-3), ..SacConfig::default() };
/// let rates = config.off_policy().learning_rates;
/// assert_eq!((rates.actor, rates.critics), (3e-4, 1e-3));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LearningRates {
    /// Of the policy, and of a learned temperature.
    pub actor: f64,
    /// Of the critics.
    pub critics: f64,
}

/// The same for all.
impl From<f64> for LearningRates {
    fn from(rate: f64) -> Self {
        Self { actor: rate, critics: rate }
    }
}

impl LearningRates {
    /// Refuses a step size that is negative or not finite.
    pub(crate) fn check(self) -> Result<(), ConfigError> {
        check("learning_rate", &self.actor, NOT_NEGATIVE)?;
        check("critic_learning_rate", &self.critics, NOT_NEGATIVE)
    }
}
