//! Rounds of updates: when one is due, and how many updates it has.

use crate::agent::settings::{OffPolicy, TrainFreq};
use crate::state::{StateError, Visitor, as_count, visit_words};

/// What has happened since the last round: for rounds that are counted in episodes. Rounds of steps need no memory.
#[derive(Default)]
pub(super) struct Rounds {
    /// The environment step at which the last round was due, if updates had begun.
    last: u64,
    /// Episodes that have ended since.
    episodes: u64,
}

impl Rounds {
    /// The updates that are due after environment step `t` of N environments, which ended an episode or did not.
    pub fn updates_after(&mut self, settings: &OffPolicy, n: u64, t: u64, ended: bool) -> u64 {
        let steps = match settings.train_freq {
            TrainFreq::Steps(steps) => (t / n).is_multiple_of(steps).then_some(steps * n),
            TrainFreq::Episodes(episodes) => self.steps_of_a_round(episodes, t, ended),
        };
        match steps {
            // −1 means one update for each environment step of the round.
            Some(steps) if t > settings.learning_starts => {
                u64::try_from(settings.gradient_steps).unwrap_or(steps)
            }
            _ => 0,
        }
    }

    /// The environment steps of a round of so many episodes, if step `t` is its last.
    fn steps_of_a_round(&mut self, episodes: u64, t: u64, ended: bool) -> Option<u64> {
        self.episodes += u64::from(ended);
        (self.episodes >= episodes).then(|| {
            self.episodes = 0;
            t - core::mem::replace(&mut self.last, t)
        })
    }

    /// Shows what has happened since the last round, where rounds are counted in episodes.
    pub fn visit<T>(
        &mut self,
        settings: &OffPolicy,
        visitor: &mut dyn Visitor<T>,
    ) -> Result<(), StateError> {
        const NAME: &str = "learner.round";
        if let TrainFreq::Episodes(_) = settings.train_freq {
            let [last, episodes] = visit_words(visitor, NAME, [self.last, self.episodes])?;
            self.last = as_count(NAME, self.last, last)?;
            self.episodes = as_count(NAME, self.episodes, episodes)?;
        }
        Ok(())
    }
}
