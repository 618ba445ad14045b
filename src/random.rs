//! Independent random streams, one per purpose, all derived from one seed.
//!
//! With streams of their own, drawing one number more for one purpose changes nothing for any other: an
//! evaluation in between leaves the training as it was, to the bit.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::Scalar;

/// The generator of every stream: ChaCha with 8 rounds, the same numbers on every platform.
pub type Stream = ChaCha8Rng;

/// What random numbers are drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Initial parameters.
    Init,
    /// Starts of training episodes.
    Environment,
    /// Noise of the policy, in acting and in updates.
    Policy,
    /// Minibatches from the replay buffer.
    Replay,
    /// Uniform actions before learning.
    WarmUp,
    /// Starts of evaluation episodes.
    Evaluation,
}

/// The stream of a purpose. Equal arguments give equal numbers; different purposes, unrelated ones.
///
/// ```
/// use rand::RngExt;
/// use softac::random::{Purpose, stream};
/// let draw = |seed, purpose| stream(seed, purpose).random::<u64>();
/// assert_eq!(draw(7, Purpose::Init), draw(7, Purpose::Init));
/// assert_ne!(draw(7, Purpose::Init), draw(7, Purpose::Replay));
/// ```
#[must_use]
pub fn stream(seed: u64, purpose: Purpose) -> Stream {
    let mut stream = Stream::seed_from_u64(seed);
    stream.set_stream(purpose as u64);
    stream
}

/// Fills `xi` with independent standard normal numbers, ξ ~ N(0, 1).
///
/// They are drawn in `f64` and rounded, so that both precisions see the same noise.
pub fn fill_normal<T: Scalar>(xi: &mut [T], stream: &mut Stream) {
    for xi in xi {
        let sample: f64 = StandardNormal.sample(stream);
        *xi = T::of(sample);
    }
}

/// Fills `x` with independent numbers uniform in `[−bound, bound)`.
///
/// They are drawn in `f64` and rounded, so that both precisions see the same numbers.
pub fn fill_uniform<T: Scalar>(x: &mut [T], bound: f64, stream: &mut Stream) {
    for x in x {
        let unit: f64 = stream.random();
        *x = T::of(bound * (2.0 * unit - 1.0));
    }
}
