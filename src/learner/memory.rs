//! How much memory a training takes, known before it begins.

use super::Learner;
use crate::Scalar;
use crate::agent::{Algorithm, Memory, UpdateNoise};
use crate::policy::Policy;

/// The memory of a learner, in bytes, none of which is added later. Names, shapes and random streams take a few
/// thousand more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "std", derive(serde::Serialize))]
pub struct MemoryPlan {
    /// What updates work in.
    #[cfg_attr(feature = "std", serde(flatten))]
    pub learning: Memory,
    /// The transitions of one update, and their noise.
    pub minibatch: usize,
    /// The transitions so far.
    pub replay: usize,
}

impl MemoryPlan {
    /// All of it, in bytes.
    #[must_use]
    pub fn total(&self) -> usize {
        let Memory { parameters, targets, gradients, moments, activations } = self.learning;
        let learning = parameters + targets + gradients + moments + activations;
        learning + self.minibatch + self.replay
    }
}

impl<T: Scalar, A: Algorithm<T>> Learner<T, A> {
    /// The memory that it holds, and all that it will.
    #[must_use]
    pub fn memory_plan(&self) -> MemoryPlan {
        let (policy, _) = self.algorithm.policy();
        let (s, a) = (policy.mlp().inputs(), policy.action_dim());
        // s, a, r, s′ and d.
        let numbers = self.batch.rewards.len() * (2 * s + a + 2) + self.noise.numbers();
        let minibatch = numbers * size_of::<T>();
        MemoryPlan { learning: self.algorithm.memory(), minibatch, replay: self.replay.bytes() }
    }
}

#[cfg(test)]
mod tests {
    use crate::env;
    use crate::learner::Learner;
    use crate::sac::SacConfig;
    use alloc::vec;

    #[test]
    fn what_is_planned_before_the_first_step_is_what_is_held_after_many() {
        let mut env = env::make("bandit").unwrap();
        let config = SacConfig {
            net_arch: vec![9, 40].into(),
            batch_size: 6,
            buffer_size: 30,
            learning_starts: 5,
            ..SacConfig::default()
        };
        let mut learner = Learner::<f32>::new(config, env.as_ref(), 0).unwrap();
        let plan = learner.memory_plan();
        for _ in 0..40 {
            learner.step(env.as_mut(), |_metrics| {}).unwrap();
        }
        assert_eq!(learner.memory_plan(), plan);
        // Two tapes hold the activations of the batch in three networks, two more in one.
        assert!(plan.learning.activations > 2 * 3 * 6 * (9 + 40) * 4, "{plan:?}");
    }
}
