//! Rules for the values of settings.

use super::error::ConfigError;
use super::net_arch::NetArch;
use super::value::Value;

/// A rule for a setting's value.
#[derive(Clone, Copy, Debug)]
pub struct Rule<T> {
    /// Whether a value keeps the rule.
    pub kept: fn(&T) -> bool,
    /// The rule in words, as the end of an error: "it must be above 0".
    pub text: &'static str,
}

/// A finite number above 0.
pub const ABOVE_ZERO: Rule<f64> =
    Rule { kept: |x| *x > 0.0 && x.is_finite(), text: "it must be above 0" };

/// A finite number, 0 or more.
pub const NOT_NEGATIVE: Rule<f64> =
    Rule { kept: |x| *x >= 0.0 && x.is_finite(), text: "it must be 0 or more" };

/// A number from 0 to 1.
pub const FROM_0_TO_1: Rule<f64> =
    Rule { kept: |x| (0.0..=1.0).contains(x), text: "it must be within [0, 1]" };

/// A finite number.
pub const FINITE: Rule<f64> = Rule { kept: |x| x.is_finite(), text: "it must be a finite number" };

/// A number that TOML can hold.
pub const BELOW_2_TO_63: Rule<u64> =
    Rule { kept: |x| i64::try_from(*x).is_ok(), text: "it must be below 2^63" };

/// Layers of at least one unit, of which there may be none.
pub const NO_EMPTY_LAYER: Rule<NetArch> = Rule {
    kept: |NetArch { pi, qf }| !pi.contains(&0) && !qf.contains(&0),
    text: "every layer needs at least one unit",
};

/// A count of at least 1.
#[must_use]
pub const fn at_least_1<T: PartialOrd + From<u8>>() -> Rule<T> {
    Rule { kept: |count| *count >= T::from(1), text: "it must be at least 1" }
}

/// A count from 1 to 1000.
#[must_use]
pub const fn from_1_to_1000<T: PartialOrd + From<u16>>() -> Rule<T> {
    let kept = |count: &T| (T::from(1)..=T::from(1000)).contains(count);
    Rule { kept, text: "it must be from 1 to 1000" }
}

/// Checks a value, if there is one.
pub(crate) fn check<V: Value>(
    key: &'static str,
    value: &V,
    rule: Rule<V::Plain>,
) -> Result<(), ConfigError> {
    match value.given() {
        Some(plain) if !(rule.kept)(plain) => {
            Err(ConfigError { key, value: plain.shown(), rule: rule.text })
        }
        _ => Ok(()),
    }
}
