//! The settings that are a number or a word: temperature and target entropy.

use alloc::format;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::agent::settings::{ConfigError, Value, ValueKind};

/// The temperature α: a number, or learned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EntCoef {
    /// α stays at this value, zero or more.
    Fixed(f64),
    /// α is learned, from this value on: `"auto"` starts at 1, `"auto_0.1"` at 0.1.
    Auto {
        /// α at the start.
        initial: f64,
    },
}

impl FromStr for EntCoef {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let rule = "it must be \"auto\", \"auto_<initial value>\" or a number";
        let refused = || ConfigError { key: "ent_coef", value: format!("{text:?}"), rule };
        match text.strip_prefix("auto") {
            Some("") => Ok(Self::Auto { initial: 1.0 }),
            Some(rest) => {
                let initial = rest.strip_prefix('_').and_then(|number| number.parse().ok());
                initial.map(|initial| Self::Auto { initial }).ok_or_else(refused)
            }
            None => text.parse().map(Self::Fixed).map_err(|_| refused()),
        }
    }
}

impl fmt::Display for EntCoef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Fixed(alpha) => write!(f, "{alpha}"),
            Self::Auto { initial: 1.0 } => write!(f, "auto"),
            Self::Auto { initial } => write!(f, "auto_{initial}"),
        }
    }
}

impl EntCoef {
    /// Whether there is such a temperature: 0 or more if it is fixed, above 0 at the start if it is learned.
    pub(super) fn is_possible(self) -> bool {
        match self {
            Self::Fixed(alpha) => alpha >= 0.0 && alpha.is_finite(),
            Self::Auto { initial } => initial > 0.0 && initial.is_finite(),
        }
    }
}

impl Value for EntCoef {
    type Plain = Self;
    const KIND: ValueKind = ValueKind::NumberOrWord {
        words: "auto, auto_<initial>",
        check: |text| text.parse::<Self>().map(|_| ()),
    };

    fn given(&self) -> Option<&Self> {
        Some(self)
    }

    fn text(&self) -> String {
        format!("{self}")
    }

    /// The number alone.
    fn shown(&self) -> String {
        let (Self::Fixed(alpha) | Self::Auto { initial: alpha }) = self;
        format!("{alpha:?}")
    }
}

/// The entropy H̄ that a learned temperature steers to, in nats over the action box [−1, 1]ᴬ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TargetEntropy {
    /// −dim(A), `"auto"`.
    Auto,
    /// This number.
    Nats(f64),
}

impl FromStr for TargetEntropy {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let rule = "it must be \"auto\" or a number";
        let refused = |_| ConfigError { key: "target_entropy", value: format!("{text:?}"), rule };
        text.parse().map(Self::Nats).map_err(refused)
    }
}

impl fmt::Display for TargetEntropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => write!(f, "auto"),
            Self::Nats(nats) => write!(f, "{nats}"),
        }
    }
}

impl Value for TargetEntropy {
    type Plain = Self;
    const KIND: ValueKind =
        ValueKind::NumberOrWord { words: "auto", check: |text| text.parse::<Self>().map(|_| ()) };

    fn given(&self) -> Option<&Self> {
        Some(self)
    }

    fn text(&self) -> String {
        format!("{self}")
    }
}

impl TargetEntropy {
    // ANCHOR: resolve
    /// H̄ for this number of action dimensions.
    #[must_use]
    pub fn resolve(self, action_dim: usize) -> f64 {
        match self {
            Self::Auto => -(action_dim as f64),
            Self::Nats(nats) => nats,
        }
    }
    // ANCHOR_END: resolve
}

/// In a file, numbers and words go in one key: `ent_coef = "auto"` and `ent_coef = 0.2`.
#[cfg(feature = "std")]
mod serde_forms {
    use crate::algorithms::sac::ent_coef::{EntCoef, TargetEntropy};
    use core::fmt::Display;
    use core::str::FromStr;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
    use std::string::String;

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum NumberOrWord {
        Number(f64),
        Word(String),
    }

    fn parse<'de, D: Deserializer<'de>, V>(deserializer: D) -> Result<Result<V, f64>, D::Error>
    where
        V: FromStr<Err: Display>,
    {
        match NumberOrWord::deserialize(deserializer)? {
            NumberOrWord::Number(number) => Ok(Err(number)),
            NumberOrWord::Word(word) => word.parse().map(Ok).map_err(D::Error::custom),
        }
    }

    impl Serialize for EntCoef {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self {
                Self::Fixed(alpha) => serializer.serialize_f64(*alpha),
                Self::Auto { .. } => serializer.collect_str(self),
            }
        }
    }

    impl<'de> Deserialize<'de> for EntCoef {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Ok(parse(deserializer)?.unwrap_or_else(Self::Fixed))
        }
    }

    impl Serialize for TargetEntropy {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self {
                Self::Nats(nats) => serializer.serialize_f64(*nats),
                Self::Auto => serializer.collect_str(self),
            }
        }
    }

    impl<'de> Deserialize<'de> for TargetEntropy {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Ok(parse(deserializer)?.unwrap_or_else(Self::Nats))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn target_entropy_auto_is_minus_the_action_dimension() {
        for dim in [1, 2, 6] {
            assert_eq!(TargetEntropy::Auto.resolve(dim), -(dim as f64));
        }
    }

    #[test]
    fn temperatures_are_read_as_they_are_written() {
        for (text, expected) in [
            ("auto", EntCoef::Auto { initial: 1.0 }),
            ("auto_0.1", EntCoef::Auto { initial: 0.1 }),
            ("0.2", EntCoef::Fixed(0.2)),
        ] {
            assert_eq!(text.parse::<EntCoef>().unwrap(), expected);
            assert_eq!(format!("{expected}"), text);
        }
        for wrong in ["", "automatic", "auto_", "auto_x", "auto0.1", "warm"] {
            assert_eq!(wrong.parse::<EntCoef>().unwrap_err().key, "ent_coef", "{wrong}");
        }
    }
}
