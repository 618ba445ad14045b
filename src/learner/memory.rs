//! How much memory a training takes, known before it begins.

use super::Learner;
use crate::Scalar;
use crate::sac::Memory;

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

impl<T: Scalar> Learner<T> {
    /// The memory that it holds, and all that it will.
    #[must_use]
    pub fn memory_plan(&self) -> MemoryPlan {
        let policy = self.sac.policy();
        let (s, a) = (policy.mlp().inputs(), policy.action_dim());
        // s, a, r, s′ and d, and ξ twice.
        let row = (2 * s + a + 2) + 2 * a;
        let minibatch = self.batch.rewards.len() * row * size_of::<T>();
        MemoryPlan { learning: self.sac.memory(), minibatch, replay: self.replay.bytes() }
    }
}
