//! How much memory learning takes: known once the networks are made, before the first update.

use super::shards::Shards;
use super::trained::Trained;
use crate::Scalar;
use crate::nn::Params;

/// The memory that updates work in, in bytes. Nothing is added to it later, once there is
/// [room](super::Algorithm::make_room) for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "std", derive(serde::Serialize))]
pub struct Memory {
    /// All parameters that are trained.
    pub parameters: usize,
    /// The parameters of the targets.
    pub targets: usize,
    /// One number for each parameter.
    pub gradients: usize,
    /// Adam's m and v, two numbers for each parameter.
    pub moments: usize,
    /// Values and adjoints of everything in between, with the lists that say where they lie.
    pub activations: usize,
}

/// The memory of updates that train these parameters, move these targets, and compute on these other tapes besides.
pub(crate) fn memory_of<'a, T: Scalar>(
    trained: impl Iterator<Item = &'a Trained<T>> + Clone,
    targets: impl Iterator<Item = &'a Params<T>>,
    others: &Shards<T>,
) -> Memory {
    let bytes = |numbers: usize| numbers * size_of::<T>();
    let parameters = bytes(trained.clone().map(Trained::len).sum());
    let tapes = trained.map(|trained| trained.shards.bytes()).sum::<usize>();
    Memory {
        parameters,
        targets: bytes(targets.map(|target| target.as_slice().len()).sum()),
        gradients: parameters,
        moments: 2 * parameters,
        activations: (tapes + others.bytes()).saturating_sub(parameters),
    }
}
