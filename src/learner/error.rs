//! Why learning stopped.

use alloc::boxed::Box;
use alloc::string::String;

use crate::agent::settings::ConfigError;
use crate::agent::{NotFinite, UpdateError};
use crate::env::EnvError;
use crate::policy::UnboundedDimension;
use crate::replay::ReplayError;
use crate::tape::TapeError;

/// Why learning cannot begin, or cannot go on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LearnerError {
    /// A hyperparameter that cannot be.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The environment refused a call.
    #[error("environment: {0}")]
    Env(#[from] EnvError),
    /// More or fewer environments than the learner was made for.
    #[error("the learner acts in {expected} environments at a time, and was given {found}")]
    EnvCount {
        /// How many it was made for.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// The environment gave an observation or reward that is NaN or infinite, or beyond the training's precision. Nothing
    /// of that step is kept, and its episode is given up.
    #[error("{env} gave the {quantity} {value:?} in step {step}; {}", remedy(*value))]
    NotFinite {
        /// The environment's name.
        env: String,
        /// `reward`, or `observation` with its index.
        quantity: String,
        /// The number at fault.
        value: f64,
        /// The environment step, counted from 1.
        step: u64,
    },
    /// The replay buffer refused a call.
    #[error("replay buffer: {0}")]
    Replay(#[from] ReplayError),
    /// A computation with shapes that do not fit.
    #[error("update: {0}")]
    Tape(#[from] TapeError),
    /// A number of an update that is NaN or infinite. What it was computed from is as it was:
    /// [`Algorithm::diagnose`](crate::agent::Algorithm::diagnose) finds it again in the [last minibatch](super::Learner::last_minibatch).
    #[error(
        "the training diverged in step {step}, in update {update}, {fault}; lower `learning_rate`, or look \
         for huge rewards or temperatures"
    )]
    Diverged {
        /// The environment step, counted from 1.
        step: u64,
        /// The update, counted from 1.
        update: u64,
        /// Which number.
        fault: Box<NotFinite>,
    },
    /// An action space without finite bounds, onto which no squashed action can be mapped.
    #[error(transparent)]
    UnboundedAction(#[from] UnboundedDimension),
}

/// What to do about a number that cannot be learned from.
fn remedy(value: f64) -> &'static str {
    if value.is_finite() {
        "single precision cannot hold it: scale it in the environment, or train with `precision = \"f64\"`"
    } else {
        "mend the environment"
    }
}

impl LearnerError {
    /// What went wrong in this update, after this step.
    pub(crate) fn in_update(error: UpdateError, update: u64, step: u64) -> Self {
        match error {
            UpdateError::Tape(error) => Self::Tape(error),
            UpdateError::NotFinite(fault) => Self::Diverged { step, update, fault },
        }
    }
}
