//! The time between two rounds of updates.

use alloc::format;
use core::fmt;
use core::str::FromStr;

use super::error::ConfigError;
use super::value::{Value, ValueKind};

/// The time between two rounds of updates: steps of each environment, or episodes.
///
/// `train_freq = 4` means steps, `train_freq = "1 episode"` episodes, as `train_freq=(1, "episode")` does in
/// Stable-Baselines3.
///
/// ```
/// use softac::agent::settings::TrainFreq;
/// assert_eq!("2 episodes".parse(), Ok(TrainFreq::Episodes(2)));
/// assert_eq!(format!("{:?}", TrainFreq::Episodes(1)), "1 episode");
/// assert_eq!(TrainFreq::from(4), TrainFreq::Steps(4));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(try_from = "Written", into = "Written"))]
pub enum TrainFreq {
    /// So many steps of each environment.
    Steps(u64),
    /// So many episodes of the only environment.
    Episodes(u64),
}

impl TrainFreq {
    /// How many steps or episodes there are.
    #[must_use]
    pub fn count(self) -> u64 {
        let (Self::Steps(count) | Self::Episodes(count)) = self;
        count
    }
}

/// Steps.
impl From<u64> for TrainFreq {
    fn from(steps: u64) -> Self {
        Self::Steps(steps)
    }
}

impl FromStr for TrainFreq {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let rule = "it must be a number of steps, or of episodes, such as \"1 episode\"";
        let refused = || ConfigError { key: "train_freq", value: format!("{text:?}"), rule };
        let (count, unit) = text.split_once(' ').ok_or_else(refused)?;
        let count = count.parse().map_err(|_| refused())?;
        let episodes = matches!(unit, "episode" | "episodes");
        episodes.then_some(Self::Episodes(count)).ok_or_else(refused)
    }
}

/// As `config.toml` has it, without quotation marks.
impl fmt::Debug for TrainFreq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steps(steps) => write!(f, "{steps}"),
            Self::Episodes(1) => write!(f, "1 episode"),
            Self::Episodes(episodes) => write!(f, "{episodes} episodes"),
        }
    }
}

impl Value for TrainFreq {
    type Plain = Self;
    const KIND: ValueKind = ValueKind::TrainFreq;

    fn given(&self) -> Option<&Self> {
        Some(self)
    }
}

/// The two forms in a file.
#[cfg(feature = "std")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(untagged, expecting = "expected a number of steps, or of episodes, such as \"1 episode\"")]
enum Written {
    Steps(u64),
    Episodes(alloc::string::String),
}

#[cfg(feature = "std")]
impl TryFrom<Written> for TrainFreq {
    type Error = ConfigError;

    fn try_from(written: Written) -> Result<Self, ConfigError> {
        match written {
            Written::Steps(steps) => Ok(Self::Steps(steps)),
            Written::Episodes(text) => text.parse(),
        }
    }
}

#[cfg(feature = "std")]
impl From<TrainFreq> for Written {
    fn from(train_freq: TrainFreq) -> Self {
        match train_freq {
            TrainFreq::Steps(steps) => Self::Steps(steps),
            TrainFreq::Episodes(_) => Self::Episodes(format!("{train_freq:?}")),
        }
    }
}
