//! The best evaluation so far, and when there is no hope of a better one.

use super::observer::End;
use super::run_config::RunConfig;
use crate::state::{StateError, Visitor, as_count, visit_words};

/// How evaluations have gone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Best {
    /// The highest mean return; −∞ before the first evaluation.
    reward: f64,
    /// Evaluations since then.
    since: u64,
}

impl Best {
    pub fn new() -> Self {
        Self { reward: f64::NEG_INFINITY, since: 0 }
    }

    /// Takes note of an evaluation: whether it is the best.
    pub fn note(&mut self, mean_reward: f64) -> bool {
        let better = mean_reward > self.reward;
        *self = match better {
            true => Self { reward: mean_reward, since: 0 },
            false => Self { since: self.since + 1, ..*self },
        };
        better
    }

    /// Whether the training is to end early.
    pub fn end(&self, config: &RunConfig) -> Option<End> {
        if config.reward_threshold.is_some_and(|threshold| self.reward >= threshold) {
            return Some(End::RewardThreshold);
        }
        let hopeless = config.max_no_improvement_evals.is_some_and(|most| self.since >= most);
        hopeless.then_some(End::NoImprovement)
    }

    pub fn visit<T>(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        let words = [self.reward.to_bits(), self.since];
        let [reward, since] = visit_words(visitor, "trainer.best", words)?;
        let since = as_count("trainer.best", self.since, since)?;
        *self = Self { reward: f64::from_bits(reward), since };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn training_ends_at_the_threshold_or_when_nothing_gets_better() {
        let config = RunConfig {
            reward_threshold: Some(10.0),
            max_no_improvement_evals: Some(2),
            ..RunConfig::default()
        };
        let mut best = Best::new();
        assert_eq!(best.end(&config), None);
        assert!(best.note(5.0) && !best.note(5.0));
        assert_eq!(best.end(&config), None);
        assert!(!best.note(4.0));
        assert_eq!(best.end(&config), Some(End::NoImprovement));
        assert_eq!(best.end(&RunConfig::default()), None);
        assert!(best.note(6.0));
        assert_eq!(best.end(&config), None);
        assert!(best.note(10.0));
        assert_eq!(best.end(&config), Some(End::RewardThreshold));
    }
}
