//! The replay buffer: a ring of transitions, sampled uniformly.

mod buffer;
mod ring;

pub use buffer::ReplayBuffer;
pub use ring::Successors;

use crate::Scalar;
use crate::state::{StateError, Visitor, visit_matrix};
use ndarray::Array2;

/// One transition `(s, a, r, s′)` as it goes in, actions in `[−1, 1]ᴬ`.
#[derive(Clone, Copy, Debug)]
pub struct Transition<'a, T> {
    /// s, `[S]`
    pub observation: &'a [T],
    /// a, `[A]`
    pub action: &'a [T],
    /// r
    pub reward: T,
    /// s′, `[S]`: the true successor, never the first observation of the next episode.
    pub next_observation: &'a [T],
    /// The task ended in s′: nothing follows.
    pub terminated: bool,
    /// The episode was cut in s′ for another reason; its value still counts.
    pub truncated: bool,
}

/// A minibatch of B transitions, in buffers that are filled again and again.
#[derive(Clone, Debug)]
pub struct Batch<T> {
    /// s, `[B, S]`
    pub observations: Array2<T>,
    /// a, `[B, A]`
    pub actions: Array2<T>,
    /// r, `[B, 1]`
    pub rewards: Array2<T>,
    /// s′, `[B, S]`
    pub next_observations: Array2<T>,
    /// d, `[B, 1]`: 1 where the task ended in s′. Truncation is not in it.
    pub terminated: Array2<T>,
}

impl<T: Scalar> Batch<T> {
    /// Room for B transitions.
    #[must_use]
    pub fn new(batch_size: usize, observation_dim: usize, action_dim: usize) -> Self {
        let matrix = |columns| Array2::zeros((batch_size, columns));
        Self {
            observations: matrix(observation_dim),
            actions: matrix(action_dim),
            rewards: matrix(1),
            next_observations: matrix(observation_dim),
            terminated: matrix(1),
        }
    }

    /// Shows all transitions.
    ///
    /// # Errors
    /// What the visitor said.
    pub fn visit(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        visit_matrix(visitor, "batch.observations", &mut self.observations)?;
        visit_matrix(visitor, "batch.actions", &mut self.actions)?;
        visit_matrix(visitor, "batch.rewards", &mut self.rewards)?;
        visit_matrix(visitor, "batch.next_observations", &mut self.next_observations)?;
        visit_matrix(visitor, "batch.terminated", &mut self.terminated)
    }
}

/// A buffer was asked for something that it cannot do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// No room at all was asked for.
    #[error(
        "a replay buffer needs room for at least one transition: set `buffer_size` to 1 or more"
    )]
    NoCapacity,
    /// The buffer would be larger than this machine can address or has memory for.
    #[error("no memory for {capacity} transitions: set `buffer_size` lower")]
    TooLarge {
        /// The capacity that was asked for.
        capacity: usize,
    },
    /// A transition or batch whose dimensions are not the buffer's.
    #[error(
        "the buffer holds observations of {observation_dim} and actions of {action_dim} numbers; got others"
    )]
    Dimensions {
        /// S
        observation_dim: usize,
        /// A
        action_dim: usize,
    },
    /// A minibatch was asked of an empty buffer.
    #[error("an empty replay buffer has nothing to sample from")]
    Empty,
}
