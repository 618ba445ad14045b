//! The rows of `metrics.csv` and `evaluations.csv`.
//!
//! No row holds a time: the same configuration gives the same files, to the byte.

use std::path::Path;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::error::TrainError;
use super::evaluate::Evaluation;
use super::hash::Hash;
use super::rows::{Cells, Row, read_records, read_rows};
use crate::agent::Column;

/// One row of `metrics.csv`. Means are over the updates since the last row; a cell is empty where there
/// was nothing to take the mean of. There is a column `rollout/success_rate` in files of environments that tell it.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricsRow {
    /// Environment steps so far: `time/total_timesteps`.
    pub timesteps: u64,
    /// Finished episodes so far: `time/episodes`.
    pub episodes: u64,
    /// Updates so far: `train/n_updates`.
    pub updates: u64,
    /// Mean return of the last `stats_window_size` training episodes: `rollout/ep_rew_mean`.
    pub ep_rew_mean: Option<f64>,
    /// Mean length of the last `stats_window_size` training episodes: `rollout/ep_len_mean`.
    pub ep_len_mean: Option<f64>,
    /// The share of the last `stats_window_size` training episodes that succeeded, of those whose success the
    /// environment told: `rollout/success_rate`.
    pub success_rate: Option<f64>,
    /// The mean of each of the algorithm's columns, in their order.
    pub means: Vec<(&'static str, Option<f64>)>,
    /// The [fingerprint](crate::agent::Algorithm::fingerprint) of everything that was learned: `train/params_hash`.
    pub params_hash: Hash,
}

impl MetricsRow {
    /// The row before anything has happened, of an algorithm with these columns.
    #[must_use]
    pub fn new(columns: &[Column]) -> Self {
        Self {
            timesteps: 0,
            episodes: 0,
            updates: 0,
            ep_rew_mean: None,
            ep_len_mean: None,
            success_rate: None,
            means: columns.iter().map(|column| (column.name, None)).collect(),
            params_hash: Hash::default(),
        }
    }

    /// The mean of the algorithm's column of this name, with or without its group: `"entropy"`.
    #[must_use]
    pub fn mean(&self, name: &str) -> Option<f64> {
        self.means.iter().find(|(column, _)| is_named(column, name)).and_then(|(_, mean)| *mean)
    }

    /// The same row with this mean in the algorithm's column of this name.
    #[cfg(test)]
    pub(crate) fn with(mut self, name: &str, mean: Option<f64>) -> Self {
        let cell = self.means.iter_mut().find(|(column, _)| is_named(column, name));
        cell.expect("the column exists").1 = mean;
        self
    }

    /// The rows of a file, of an algorithm with these columns.
    pub(super) fn read(path: &Path, columns_of: &[Column]) -> Result<Vec<Self>, TrainError> {
        let silent = Self::new(columns_of);
        let telling = Self { success_rate: Some(0.0), ..silent.clone() };
        read_records(path, &[silent, telling], Self::filled)
    }

    /// The row of this form that has these cells.
    fn filled(mut self, cells: Cells<'_>) -> Result<Self, String> {
        let mut next = || cells.next().unwrap_or_default();
        self.timesteps = parsed(next())?;
        self.episodes = parsed(next())?;
        self.updates = parsed(next())?;
        self.ep_rew_mean = mean(next())?;
        self.ep_len_mean = mean(next())?;
        if self.success_rate.is_some() {
            self.success_rate = mean(next())?;
        }
        for (_, value) in &mut self.means {
            *value = mean(next())?;
        }
        let (name, digits) = next();
        let hash = Hash::try_from(digits.to_string());
        self.params_hash = hash.map_err(|error| format!("`{name}`: {error}"))?;
        Ok(self)
    }
}

/// Whether this is the column's name, with its group or without.
fn is_named(column: &str, name: &str) -> bool {
    column == name || column.rsplit('/').next() == Some(name)
}

fn parsed<N: std::str::FromStr<Err: std::fmt::Display>>(
    (name, cell): (&str, &str),
) -> Result<N, String> {
    cell.parse().map_err(|error| format!("`{name}` is `{cell}`: {error}"))
}

/// A mean; none where the cell is empty.
fn mean(named_cell: (&str, &str)) -> Result<Option<f64>, String> {
    if named_cell.1.is_empty() { Ok(None) } else { parsed(named_cell).map(Some) }
}

/// The columns in the order of the file; without that of the success rate, where there is none.
impl Serialize for MetricsRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Taken apart, so that no column is forgotten.
        let Self { timesteps, episodes, updates, ep_rew_mean, ep_len_mean, .. } = self;
        let Self { success_rate, means, params_hash, .. } = self;
        let count = 6 + usize::from(success_rate.is_some()) + means.len();
        let mut row = serializer.serialize_struct("MetricsRow", count)?;
        row.serialize_field("time/total_timesteps", timesteps)?;
        row.serialize_field("time/episodes", episodes)?;
        row.serialize_field("train/n_updates", updates)?;
        row.serialize_field("rollout/ep_rew_mean", ep_rew_mean)?;
        row.serialize_field("rollout/ep_len_mean", ep_len_mean)?;
        if success_rate.is_some() {
            row.serialize_field("rollout/success_rate", success_rate)?;
        }
        for (column, mean) in means {
            row.serialize_field(column, mean)?;
        }
        row.serialize_field("train/params_hash", params_hash)?;
        row.end()
    }
}

impl Row for MetricsRow {
    fn timesteps(&self) -> u64 {
        self.timesteps
    }

    fn scalars(&self) -> Vec<(&'static str, f64)> {
        let Self { episodes, updates, ep_rew_mean, ep_len_mean, success_rate, means, .. } = self;
        let cells = [
            ("time/episodes", Some(*episodes as f64)),
            ("train/n_updates", Some(*updates as f64)),
            ("rollout/ep_rew_mean", *ep_rew_mean),
            ("rollout/ep_len_mean", *ep_len_mean),
            ("rollout/success_rate", *success_rate),
        ];
        let cells = cells.into_iter().chain(means.iter().copied());
        cells.filter_map(|(column, cell)| Some((column, cell?))).collect()
    }
}

/// One row of `evaluations.csv`.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct EvaluationRow {
    /// Environment steps so far.
    #[serde(rename = "time/total_timesteps")]
    pub timesteps: u64,
    /// Number of episodes.
    #[serde(rename = "eval/episodes")]
    pub episodes: usize,
    /// Mean return.
    #[serde(rename = "eval/mean_reward")]
    pub mean_reward: f64,
    /// Sample standard deviation of the return.
    #[serde(rename = "eval/std_reward")]
    pub std_reward: f64,
    /// Mean episode length.
    #[serde(rename = "eval/mean_ep_length")]
    pub mean_length: f64,
    /// The share of the episodes that succeeded. There is such a column in files of environments that tell it.
    #[serde(rename = "eval/success_rate", skip_serializing_if = "Option::is_none")]
    pub success_rate: Option<f64>,
}

impl Row for EvaluationRow {
    fn timesteps(&self) -> u64 {
        self.timesteps
    }

    fn scalars(&self) -> Vec<(&'static str, f64)> {
        let Self { timesteps: _, episodes, mean_reward, std_reward, mean_length, success_rate } =
            self;
        let cells = [
            ("eval/episodes", *episodes as f64),
            ("eval/mean_reward", *mean_reward),
            ("eval/std_reward", *std_reward),
            ("eval/mean_ep_length", *mean_length),
        ];
        cells.into_iter().chain(success_rate.map(|rate| ("eval/success_rate", rate))).collect()
    }
}

impl EvaluationRow {
    /// The row of an evaluation after this many environment steps.
    #[must_use]
    pub fn new(timesteps: u64, evaluation: &Evaluation) -> Self {
        Self {
            timesteps,
            episodes: evaluation.episodes.len(),
            mean_reward: evaluation.reward.mean,
            std_reward: evaluation.reward.std,
            mean_length: evaluation.mean_length,
            success_rate: evaluation.success_rate,
        }
    }

    /// The rows of a file.
    pub(super) fn read(path: &Path) -> Result<Vec<Self>, TrainError> {
        let silent = Self::default();
        read_rows(path, &[silent, Self { success_rate: Some(0.0), ..silent }])
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::{cells, columns};
    use super::*;
    use crate::agent::Metrics;
    use crate::sac::UpdateMetrics;

    /// Columns of the CSV files that are no scalars.
    const NO_SCALARS: [&str; 2] = ["time/total_timesteps", "train/params_hash"];

    /// Whether the scalars are the numbers in the columns that are scalars.
    fn agree(row: &impl Row) -> bool {
        let cells = columns(row).into_iter().zip(cells(row));
        let cells = cells
            .filter(|(column, cell)| !NO_SCALARS.contains(&column.as_str()) && !cell.is_empty());
        let cells = cells.map(|(column, cell)| (column, cell.parse::<f64>().unwrap()));
        cells.eq(row.scalars().into_iter().map(|(column, x)| (column.to_string(), x)))
    }

    fn full() -> MetricsRow {
        let mut row = MetricsRow {
            timesteps: 1,
            episodes: 2,
            updates: 3,
            ep_rew_mean: Some(4.5),
            ep_len_mean: Some(5.5),
            success_rate: None,
            params_hash: Hash(1),
            ..MetricsRow::new(UpdateMetrics::COLUMNS)
        };
        row.means.iter_mut().zip(6..).for_each(|(mean, i)| mean.1 = Some(f64::from(i) + 0.5));
        row
    }

    #[test]
    fn scalars_are_the_numbers_of_the_row_under_the_names_of_their_columns() {
        let mut row = full();
        assert_eq!(row.scalars().len(), 4 + UpdateMetrics::COLUMNS.len());
        assert!(agree(&row));
        row.means[1].1 = None;
        row.ep_rew_mean = None;
        assert!(agree(&row));
        assert_eq!(row.scalars().len(), 2 + UpdateMetrics::COLUMNS.len());
        assert!(agree(&MetricsRow { success_rate: Some(0.25), ..row }));
        let evaluation = EvaluationRow {
            timesteps: 1,
            episodes: 2,
            mean_reward: 3.5,
            std_reward: 4.5,
            mean_length: 5.5,
            success_rate: None,
        };
        assert!(agree(&evaluation));
        assert!(agree(&EvaluationRow { success_rate: Some(0.25), ..evaluation }));
    }

    #[test]
    fn the_columns_of_sac_are_those_of_its_first_version() {
        let header = "time/total_timesteps,time/episodes,train/n_updates,rollout/ep_rew_mean,\
            rollout/ep_len_mean,train/critic_loss,train/q_mean,train/actor_loss,train/entropy,\
            train/ent_coef,train/ent_coef_loss,train/params_hash";
        assert_eq!(columns(&full()).join(","), header);
    }

    #[test]
    fn a_mean_is_found_by_its_name_with_or_without_its_group() {
        let row = full();
        assert_eq!((row.mean("q_mean"), row.mean("train/q_mean")), (Some(7.5), Some(7.5)));
        assert_eq!(row.mean("train"), None);
    }
}
