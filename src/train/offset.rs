//! Observations that are too far from zero to be learned from.

use crate::env::FarFromZero;
use crate::moments::Moments;

/// The observations that are looked at, at least.
const ENOUGH: u64 = 1000;

/// Looks at the observations of a training until learning has begun, and then tells once.
///
/// It takes no part in the training and is not saved with it: one that goes on is looked at anew.
pub(super) struct OffsetWatch {
    moments: Moments,
    seen: u64,
    learning_starts: u64,
    is_over: bool,
}

impl OffsetWatch {
    /// For observations of S numbers, which tells after step `learning_starts`.
    pub fn new(s: usize, learning_starts: u64) -> Self {
        Self { moments: Moments::of_samples(s), seen: 0, learning_starts, is_over: false }
    }

    /// Takes note of the observations up to this step; the first time that they are enough, tells what is far from
    /// zero.
    pub fn see<'a>(
        &mut self,
        step: u64,
        observations: impl Iterator<Item = &'a [f64]>,
    ) -> Option<FarFromZero> {
        if self.is_over {
            return None;
        }
        for observation in observations {
            self.moments.update(observation.iter().copied());
            self.seen += 1;
        }
        self.is_over = self.seen >= ENOUGH && step >= self.learning_starts;
        self.is_over.then(|| FarFromZero::find(&self.moments)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_once_when_there_are_enough_observations_and_learning_begins() {
        for (learning_starts, told_at) in [(0, 1000), (100, 1000), (1500, 1500)] {
            let mut watch = OffsetWatch::new(1, learning_starts);
            let told = (1..3000).filter(|&step| {
                let observation = [5.82e6 + 0.1 * (step % 3) as f64];
                watch.see(step, [&observation[..]].into_iter()).is_some()
            });
            assert_eq!(told.collect::<Vec<_>>(), [told_at]);
        }
    }
}
