//! The types of settings.

use alloc::format;
use alloc::string::String;
use core::fmt::Debug;

use super::error::ConfigError;
use crate::Numerics;
use crate::nn::Activation;

/// The kind of a setting's value.
#[derive(Clone, Copy, Debug)]
pub enum ValueKind {
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A name.
    Name,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Sizes of hidden layers: a list of whole numbers, or one for the policy and one for the critics.
    NetArch,
    /// A number of steps, or of episodes.
    TrainFreq,
    /// A list of names, each of which may have arguments.
    Names,
    /// A table of arguments.
    Arguments,
    /// A number, or a word.
    NumberOrWord {
        /// The words, for readers.
        words: &'static str,
        /// Refuses other text.
        check: fn(&str) -> Result<(), ConfigError>,
    },
}

/// The type of a setting.
pub trait Value: Debug {
    /// The type without `Option`.
    type Plain: Value;
    /// The kind of its values.
    const KIND: ValueKind;
    /// Whether the setting may be left out.
    const OPTIONAL: bool = false;

    /// The value, if there is one.
    fn given(&self) -> Option<&Self::Plain>;

    /// The value as `config.toml` has it, words without quotation marks.
    fn text(&self) -> String {
        format!("{self:?}")
    }

    /// The value as an error shows it.
    fn shown(&self) -> String {
        format!("{self:?}")
    }
}

/// Whether a setting is left out of `config.toml`.
#[cfg(feature = "std")]
pub(crate) fn is_absent<V: Value>(value: &V) -> bool {
    value.given().is_none()
}

/// `Value` for types that are always given.
macro_rules! plain {
    ($($type:ty: $kind:expr,)+) => {
        $(impl Value for $type {
            type Plain = Self;
            const KIND: ValueKind = $kind;

            fn given(&self) -> Option<&Self> {
                Some(self)
            }
        })+
    };
}

plain! {
    u32: ValueKind::Integer,
    u64: ValueKind::Integer,
    usize: ValueKind::Integer,
    i64: ValueKind::Integer,
    f64: ValueKind::Number,
    bool: ValueKind::Flag,
}

impl Value for String {
    type Plain = Self;
    const KIND: ValueKind = ValueKind::Name;

    fn given(&self) -> Option<&Self> {
        Some(self)
    }

    fn text(&self) -> String {
        self.clone()
    }
}

impl<T: Value<Plain = T>> Value for Option<T> {
    type Plain = T;
    const KIND: ValueKind = T::KIND;
    const OPTIONAL: bool = true;

    fn given(&self) -> Option<&T> {
        self.as_ref()
    }

    fn text(&self) -> String {
        self.as_ref().map_or_else(|| "not set".into(), T::text)
    }
}

/// `Value` for an enumeration, with the word of each variant in `config.toml`.
macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $crate::agent::settings::Value for $type {
            type Plain = Self;
            const KIND: $crate::agent::settings::ValueKind =
                $crate::agent::settings::ValueKind::Word(&[$($word),+]);

            fn given(&self) -> Option<&Self> {
                Some(self)
            }

            fn text(&self) -> $crate::alloc::string::String {
                match self {
                    $(Self::$variant => $word.into(),)+
                }
            }
        }
    };
}
#[cfg(feature = "std")]
pub(crate) use words;

words! { Activation { Relu = "relu", Tanh = "tanh", Identity = "identity" } }
words! { Numerics { Fast = "fast", Portable = "portable" } }
