//! The inputs of an update.

use super::noise::Noise;
use crate::agent::Plan;
use crate::replay::Batch;

/// The same in all stages of an update.
#[derive(Clone, Copy)]
pub(super) struct UpdateInputs<'a, T> {
    pub batch: &'a Batch<T>,
    pub noise: &'a Noise<T>,
    pub plan: Plan,
}
