//! Independent random streams, one per purpose, all derived from one seed.
//!
//! With streams of their own, drawing one number more for one purpose changes nothing for any other: an
//! evaluation in between leaves the training as it was, to the bit.

use num_traits::Float;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::Scalar;
use crate::elementary::ln_of_normal;
use crate::kernel::vectorised;

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
// ANCHOR: stream
pub fn stream(seed: u64, purpose: Purpose) -> Stream {
    let mut stream = Stream::seed_from_u64(seed);
    stream.set_stream(purpose as u64);
    stream
}
// ANCHOR_END: stream

/// The stream of a purpose for one of several environments that are stepped together; for the first one that is
/// [`stream`].
///
/// ```
/// use softac::random::{Purpose, lane_stream, stream};
/// let starts = |lane| lane_stream(7, Purpose::Environment, lane);
/// assert_eq!(starts(0), stream(7, Purpose::Environment));
/// assert_ne!(starts(1), starts(0));
/// ```
#[must_use]
pub fn lane_stream(seed: u64, purpose: Purpose, lane: u32) -> Stream {
    let mut stream = stream(seed, purpose);
    stream.set_stream(u64::from(lane) << 32 | purpose as u64);
    stream
}

/// Fills `xi` with independent standard normal numbers, ξ ~ N(0, 1).
///
/// They are drawn in `f64` and rounded, so that both precisions see the same noise, and their logarithms have
/// the bits of `libm`, the same on every machine. They come in pairs; the partner of an odd last one is
/// dropped, so that nothing is kept from call to call but the stream.
///
/// ```
/// use softac::random::{Purpose, fill_normal, stream};
/// let mut xi = [0.0_f32; 4];
/// fill_normal(&mut xi, &mut stream(0, Purpose::Policy));
/// assert!(xi.iter().all(|xi| xi.abs() < 6.0));
/// ```
pub fn fill_normal<T: Scalar>(xi: &mut [T], stream: &mut Stream) {
    for xi in xi.chunks_mut(2 * PAIRS) {
        let pairs = normal_pairs(xi.len().div_ceil(2), stream);
        xi.iter_mut().zip(pairs.as_flattened()).for_each(|(xi, &x)| *xi = T::of(x));
    }
}

/// How many pairs are made at a time, so that the processor makes several at once.
const PAIRS: usize = 32;

/// Pairs of independent standard normal numbers, by the polar method; as many as asked for, up to 32.
///
/// # Formula
/// `(u, v) √(−2 ln s / s)` for a point `(u, v)` uniform in the disc `0 < s = u² + v² < 1`: Marsaglia and
/// Bray, *A Convenient Method for Generating Normal Variables* (1964), SIAM Review 6(3).
fn normal_pairs(count: usize, stream: &mut Stream) -> [[f64; 2]; PAIRS] {
    let mut pairs = [[0.0; 2]; PAIRS];
    let mut squares = [1.0; PAIRS];
    let mut found = 0;
    while found < count {
        let [u, v] = [(); 2].map(|()| 2.0 * stream.random::<f64>() - 1.0);
        let s = u * u + v * v;
        // A point outside the disc is written, too, and then written over: nothing depends on a guess.
        (pairs[found], squares[found]) = ([u, v], s);
        found += usize::from((0.0 < s) & (s < 1.0));
    }
    vectorised!(|| {
        for (pair, s) in pairs[..count].iter_mut().zip(squares) {
            let scale = Float::sqrt(-2.0 * ln_of_normal(s) / s);
            *pair = pair.map(|u| u * scale);
        }
    });
    pairs
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
