//! What the problems of an environment are told in: calls, misuses, differences.

use core::fmt;

use crate::env::Step;
use crate::env::error::EnvError;

/// A call in an episode: the `reset` where `step` is 0, else that step, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The seed that the episode was reset with.
    pub seed: u64,
    /// The step.
    pub step: u32,
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step {
            0 => write!(f, "reset({})", self.seed),
            step => write!(f, "step {step} after reset({})", self.seed),
        }
    }
}

/// One of an environment's two spaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpaceKind {
    /// That of the observations.
    Observation,
    /// That of the actions.
    Action,
}

impl fmt::Display for SpaceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Observation => "observation",
            Self::Action => "action",
        })
    }
}

/// A call that has to be refused, and leave the episode as it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Misuse {
    /// A step before the first reset.
    StepBeforeReset,
    /// A step after the last of an episode.
    StepAfterEnd(Moment),
    /// A reset with an observation buffer of this length.
    ResetBuffer(usize),
    /// A step with an observation buffer of this length.
    StepBuffer(usize),
    /// A step with an action of this length.
    ActionLength(usize),
    /// A step with an action that has this component, all others being valid.
    NonFiniteAction {
        /// Which component.
        index: usize,
        /// NaN or an infinity.
        value: f64,
    },
}

impl Misuse {
    /// Whether this is the error that the misuse has to be answered with.
    pub(super) fn is_answered_by(self, error: &EnvError) -> bool {
        match self {
            Self::StepBeforeReset | Self::StepAfterEnd(_) => *error == EnvError::NeedsReset,
            Self::ResetBuffer(_) | Self::StepBuffer(_) => {
                matches!(error, EnvError::ObservationLength { .. })
            }
            Self::ActionLength(_) => matches!(error, EnvError::ActionLength { .. }),
            Self::NonFiniteAction { .. } => matches!(error, EnvError::NonFiniteAction { .. }),
        }
    }

    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::StepBeforeReset | Self::StepAfterEnd(_) => "NeedsReset",
            Self::ResetBuffer(_) | Self::StepBuffer(_) => "ObservationLength",
            Self::ActionLength(_) => "ActionLength",
            Self::NonFiniteAction { .. } => "NonFiniteAction",
        }
    }

    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::StepBeforeReset => "step_before_reset",
            Self::StepAfterEnd(_) => "step_after_end",
            Self::ResetBuffer(_) => "reset_buffer_length",
            Self::StepBuffer(_) => "step_buffer_length",
            Self::ActionLength(_) => "action_length",
            Self::NonFiniteAction { .. } => "non_finite_action",
        }
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StepBeforeReset => write!(f, "a step before the first reset"),
            Self::StepAfterEnd(end) => write!(f, "a step after the end of an episode ({end})"),
            Self::ResetBuffer(len) => write!(f, "a reset with an observation buffer of {len}"),
            Self::StepBuffer(len) => write!(f, "a step with an observation buffer of {len}"),
            Self::ActionLength(len) => write!(f, "a step with {len} action components"),
            Self::NonFiniteAction { index, value } => {
                write!(f, "a step whose action component {index} is {value}")
            }
        }
    }
}

/// How two episodes differ that should be the same.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    /// In a component of the observation.
    Observation {
        /// Which.
        index: usize,
        /// Its value in one episode.
        first: f64,
        /// And in the other.
        second: f64,
    },
    /// In what a step reports.
    Step {
        /// In one episode.
        first: Step,
        /// And in the other.
        second: Step,
    },
    /// In whether the call was refused (`None` where it was not).
    Refusal {
        /// In one episode.
        first: Option<EnvError>,
        /// And in the other.
        second: Option<EnvError>,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Observation { index, first, second } => {
                write!(f, "observation component {index} is {first:?} once and {second:?} once")
            }
            Self::Step { first, second } => write!(f, "{first:?} once and {second:?} once"),
            Self::Refusal { first, second } => {
                write!(f, "{} once and {} once", Answer(first.as_ref()), Answer(second.as_ref()))
            }
        }
    }
}

/// What an environment answered to a call, for a sentence.
pub(super) struct Answer<'a>(pub Option<&'a EnvError>);

impl fmt::Display for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("accepted"),
            Some(error) => write!(f, "refused ({error})"),
        }
    }
}

/// When a space was found to be another, for a sentence.
pub(super) struct After(pub Option<Moment>);

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(moment) => write!(f, "after {moment}"),
            None => f.write_str("in a second environment of the same making"),
        }
    }
}

/// Where a NaN is, for a sentence.
pub(super) struct Place(pub Option<usize>);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(index) => write!(f, "observation component {index}"),
            None => f.write_str("the reward"),
        }
    }
}
