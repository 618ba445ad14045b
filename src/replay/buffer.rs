//! The buffer, and the law by which it is drawn from.

use alloc::vec::Vec;

use ndarray::{Array2, ArrayView1};
use rand::RngExt;

use super::ring::{Ring, Successors};
use super::{Batch, ReplayError, Transition};
use crate::Scalar;
use crate::random::Stream;
use crate::state::{StateError, Visitor};

/// The last transitions: once it is full, the oldest give way.
///
/// Several environments that are stepped together have an equal part of it each, so that what follows in one part
/// is what followed in the environment.
#[derive(Clone, Debug)]
pub struct ReplayBuffer<T> {
    /// One for each environment, all of one size.
    rings: Vec<Ring<T>>,
    /// How many transitions there is room for.
    capacity: usize,
    observation_dim: usize,
    action_dim: usize,
}

impl<T: Scalar> ReplayBuffer<T> {
    /// An empty buffer with room for `capacity` transitions, each with its successor. The memory is taken
    /// at once.
    ///
    /// # Errors
    /// [`ReplayError::NoCapacity`] for a capacity of zero, [`ReplayError::TooLarge`] if there is no memory
    /// for it.
    pub fn new(
        capacity: usize,
        observation_dim: usize,
        action_dim: usize,
    ) -> Result<Self, ReplayError> {
        Self::with_successors(Successors::Stored, capacity, observation_dim, action_dim)
    }

    /// An empty buffer that keeps successors in this way.
    ///
    /// ```
    /// use softac::replay::{ReplayBuffer, Successors};
    ///
    /// // HalfCheetah: 17 observations, 6 actions.
    /// let bytes = |successors| {
    ///     ReplayBuffer::<f32>::with_successors(successors, 1_000, 17, 6).map(|buffer| buffer.bytes())
    /// };
    /// assert_eq!(bytes(Successors::Stored)?, 1_000 * (17 + 6 + 1 + 17) * 4 + 1_000 * 2);
    /// assert_eq!(bytes(Successors::Shared)?, 1_001 * (17 + 6 + 1) * 4 + 1_001 * 2);
    /// # Ok::<(), softac::replay::ReplayError>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](ReplayBuffer::new).
    pub fn with_successors(
        successors: Successors,
        capacity: usize,
        observation_dim: usize,
        action_dim: usize,
    ) -> Result<Self, ReplayError> {
        Self::for_envs(1, successors, capacity, observation_dim, action_dim)
    }

    /// An empty buffer for so many environments. The capacity is dealt out evenly, rounded up to a multiple of
    /// their number.
    ///
    /// # Errors
    /// As [`new`](ReplayBuffer::new); [`ReplayError::NoCapacity`] also for no environment at all.
    pub fn for_envs(
        num_envs: usize,
        successors: Successors,
        capacity: usize,
        observation_dim: usize,
        action_dim: usize,
    ) -> Result<Self, ReplayError> {
        if capacity == 0 || num_envs == 0 {
            return Err(ReplayError::NoCapacity);
        }
        let each = capacity.div_ceil(num_envs);
        let ring = |_| Ring::new(successors, each, observation_dim, action_dim);
        let rings: Option<Vec<_>> = (0..num_envs).map(ring).collect();
        let rings = rings.ok_or(ReplayError::TooLarge { capacity })?;
        Ok(Self { rings, capacity: num_envs * each, observation_dim, action_dim })
    }

    /// How many transitions it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rings.iter().map(Ring::len).sum()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many transitions it has room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The memory that it takes, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.rings.iter().map(Ring::bytes).sum()
    }

    /// Adds a transition of the only environment, or the first, over its oldest one if there is no room left.
    ///
    /// # Errors
    /// [`ReplayError::Dimensions`] if observations or action have another length than the buffer's.
    pub fn push(&mut self, transition: Transition<'_, T>) -> Result<(), ReplayError> {
        self.push_of(0, transition)
    }

    /// Adds a transition of one of the environments, over its oldest one if there is no room left.
    ///
    /// # Errors
    /// As [`push`](ReplayBuffer::push).
    ///
    /// # Panics
    /// If there are no more environments than `lane`.
    pub fn push_of(
        &mut self,
        lane: usize,
        transition: Transition<'_, T>,
    ) -> Result<(), ReplayError> {
        self.rings[lane].push(transition)
    }

    /// The transition in slot `index`, if one is there. Slots are filled in order, and then over again; those of
    /// the second environment come after all of the first one's.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Transition<'_, T>> {
        let slots = self.rings[0].slots();
        self.rings.get(index / slots)?.get(index % slots)
    }

    /// Fills the batch with transitions drawn uniformly, with replacement.
    ///
    /// # Errors
    /// [`ReplayError::Empty`] if there is nothing to draw from, [`ReplayError::Dimensions`] if the batch
    /// was made for other dimensions.
    pub fn sample(&self, batch: &mut Batch<T>, stream: &mut Stream) -> Result<(), ReplayError> {
        if self.is_empty() {
            return Err(ReplayError::Empty);
        }
        let (s, a) = (self.observation_dim, self.action_dim);
        let rows = batch.observations.nrows();
        let fits = batch.observations.dim() == (rows, s)
            && batch.actions.dim() == (rows, a)
            && batch.rewards.dim() == (rows, 1)
            && batch.next_observations.dim() == (rows, s)
            && batch.terminated.dim() == (rows, 1);
        if !fits {
            return Err(self.wrong_dimensions());
        }
        for row in 0..rows {
            let drawn = self.draw(stream);
            let copy = |to: &mut Array2<T>, from| to.row_mut(row).assign(&ArrayView1::from(from));
            copy(&mut batch.observations, drawn.observation);
            copy(&mut batch.actions, drawn.action);
            copy(&mut batch.next_observations, drawn.next_observation);
            batch.rewards[[row, 0]] = drawn.reward;
            batch.terminated[[row, 0]] = if drawn.terminated { T::one() } else { T::zero() };
        }
        Ok(())
    }

    /// Shows what was written to, and where the next transitions go.
    ///
    /// # Errors
    /// What the visitor said, or if what it gave is no state of a buffer of this size.
    pub fn visit(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        let mut rings = self.rings.iter_mut().enumerate();
        rings.try_for_each(|(lane, ring)| ring.visit(lane, visitor))
    }

    /// One transition; the buffer must hold some.
    fn draw(&self, stream: &mut Stream) -> Transition<'_, T> {
        let used = self.rings.iter().map(Ring::used).sum();
        loop {
            // Slots without a transition are drawn in vain: that keeps the others equally likely.
            let mut index = stream.random_range(0..used);
            for ring in &self.rings {
                if index < ring.used() {
                    if let Some(transition) = ring.get(index) {
                        return transition;
                    }
                    break;
                }
                index -= ring.used();
            }
        }
    }

    fn wrong_dimensions(&self) -> ReplayError {
        ReplayError::Dimensions {
            observation_dim: self.observation_dim,
            action_dim: self.action_dim,
        }
    }
}
