//! The transitions of one environment, the oldest of which give way.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use super::{ReplayError, Transition};
use crate::Scalar;
use crate::state::{StateError, Visitor, name_in_lane, visit_words};

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

/// A ring of slots, each of which holds s, a, r, and s′ or not ([`Successors`]). They lie in one allocation.
#[derive(Clone, Debug)]
pub(super) struct Ring<T> {
    numbers: Vec<T>,
    kinds: Vec<Kind>,
    successors: Successors,
    observation_dim: usize,
    action_dim: usize,
    /// How many slots hold a transition.
    len: usize,
    /// How many slots were ever written to.
    used: usize,
    /// Where the next transition goes.
    position: usize,
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

impl<T: Scalar> Ring<T> {
    /// Room for so many transitions, if there is memory for them.
    pub fn new(
        successors: Successors,
        capacity: usize,
        observation_dim: usize,
        action_dim: usize,
    ) -> Option<Self> {
        // The observation after the youngest transition needs a slot of its own.
        let (observations, slots) = match successors {
            Successors::Stored => (2, Some(capacity)),
            Successors::Shared => (1, capacity.checked_add(1)),
        };
        let slots = slots?;
        let width = observation_dim.checked_mul(observations);
        let width = width.and_then(|width| width.checked_add(action_dim)?.checked_add(1));
        let len = width.and_then(|width| width.checked_mul(slots))?;
        Some(Self {
            numbers: reserve(len, T::zero())?,
            kinds: reserve(slots, Kind::Observation)?,
            successors,
            observation_dim,
            action_dim,
            len: 0,
            used: 0,
            position: 0,
        })
    }

    /// How many transitions it holds.
    pub fn len(&self) -> usize {
        self.len
    }

    /// How many slots it has.
    pub fn slots(&self) -> usize {
        self.kinds.len()
    }

    /// How many slots were ever written to: the first ones.
    pub fn used(&self) -> usize {
        self.used
    }

    /// The memory that it takes, in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.numbers.as_slice()) + size_of_val(self.kinds.as_slice())
    }

    /// Adds a transition, over the oldest one if there is no room left.
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

    /// The transition in slot `index`, if one is there.
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

    /// Shows what was written to, and where the next transition goes.
    pub fn visit(&mut self, lane: usize, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        let [cursor, slots, kinds] =
            ["replay.cursor", "replay.slots", "replay.kinds"].map(|name| name_in_lane(name, lane));
        self.visit_cursor(&cursor, visitor)?;
        let width = self.numbers.len() / self.kinds.len();
        let numbers = &mut self.numbers[..self.used * width];
        visitor.numbers(&slots, [self.used, width], numbers)?;
        let mut bytes: Vec<_> = self.kinds[..self.used].iter().map(|kind| kind.byte()).collect();
        visitor.bytes(&kinds, &mut bytes)?;
        self.kinds.fill(Kind::Observation);
        for (kind, byte) in self.kinds.iter_mut().zip(bytes) {
            let unknown = || StateError::new(&kinds, format!("there is no kind {byte}"));
            *kind = Kind::of_byte(byte).ok_or_else(unknown)?;
        }
        self.len = self.kinds.iter().filter(|kind| kind.is_transition()).count();
        Ok(())
    }

    fn visit_cursor(&mut self, name: &str, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        let cursor = [self.used as u64, self.position as u64];
        let [used, position] = visit_words(visitor, name, cursor)?;
        let slots = self.kinds.len();
        let within = |word, bound| usize::try_from(word).ok().filter(|&word| word < bound);
        let outside = || StateError::new(name, format!("it is outside of {slots} slots"));
        self.used = within(used, slots + 1).ok_or_else(outside)?;
        self.position = within(position, slots).ok_or_else(outside)?;
        Ok(())
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
