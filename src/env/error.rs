//! What can go wrong between a learner and an environment.

use alloc::string::String;

/// A call to an environment that it cannot answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EnvError {
    /// The observation buffer has the wrong length.
    #[error("the observation buffer holds {found} numbers, the observation space has {expected}")]
    ObservationLength {
        /// Length of the observation space.
        expected: usize,
        /// Length of the buffer that was passed.
        found: usize,
    },
    /// The action has the wrong length.
    #[error("the action holds {found} numbers, the action space has {expected}")]
    ActionLength {
        /// Length of the action space.
        expected: usize,
        /// Length of the action that was passed.
        found: usize,
    },
    /// The action holds a NaN or an infinity.
    #[error("action component {index} is {value}; actions must be finite")]
    NonFiniteAction {
        /// The first component at fault.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// A step was asked for before the first `reset`, or after the end of an episode.
    #[error("no episode is under way: call reset before step")]
    NeedsReset,
    /// Bounds of a space that are not a box.
    #[error(
        "dimension {index} of the space has the bounds [{low}, {high}]; low must be below high"
    )]
    InvalidBounds {
        /// The first dimension at fault.
        index: usize,
        /// Its lower bound.
        low: f64,
        /// Its upper bound.
        high: f64,
    },
    /// Lower and upper bounds of different lengths, or none at all.
    #[error("a space needs as many lower as upper bounds and at least one: got {low} and {high}")]
    BoundsLength {
        /// Number of lower bounds.
        low: usize,
        /// Number of upper bounds.
        high: usize,
    },
    /// A parameter or a start state outside the values it may take.
    #[error("{name} is {value}; it must be {expected}")]
    InvalidParameter {
        /// What the number stands for.
        name: &'static str,
        /// The number at fault.
        value: f64,
        /// The values it may take, in words.
        expected: &'static str,
    },
    /// A second environment that should be as the first one has other spaces.
    #[error("{env}: made a second time, it has other spaces; make them of nothing that changes")]
    OtherSpaces {
        /// The environment's name.
        env: String,
    },
    /// Words that are no state of the environment.
    #[error("this is no state that {env} can be in, or it cannot be restored at all")]
    InvalidState {
        /// The environment's name.
        env: String,
    },
    /// An environment that another program computes has failed.
    #[error("{env}: {message}")]
    External {
        /// The environment's name.
        env: String,
        /// What has failed.
        fault: ExternalFault,
        /// What has failed, in words, and what to do about it.
        message: String,
    },
    /// No environment goes by this name.
    #[error("there is no environment named `{name}`; known are: {known}")]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The replay of an episode was interrupted.
    #[error("{env}: interrupted while an episode was played again")]
    Interrupted {
        /// Name of the environment.
        env: String,
    },
}

/// What can fail of an environment that another program computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExternalFault {
    /// The program, or something that it needs, is missing.
    Unavailable,
    /// The program knows no such environment, or cannot make it.
    Unknown,
    /// Its spaces are no boxes of real numbers.
    Unsupported,
    /// The environment itself reported an error. The program is there still, and can begin another episode.
    Raised,
    /// The program came to an end.
    Died,
    /// The program did not answer in time, and was ended.
    TimedOut,
    /// The program's answer is none: another protocol, or an observation of another shape than its space says.
    Malformed,
    /// The same seed and actions did not lead back to where an episode was.
    NotReproduced,
}

impl EnvError {
    /// [`EnvError::InvalidParameter`] unless `valid`; to be used with `?`.
    pub(super) fn require(
        valid: bool,
        name: &'static str,
        value: f64,
        expected: &'static str,
    ) -> Result<(), Self> {
        if valid { Ok(()) } else { Err(Self::InvalidParameter { name, value, expected }) }
    }

    /// [`EnvError::InvalidState`] of the environment of this name.
    pub(super) fn invalid_state(env: &str) -> Self {
        Self::InvalidState { env: env.into() }
    }

    /// Checks a temperature `α`, which divides: it must be finite and above zero.
    pub(super) fn require_temperature(alpha: f64) -> Result<(), Self> {
        let valid = alpha.is_finite() && alpha > 0.0;
        Self::require(valid, "the temperature alpha", alpha, "finite and above 0")
    }

    /// Checks a discount factor `γ`: below 1 the discounted sum of rewards is finite.
    pub(super) fn require_discount(gamma: f64) -> Result<(), Self> {
        let valid = (0.0..1.0).contains(&gamma);
        Self::require(valid, "the discount gamma", gamma, "at least 0 and below 1")
    }
}
