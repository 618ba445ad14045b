//! The ring, and the law by which it is drawn from.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use ndarray::{Array2, ArrayView1};
use rand::RngExt;

use super::{Batch, ReplayError, Transition};
use crate::Scalar;
use crate::random::Stream;
use crate::state::{StateError, Visitor, visit_words};

/// A ring of transitions: once full, the oldest give way.
///
/// All numbers lie in one allocation, a slot after the other: s, a, r, and s′ or not ([`Successors`]).
#[derive(Clone, Debug)]
pub struct ReplayBuffer<T> {
    numbers: Vec<T>,
    kinds: Vec<Kind>,
    successors: Successors,
    observation_dim: usize,
    action_dim: usize,
    capacity: usize,
    /// How many slots hold a transition.
    len: usize,
    /// How many slots were ever written to.
    used: usize,
    /// Where the next transition goes.
    position: usize,
}

/// How the buffer keeps s′.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Successors {
    /// Beside each transition.
    #[default]
    Stored,
    /// Once, as the s of the next transition, wherever that begins where this one ended: little more than
    /// half of the memory. The last observation of an episode takes the place of one transition.
    Shared,
}

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A transition and how it ended.
    Transition { terminated: bool, truncated: bool },
    /// An observation that ends the transition before it, or nothing any more.
    Observation,
}

impl Kind {
    fn is_transition(self) -> bool {
        matches!(self, Self::Transition { .. })
    }

    /// As it stands in a file: 0 for an observation; for a transition 1, and 2 if it terminated, and 4 if it
    /// was truncated.
    fn byte(self) -> u8 {
        match self {
            Self::Observation => 0,
            Self::Transition { terminated, truncated } => {
                1 + 2 * u8::from(terminated) + 4 * u8::from(truncated)
            }
        }
    }

    fn of_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Observation),
            1 | 3 | 5 | 7 => {
                let (terminated, truncated) = (byte & 2 != 0, byte & 4 != 0);
                Some(Self::Transition { terminated, truncated })
            }
            _ => None,
        }
    }
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
        if capacity == 0 {
            return Err(ReplayError::NoCapacity);
        }
        let too_large = ReplayError::TooLarge { capacity };
        // The observation after the youngest transition needs a slot of its own.
        let (observations, slots) = match successors {
            Successors::Stored => (2, Some(capacity)),
            Successors::Shared => (1, capacity.checked_add(1)),
        };
        let slots = slots.ok_or(too_large)?;
        let width = observation_dim.checked_mul(observations);
        let width = width.and_then(|width| width.checked_add(action_dim)?.checked_add(1));
        let len = width.and_then(|width| width.checked_mul(slots)).ok_or(too_large)?;
        Ok(Self {
            numbers: reserve(len, T::zero()).ok_or(too_large)?,
            kinds: reserve(slots, Kind::Observation).ok_or(too_large)?,
            successors,
            observation_dim,
            action_dim,
            capacity,
            len: 0,
            used: 0,
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

    /// The memory that it takes, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of_val(self.numbers.as_slice()) + size_of_val(self.kinds.as_slice())
    }

    /// Adds a transition, over the oldest one if there is no room left.
    ///
    /// # Errors
    /// [`ReplayError::Dimensions`] if observations or action have another length than the buffer's.
    pub fn push(&mut self, transition: Transition<'_, T>) -> Result<(), ReplayError> {
        let Transition { observation, action, reward, next_observation, .. } = transition;
        let (s, a) = (self.observation_dim, self.action_dim);
        if observation.len() != s || next_observation.len() != s || action.len() != a {
            return Err(self.wrong_dimensions());
        }
        let shared = self.successors == Successors::Shared;
        if shared && self.used > 0 && self.observation(self.position) != observation {
            // Another episode: what ended the last one stays.
            self.advance();
        }
        let slot = self.slot_mut(self.position);
        slot[..s].copy_from_slice(observation);
        slot[s..s + a].copy_from_slice(action);
        slot[s + a] = reward;
        slot[s + a + 1..].copy_from_slice(if shared { &[] } else { next_observation });
        let Transition { terminated, truncated, .. } = transition;
        self.set_kind(self.position, Kind::Transition { terminated, truncated });
        self.advance();
        if shared {
            let position = self.position;
            self.slot_mut(position)[..s].copy_from_slice(next_observation);
            self.set_kind(position, Kind::Observation);
        }
        Ok(())
    }

    /// The transition in slot `index`, if one is there. Slots are filled in order, and then over again.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Transition<'_, T>> {
        let (s, a) = (self.observation_dim, self.action_dim);
        let &Kind::Transition { terminated, truncated } = self.kinds.get(index)? else {
            return None;
        };
        let slot = self.slot(index);
        let next_observation = match self.successors {
            Successors::Stored => &slot[s + a + 1..],
            Successors::Shared => self.observation((index + 1) % self.kinds.len()),
        };
        let (observation, action, reward) = (&slot[..s], &slot[s..s + a], slot[s + a]);
        Some(Transition { observation, action, reward, next_observation, terminated, truncated })
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

    /// Shows what was written to, and where the next transition goes.
    ///
    /// # Errors
    /// What the visitor said, or if what it gave is no state of a buffer of this size.
    pub fn visit(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        let cursor = [self.used as u64, self.position as u64];
        let [used, position] = visit_words(visitor, "replay.cursor", cursor)?;
        let slots = self.kinds.len();
        let within = |word, bound| usize::try_from(word).ok().filter(|&word| word < bound);
        let outside =
            || StateError::new("replay.cursor", format!("it is outside of {slots} slots"));
        self.used = within(used, slots + 1).ok_or_else(outside)?;
        self.position = within(position, slots).ok_or_else(outside)?;
        let width = self.numbers.len() / slots;
        let numbers = &mut self.numbers[..self.used * width];
        visitor.numbers("replay.slots", [self.used, width], numbers)?;
        let mut kinds: Vec<_> = self.kinds[..self.used].iter().map(|kind| kind.byte()).collect();
        visitor.bytes("replay.kinds", &mut kinds)?;
        self.kinds.fill(Kind::Observation);
        for (kind, byte) in self.kinds.iter_mut().zip(kinds) {
            let unknown = || StateError::new("replay.kinds", format!("there is no kind {byte}"));
            *kind = Kind::of_byte(byte).ok_or_else(unknown)?;
        }
        self.len = self.kinds.iter().filter(|kind| kind.is_transition()).count();
        Ok(())
    }

    /// One transition; the buffer must hold some.
    fn draw(&self, stream: &mut Stream) -> Transition<'_, T> {
        loop {
            // Slots without a transition are drawn in vain: that keeps the others equally likely.
            if let Some(transition) = self.get(stream.random_range(0..self.used)) {
                return transition;
            }
        }
    }

    fn slot(&self, index: usize) -> &[T] {
        let width = self.numbers.len() / self.kinds.len();
        &self.numbers[index * width..(index + 1) * width]
    }

    fn slot_mut(&mut self, index: usize) -> &mut [T] {
        let width = self.numbers.len() / self.kinds.len();
        &mut self.numbers[index * width..(index + 1) * width]
    }

    fn observation(&self, index: usize) -> &[T] {
        &self.slot(index)[..self.observation_dim]
    }

    fn set_kind(&mut self, index: usize, kind: Kind) {
        let before = core::mem::replace(&mut self.kinds[index], kind);
        self.len += usize::from(kind.is_transition());
        self.len -= usize::from(before.is_transition());
        self.used = self.used.max(index + 1);
    }

    fn advance(&mut self) {
        self.position = (self.position + 1) % self.kinds.len();
    }

    fn wrong_dimensions(&self) -> ReplayError {
        ReplayError::Dimensions {
            observation_dim: self.observation_dim,
            action_dim: self.action_dim,
        }
    }
}

/// So many values, if there is memory for them.
fn reserve<V: Clone>(len: usize, value: V) -> Option<Vec<V>> {
    // Ask first, because `vec!` aborts; the probe is given back before the memory is really taken, as
    // zeros straight from the system, which costs nothing until they are written.
    Vec::<V>::new().try_reserve_exact(len).ok()?;
    Some(vec![value; len])
}
