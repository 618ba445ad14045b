//! From a table to a structure of settings.

use serde::Deserialize;
use toml::Table;

use super::error::TrainError;

/// A structure of these settings.
pub(super) fn structure<S: for<'de> Deserialize<'de>>(settings: Table) -> Result<S, TrainError> {
    let refused = |error: toml::de::Error| {
        // `what is wrong⏎in `key`⏎`, on one line.
        TrainError::syntax("settings", error.to_string().trim_end().replace('\n', " "))
    };
    settings.try_into().map_err(refused)
}
