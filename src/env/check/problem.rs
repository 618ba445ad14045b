//! What can be wrong with an environment, and how to mend it.

use alloc::vec::Vec;

use super::terms::{After, Answer, Difference, Misuse, Moment, Place, SpaceKind};
use crate::env::error::EnvError;

/// A promise of [`Env`](crate::env::Env) that an environment does not keep.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Problem {
    /// The name is empty.
    #[error("the name is empty; give it one, `MyTask-v0` for instance")]
    EmptyName,
    /// An action without finite bounds.
    #[error(
        "action component {index} has the bounds [{low}, {high}]; give every action finite bounds"
    )]
    UnboundedAction {
        /// Which component.
        index: usize,
        /// Its lower bound.
        low: f64,
        /// Its upper bound.
        high: f64,
    },
    /// A space is not the one it was; `None` where two new environments have different ones.
    #[error(
        "the {space} space is another {}; make it once, in the constructor, from nothing that changes",
        After(*.moment)
    )]
    SpaceChanged {
        /// Which space.
        space: SpaceKind,
        /// After which call.
        moment: Option<Moment>,
    },
    /// A reset that should work does not.
    #[error("{moment} was refused ({error}); accept every seed, at any time")]
    ResetRefused {
        /// The call.
        moment: Moment,
        /// The answer.
        error: EnvError,
    },
    /// After an episode ended, no other begins.
    #[error(
        "after the end of an episode, {moment} was refused ({error}); let `reset` set back whatever \
         says that an episode is over"
    )]
    CannotRestart {
        /// The reset, or the first step after it.
        moment: Moment,
        /// The answer.
        error: EnvError,
    },
    /// An action within its bounds is refused.
    #[error(
        "{moment} with the action {action:?} was refused ({error}); accept every action within the \
         bounds of the action space, or give it narrower ones"
    )]
    StepRefused {
        /// The call.
        moment: Moment,
        /// The action.
        action: Vec<f64>,
        /// The answer.
        error: EnvError,
    },
    /// A component of the observation stays as it was in the caller's buffer.
    #[error(
        "{moment} does not write observation component {index}, or computes it from what was in the \
         buffer; write every component in every call"
    )]
    ObservationNotWritten {
        /// The call.
        moment: Moment,
        /// Which component.
        index: usize,
    },
    /// A component of the observation is NaN or infinite.
    #[error(
        "{moment}: observation component {index} is {value}; look for divisions by zero, roots and \
         logarithms of negative numbers, and states that grow without bound"
    )]
    ObservationNotFinite {
        /// The call.
        moment: Moment,
        /// Which component.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// A component of the observation lies outside the space.
    #[error(
        "{moment}: observation component {index} is {value:?}, outside [{low:?}, {high:?}]; widen the \
         observation space, or clip"
    )]
    ObservationOutside {
        /// The call.
        moment: Moment,
        /// Which component.
        index: usize,
        /// Its value.
        value: f64,
        /// Its lower bound.
        low: f64,
        /// Its upper bound.
        high: f64,
    },
    /// A reward is NaN or infinite.
    #[error("{moment}: the reward is {value}; rewards must be finite")]
    RewardNotFinite {
        /// The call.
        moment: Moment,
        /// The reward.
        value: f64,
    },
    /// The same seed and the same actions give another episode.
    #[error(
        "{moment}: {difference}, with the same seed and actions; draw every random number from a \
         generator that `reset` seeds, and set back the whole state there"
    )]
    NotReproducible {
        /// The first call that differs.
        moment: Moment,
        /// How.
        difference: Difference,
    },
    /// A call that should be refused is not, or with another error.
    #[error(
        "{misuse} was {}; answer with EnvError::{}, before anything changes",
        Answer(.answer.as_ref()), .misuse.expected()
    )]
    NotRefused {
        /// The call.
        misuse: Misuse,
        /// The error it was answered with, `None` if it was accepted.
        answer: Option<EnvError>,
    },
    /// A call was refused, but the episode is another one after it.
    #[error(
        "{misuse} was refused, but then, at {moment}, {difference}; check before anything changes"
    )]
    Disturbed {
        /// The refused call, before each step.
        misuse: Misuse,
        /// The first call that differs from an episode without misuse.
        moment: Moment,
        /// How.
        difference: Difference,
    },
    /// An action outside its bounds makes NaN, there or in the steps after it.
    #[error(
        "{moment}: {} is NaN, after the action {action:?}, which is out of bounds; clip actions, or \
         refuse them", Place(*.index)
    )]
    NanOutside {
        /// The call.
        moment: Moment,
        /// The action that was out of bounds.
        action: Vec<f64>,
        /// The component of the observation that is NaN; `None` for the reward.
        index: Option<usize>,
    },
}

impl Problem {
    /// The kind of problem, in one word for programs.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::EmptyName => "empty_name",
            Self::UnboundedAction { .. } => "unbounded_action",
            Self::SpaceChanged { .. } => "space_changed",
            Self::ResetRefused { .. } => "reset_refused",
            Self::CannotRestart { .. } => "cannot_restart",
            Self::StepRefused { .. } => "step_refused",
            Self::ObservationNotWritten { .. } => "observation_not_written",
            Self::ObservationNotFinite { .. } => "observation_not_finite",
            Self::ObservationOutside { .. } => "observation_outside",
            Self::RewardNotFinite { .. } => "reward_not_finite",
            Self::NotReproducible { .. } => "not_reproducible",
            Self::NotRefused { misuse, .. } => misuse.kind(),
            Self::Disturbed { .. } => "disturbed",
            Self::NanOutside { .. } => "nan_outside",
        }
    }

    /// The component of observation or action that it concerns, if it concerns one.
    pub(super) fn component(&self) -> Option<usize> {
        match *self {
            Self::UnboundedAction { index, .. }
            | Self::ObservationNotWritten { index, .. }
            | Self::ObservationNotFinite { index, .. }
            | Self::ObservationOutside { index, .. }
            | Self::NotRefused { misuse: Misuse::NonFiniteAction { index, .. }, .. } => Some(index),
            Self::NanOutside { index, .. } => index,
            Self::EmptyName
            | Self::SpaceChanged { .. }
            | Self::ResetRefused { .. }
            | Self::CannotRestart { .. }
            | Self::StepRefused { .. }
            | Self::RewardNotFinite { .. }
            | Self::NotReproducible { .. }
            | Self::NotRefused { .. }
            | Self::Disturbed { .. } => None,
        }
    }
}
