//! A setting whose value is not allowed.

use alloc::format;
use alloc::string::String;
use core::fmt;

/// A setting whose value is not allowed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("`{key}` is {value}; {rule}")]
pub struct ConfigError {
    /// The name of the setting.
    pub key: &'static str,
    /// Its value.
    pub value: String,
    /// The rule that the value breaks.
    pub rule: &'static str,
}

/// `Ok` if the rule is kept.
pub(crate) fn require(
    kept: bool,
    key: &'static str,
    value: impl fmt::Debug,
    rule: &'static str,
) -> Result<(), ConfigError> {
    if kept { Ok(()) } else { Err(ConfigError { key, value: format!("{value:?}"), rule }) }
}
