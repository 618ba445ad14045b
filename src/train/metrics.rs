//! The rows of `metrics.csv` and `evaluations.csv`.
//!
//! No row holds a time: the same configuration gives the same files, to the byte.

use serde::{Deserialize, Serialize};

use super::{Evaluation, Hash};

/// One row of `metrics.csv`. Means are over the updates since the last row; a cell is empty where there
/// was nothing to take the mean of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricsRow {
    /// Environment steps so far.
    #[serde(rename = "time/total_timesteps")]
    pub timesteps: u64,
    /// Finished episodes so far.
    #[serde(rename = "time/episodes")]
    pub episodes: u64,
    /// Updates so far.
    #[serde(rename = "train/n_updates")]
    pub updates: u64,
    /// Mean return of the last `stats_window_size` training episodes.
    #[serde(rename = "rollout/ep_rew_mean")]
    pub ep_rew_mean: Option<f64>,
    /// Mean length of the last `stats_window_size` training episodes.
    #[serde(rename = "rollout/ep_len_mean")]
    pub ep_len_mean: Option<f64>,
    /// Sum of the critics' losses.
    #[serde(rename = "train/critic_loss")]
    pub critic_loss: Option<f64>,
    /// Mean of the first critic's values over the batch.
    #[serde(rename = "train/q_mean")]
    pub q_mean: Option<f64>,
    /// The policy's loss.
    #[serde(rename = "train/actor_loss")]
    pub actor_loss: Option<f64>,
    /// Entropy of the policy on the batch, in nats over [−1, 1]ᴬ.
    #[serde(rename = "train/entropy")]
    pub entropy: Option<f64>,
    /// The temperature α, as the losses used it.
    #[serde(rename = "train/ent_coef")]
    pub ent_coef: Option<f64>,
    /// The temperature's loss, if it is learned.
    #[serde(rename = "train/ent_coef_loss")]
    pub ent_coef_loss: Option<f64>,
    /// The [fingerprint](crate::sac::Sac::fingerprint) of all networks, targets, optimisers and the
    /// temperature.
    #[serde(rename = "train/params_hash")]
    pub params_hash: Hash,
}

/// One row of `evaluations.csv`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
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
}

impl MetricsRow {
    /// The numbers of this row for TensorBoard, by the names of their columns: all but the step and
    /// the hash, and but for empty cells.
    pub fn scalars(&self) -> impl Iterator<Item = (&'static str, f64)> {
        // Taken apart, so that no column is forgotten.
        let Self {
            timesteps: _,
            episodes,
            updates,
            ep_rew_mean,
            ep_len_mean,
            critic_loss,
            q_mean,
            actor_loss,
            entropy,
            ent_coef,
            ent_coef_loss,
            params_hash: _,
        } = self;
        let cells = [
            ("time/episodes", Some(*episodes as f64)),
            ("train/n_updates", Some(*updates as f64)),
            ("rollout/ep_rew_mean", *ep_rew_mean),
            ("rollout/ep_len_mean", *ep_len_mean),
            ("train/critic_loss", *critic_loss),
            ("train/q_mean", *q_mean),
            ("train/actor_loss", *actor_loss),
            ("train/entropy", *entropy),
            ("train/ent_coef", *ent_coef),
            ("train/ent_coef_loss", *ent_coef_loss),
        ];
        cells.into_iter().filter_map(|(column, cell)| Some((column, cell?)))
    }
}

impl EvaluationRow {
    /// The numbers of this row for TensorBoard, by the names of their columns: all but the step.
    pub fn scalars(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let Self { timesteps: _, episodes, mean_reward, std_reward, mean_length } = self;
        let cells = [
            ("eval/episodes", *episodes as f64),
            ("eval/mean_reward", *mean_reward),
            ("eval/std_reward", *std_reward),
            ("eval/mean_ep_length", *mean_length),
        ];
        cells.into_iter()
    }

    /// The row of an evaluation after this many environment steps.
    #[must_use]
    pub fn new(timesteps: u64, evaluation: &Evaluation) -> Self {
        Self {
            timesteps,
            episodes: evaluation.episodes.len(),
            mean_reward: evaluation.reward.mean,
            std_reward: evaluation.reward.std,
            mean_length: evaluation.mean_length,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::columns;
    use super::*;

    /// Columns of the CSV files that are no scalars.
    const NO_SCALARS: [&str; 2] = ["time/total_timesteps", "train/params_hash"];

    /// Each column of the CSV file that is a scalar, with its cell.
    fn cells<R: Serialize + Default>(row: &R) -> Vec<(String, String)> {
        let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(vec![]);
        writer.serialize(row).unwrap();
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let cells = text.trim_end().split(',').map(String::from);
        let is_scalar = |(column, _): &(String, String)| !NO_SCALARS.contains(&column.as_str());
        columns::<R>().into_iter().zip(cells).filter(is_scalar).collect()
    }

    fn is_written(
        cells: Vec<(String, String)>,
        scalars: impl Iterator<Item = (&'static str, f64)>,
    ) -> bool {
        let cells = cells.into_iter().filter(|(_, cell)| !cell.is_empty());
        let cells = cells.map(|(column, cell)| (column, cell.parse().unwrap()));
        cells.eq(scalars.map(|(column, value)| (column.to_string(), value)))
    }

    #[test]
    fn scalars_are_the_numbers_of_the_row_under_the_names_of_their_columns() {
        let full = MetricsRow {
            params_hash: Hash(1),
            timesteps: 1,
            episodes: 2,
            updates: 3,
            ep_rew_mean: Some(4.5),
            ep_len_mean: Some(5.5),
            critic_loss: Some(6.5),
            q_mean: Some(7.5),
            actor_loss: Some(8.5),
            entropy: Some(9.5),
            ent_coef: Some(10.5),
            ent_coef_loss: Some(11.5),
        };
        let evaluation = EvaluationRow {
            timesteps: 1,
            episodes: 2,
            mean_reward: 3.5,
            std_reward: 4.5,
            mean_length: 5.5,
        };
        assert_eq!(full.scalars().count(), cells(&full).len());
        assert!(is_written(cells(&full), full.scalars()));
        let partial = MetricsRow { q_mean: None, actor_loss: None, ..full };
        assert!(is_written(cells(&partial), partial.scalars()));
        assert_eq!(partial.scalars().count(), cells(&full).len() - 2);
        assert!(is_written(cells(&evaluation), evaluation.scalars()));
    }
}
