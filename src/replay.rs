//! The replay buffer: a ring of transitions, sampled uniformly.

use alloc::vec;
use alloc::vec::Vec;

use ndarray::Array2;
use rand::RngExt;

use crate::Scalar;
use crate::random::Stream;

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

/// A ring of transitions: once full, the oldest give way.
#[derive(Clone, Debug)]
pub struct ReplayBuffer<T> {
    observations: Vec<T>,
    actions: Vec<T>,
    rewards: Vec<T>,
    next_observations: Vec<T>,
    terminated: Vec<bool>,
    truncated: Vec<bool>,
    observation_dim: usize,
    action_dim: usize,
    capacity: usize,
    len: usize,
    /// Where the next transition goes.
    position: usize,
}

impl<T: Scalar> ReplayBuffer<T> {
    /// An empty buffer with room for `capacity` transitions. The memory is taken at once.
    ///
    /// # Errors
    /// [`ReplayError::NoCapacity`] for a capacity of zero, [`ReplayError::TooLarge`] if there is no memory
    /// for it.
    pub fn new(
        capacity: usize,
        observation_dim: usize,
        action_dim: usize,
    ) -> Result<Self, ReplayError> {
        if capacity == 0 {
            return Err(ReplayError::NoCapacity);
        }
        let room = |columns: usize| reserve(capacity, columns, T::zero());
        Ok(Self {
            observations: room(observation_dim)?,
            actions: room(action_dim)?,
            rewards: room(1)?,
            next_observations: room(observation_dim)?,
            terminated: reserve(capacity, 1, false)?,
            truncated: reserve(capacity, 1, false)?,
            observation_dim,
            action_dim,
            capacity,
            len: 0,
            position: 0,
        })
    }

    /// How many transitions it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many transitions it has room for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Adds a transition, over the oldest one if there is no room left.
    ///
    /// # Errors
    /// [`ReplayError::Dimensions`] if observations or action have another length than the buffer's.
    pub fn push(&mut self, transition: Transition<'_, T>) -> Result<(), ReplayError> {
        let Transition { observation, action, next_observation, .. } = transition;
        let (s, a) = (self.observation_dim, self.action_dim);
        if observation.len() != s || next_observation.len() != s || action.len() != a {
            return Err(self.wrong_dimensions());
        }
        let i = self.position;
        self.observations[i * s..(i + 1) * s].copy_from_slice(observation);
        self.actions[i * a..(i + 1) * a].copy_from_slice(action);
        self.rewards[i] = transition.reward;
        self.next_observations[i * s..(i + 1) * s].copy_from_slice(next_observation);
        self.terminated[i] = transition.terminated;
        self.truncated[i] = transition.truncated;
        self.position = (i + 1) % self.capacity;
        self.len = self.capacity.min(self.len + 1);
        Ok(())
    }

    /// The transition in slot `index`, if one is there. Slots are filled in order, and then over again.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Transition<'_, T>> {
        let (s, a) = (self.observation_dim, self.action_dim);
        (index < self.len).then(|| Transition {
            observation: &self.observations[index * s..(index + 1) * s],
            action: &self.actions[index * a..(index + 1) * a],
            reward: self.rewards[index],
            next_observation: &self.next_observations[index * s..(index + 1) * s],
            terminated: self.terminated[index],
            truncated: self.truncated[index],
        })
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
            let i = stream.random_range(0..self.len);
            let copy = |to: &mut Array2<T>, from: &[T], columns: usize| {
                let from = &from[i * columns..(i + 1) * columns];
                to.row_mut(row).iter_mut().zip(from).for_each(|(to, &from)| *to = from);
            };
            copy(&mut batch.observations, &self.observations, s);
            copy(&mut batch.actions, &self.actions, a);
            copy(&mut batch.rewards, &self.rewards, 1);
            copy(&mut batch.next_observations, &self.next_observations, s);
            batch.terminated[[row, 0]] = if self.terminated[i] { T::one() } else { T::zero() };
        }
        Ok(())
    }

    fn wrong_dimensions(&self) -> ReplayError {
        ReplayError::Dimensions {
            observation_dim: self.observation_dim,
            action_dim: self.action_dim,
        }
    }
}

/// `capacity × columns` values, or the error that there is no memory for them.
fn reserve<V: Clone>(capacity: usize, columns: usize, value: V) -> Result<Vec<V>, ReplayError> {
    let too_large = ReplayError::TooLarge { capacity };
    let len = capacity.checked_mul(columns).ok_or(too_large)?;
    // Ask first, because `vec!` aborts; the probe is given back before the memory is really taken, as
    // zeros straight from the system, which costs nothing until they are written.
    Vec::<V>::new().try_reserve_exact(len).map_err(|_| too_large)?;
    Ok(vec![value; len])
}
