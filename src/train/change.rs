//! What two configurations differ in.

use toml::{Table, Value};

use super::config::Config;

/// A setting that two configurations have different values of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub key: String,
    /// Its value in the first one.
    pub then: String,
    /// Its value in the other one.
    pub now: String,
}

impl Config {
    /// The first setting whose value is another one in `now`, apart from those of the names in `except`.
    #[must_use]
    pub fn first_change(&self, now: &Self, except: &[&str]) -> Option<Change> {
        self.first_change_where(now, |key| !except.contains(&key))
    }

    /// The same among the settings whose names `counts`.
    pub(super) fn first_change_where(
        &self,
        now: &Self,
        counts: impl Fn(&str) -> bool,
    ) -> Option<Change> {
        let (then, now) = (self.to_table(), now.to_table());
        let differs =
            |key: &&String| counts(key) && then.get(key.as_str()) != now.get(key.as_str());
        let key = then.keys().chain(now.keys()).find(differs)?;
        Some(Change { key: key.clone(), then: value(&then, key), now: value(&now, key) })
    }
}

/// The value of a setting as it is read, words without quotation marks.
pub(crate) fn value(settings: &Table, key: &str) -> String {
    match settings.get(key) {
        None => "not set".into(),
        Some(Value::String(word)) => word.clone(),
        Some(value) => value.to_string(),
    }
}
