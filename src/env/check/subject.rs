//! An environment under test, and the actions that it is given.

use alloc::vec;
use alloc::vec::Vec;

use rand::RngExt;

use super::terms::{Difference, Moment};
use crate::env::error::EnvError;
use crate::env::space::BoxSpace;
use crate::env::{Env, Step};
use crate::random::{Purpose, Stream, stream};

/// A NaN that no computation comes to by itself: where it is left, or handed on, nothing was written.
const NOT_WRITTEN: f64 = f64::from_bits(0x7ff8_50f7_ac00_0001);

/// Whether a component still holds what the buffer was filled with.
pub(super) fn is_not_written(x: f64) -> bool {
    // The sign is that of a computation with it.
    x.abs().to_bits() == NOT_WRITTEN.to_bits()
}

/// An environment, the caller's buffer, and where in an episode it is.
pub(super) struct Subject<E> {
    pub env: E,
    pub observation: Vec<f64>,
    pub moment: Moment,
}

impl<E: Env> Subject<E> {
    pub fn new(env: E) -> Self {
        let observation = vec![NOT_WRITTEN; env.observation_space().len()];
        Self { env, observation, moment: Moment { seed: 0, step: 0 } }
    }

    pub fn reset(&mut self, seed: u64) -> Result<(), EnvError> {
        self.moment = Moment { seed, step: 0 };
        self.observation.fill(NOT_WRITTEN);
        self.env.reset(seed, &mut self.observation)
    }

    pub fn step(&mut self, action: &[f64]) -> Result<Step, EnvError> {
        self.moment.step += 1;
        self.observation.fill(NOT_WRITTEN);
        self.env.step(action, &mut self.observation)
    }

    /// How its observation differs from another's, to the bit.
    pub fn difference(&self, other: &Self) -> Option<Difference> {
        let pairs = self.observation.iter().zip(&other.observation).enumerate();
        let mut differing = pairs.filter(|(_, (a, b))| a.to_bits() != b.to_bits());
        let (index, (&first, &second)) = differing.next()?;
        Some(Difference::Observation { index, first, second })
    }
}

/// How two answers to the same step differ, to the bit.
pub(super) fn difference(
    first: &Result<Step, EnvError>,
    second: &Result<Step, EnvError>,
) -> Option<Difference> {
    let bits = |step: &Step| (step.reward.to_bits(), step.terminated, step.truncated);
    match (first, second) {
        (Ok(first), Ok(second)) if bits(first) == bits(second) => None,
        (Ok(first), Ok(second)) => Some(Difference::Step { first: *first, second: *second }),
        (Err(_), Err(_)) => None,
        (first, second) => Some(Difference::Refusal {
            first: first.as_ref().err().cloned(),
            second: second.as_ref().err().cloned(),
        }),
    }
}

/// Valid actions: all at the lower bounds, all at the upper ones, all at the centre, some at each bound, and
/// four that are uniform; then from the beginning.
pub(super) struct Actions {
    bounds: Vec<(f64, f64)>,
    stream: Stream,
    count: u64,
    pub action: Vec<f64>,
}

impl Actions {
    pub fn new(space: &BoxSpace, seed: u64) -> Self {
        let bounds = space.low().iter().zip(space.high()).map(|(&low, &high)| finite(low, high));
        let stream = stream(seed, Purpose::WarmUp);
        Self { bounds: bounds.collect(), stream, count: 0, action: vec![0.0; space.len()] }
    }

    pub fn next(&mut self) -> &[f64] {
        for (action, &(low, high)) in self.action.iter_mut().zip(&self.bounds) {
            *action = match self.count % 8 {
                0 => low,
                1 => high,
                2 => 0.5 * low + 0.5 * high,
                3 if self.stream.random() => low,
                3 => high,
                _ => {
                    let x: f64 = self.stream.random();
                    ((1.0 - x) * low + x * high).clamp(low, high)
                }
            };
        }
        self.count += 1;
        &self.action
    }

    /// The action `reach` widths of the box above its upper bounds, or below its lower ones if `reach` is
    /// negative. There is none where that is no finite number.
    pub fn outside(&mut self, reach: f64) -> Option<&[f64]> {
        for (action, &(low, high)) in self.action.iter_mut().zip(&self.bounds) {
            *action = if reach > 0.0 { high } else { low } + reach * (high - low);
        }
        self.action.iter().all(|x| x.is_finite()).then_some(&self.action)
    }
}

/// Bounds to draw from where there are none.
fn finite(low: f64, high: f64) -> (f64, f64) {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => (low, high),
        (true, false) => (low, low + low.abs().max(1.0)),
        (false, true) => (high - high.abs().max(1.0), high),
        (false, false) => (-1.0, 1.0),
    }
}
