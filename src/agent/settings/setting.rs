//! A setting as data.

use alloc::string::String;

use super::error::ConfigError;
use super::value::ValueKind;

/// Which part of the program a setting belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The run around the algorithm.
    Run,
    /// Every algorithm with a replay buffer.
    OffPolicy,
    /// Only the algorithms that declare it.
    Own,
}

/// A setting as data.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The key in `config.toml`; with dashes, the flag.
    pub name: &'static str,
    /// The effect of the setting.
    pub help: &'static str,
    /// The kind of its values.
    pub kind: ValueKind,
    /// Whether it may be left out.
    pub optional: bool,
    /// The rule for its values, in words.
    pub rule: Option<&'static str>,
    /// The default, as `config.toml` has it.
    pub default: fn() -> String,
    /// Which part of the program it belongs to.
    pub scope: Scope,
}

/// A structure of settings, made by `settings!`.
pub trait Declared: Default {
    /// All of them, in the order of `config.toml`.
    const LIST: &'static [Setting];

    /// Checks every value by its own rule.
    ///
    /// # Errors
    /// The first value that breaks its rule.
    fn check_values(&self) -> Result<(), ConfigError>;
}
