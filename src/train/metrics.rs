//! The rows of `metrics.csv` and `evaluations.csv`, and how they come about.
//!
//! No row holds a time: the same configuration gives the same files, to the byte.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{Episode, Evaluation, Hash};
use crate::sac::UpdateMetrics;
use crate::state::{StateError, Visitor, as_count, visit_words};

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

/// A mean in the making.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    count: u64,
}

impl Mean {
    fn add(&mut self, x: f64) {
        self.sum += x;
        self.count += 1;
    }

    fn get(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

/// Gathers updates and episodes into rows.
#[derive(Clone, Debug)]
pub(super) struct Gatherer {
    window: usize,
    last_episodes: VecDeque<Episode>,
    episodes: u64,
    updates: u64,
    critic_loss: Mean,
    q_mean: Mean,
    actor_loss: Mean,
    entropy: Mean,
    ent_coef: Mean,
    ent_coef_loss: Mean,
}

impl Gatherer {
    pub fn new(window: usize) -> Self {
        let mean = Mean::default();
        Self {
            window,
            last_episodes: VecDeque::new(),
            episodes: 0,
            updates: 0,
            critic_loss: mean,
            q_mean: mean,
            actor_loss: mean,
            entropy: mean,
            ent_coef: mean,
            ent_coef_loss: mean,
        }
    }

    pub fn add_update(&mut self, update: &UpdateMetrics) {
        self.updates += 1;
        self.critic_loss.add(update.critic_loss);
        self.q_mean.add(update.q_mean);
        self.ent_coef.add(update.ent_coef);
        if let Some(actor) = update.actor {
            self.actor_loss.add(actor.actor_loss);
            self.entropy.add(actor.entropy);
            if let Some(loss) = actor.ent_coef_loss {
                self.ent_coef_loss.add(loss);
            }
        }
    }

    pub fn add_episode(&mut self, episode: Episode) {
        self.episodes += 1;
        self.last_episodes.push_back(episode);
        if self.last_episodes.len() > self.window {
            self.last_episodes.pop_front();
        }
    }

    /// The row so far, without beginning a new one.
    fn peek(&self, timesteps: u64, params_hash: Hash) -> MetricsRow {
        let episodes = |value: fn(&Episode) -> f64| {
            let mut mean = Mean::default();
            self.last_episodes.iter().for_each(|episode| mean.add(value(episode)));
            mean.get()
        };
        MetricsRow {
            timesteps,
            episodes: self.episodes,
            updates: self.updates,
            ep_rew_mean: episodes(|episode| episode.reward),
            ep_len_mean: episodes(|episode| episode.length as f64),
            critic_loss: self.critic_loss.get(),
            q_mean: self.q_mean.get(),
            actor_loss: self.actor_loss.get(),
            entropy: self.entropy.get(),
            ent_coef: self.ent_coef.get(),
            ent_coef_loss: self.ent_coef_loss.get(),
            params_hash,
        }
    }

    /// Shows everything that determines the rows to come.
    pub fn visit<T>(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        let counters = [self.episodes, self.updates];
        let [episodes, updates] = visit_words(visitor, "metrics.counters", counters)?;
        self.episodes = as_count("metrics.counters", self.episodes, episodes)?;
        self.updates = as_count("metrics.counters", self.updates, updates)?;
        for (name, mean) in [
            ("metrics.critic_loss", &mut self.critic_loss),
            ("metrics.q_mean", &mut self.q_mean),
            ("metrics.actor_loss", &mut self.actor_loss),
            ("metrics.entropy", &mut self.entropy),
            ("metrics.ent_coef", &mut self.ent_coef),
            ("metrics.ent_coef_loss", &mut self.ent_coef_loss),
        ] {
            let [sum, count] = visit_words(visitor, name, [mean.sum.to_bits(), mean.count])?;
            let count = as_count(name, mean.count, count)?;
            *mean = Mean { sum: f64::from_bits(sum), count };
        }
        let window = self.last_episodes.iter();
        let mut words = window.flat_map(|e| [e.reward.to_bits(), e.length]).collect::<Vec<_>>();
        visitor.words("metrics.last_episodes", &mut words)?;
        let refused = |reason: &str| StateError::new("metrics.last_episodes", reason);
        let (pairs, []) = words.as_chunks() else {
            return Err(refused("an episode has two words"));
        };
        if pairs.len() > self.window {
            return Err(refused("there are more of them than `stats_window_size`"));
        }
        let episode = |&[reward, length]: &[u64; 2]| (f64::from_bits(reward), length);
        let episodes = pairs.iter().map(episode);
        self.last_episodes = episodes.map(|(reward, length)| Episode { reward, length }).collect();
        Ok(())
    }

    /// The row so far; the means of the next one begin anew.
    pub fn take_row(&mut self, timesteps: u64, params_hash: Hash) -> MetricsRow {
        let row = self.peek(timesteps, params_hash);
        let fresh = Self::new(self.window);
        *self = Self {
            last_episodes: core::mem::take(&mut self.last_episodes),
            episodes: self.episodes,
            updates: self.updates,
            ..fresh
        };
        row
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::columns;
    use super::*;
    use crate::sac::ActorMetrics;

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

    fn update(x: f64, actor: bool) -> UpdateMetrics {
        let metrics =
            ActorMetrics { actor_loss: 10.0 * x, entropy: -x, ent_coef_loss: Some(2.0 * x) };
        UpdateMetrics {
            critic_loss: x,
            q_mean: 3.0 * x,
            ent_coef: 0.5 * x,
            actor: actor.then_some(metrics),
        }
    }

    #[test]
    fn a_row_holds_the_means_since_the_last_row() {
        let mut gatherer = Gatherer::new(2);
        gatherer.add_update(&update(1.0, true));
        gatherer.add_update(&update(3.0, false));
        let row = gatherer.take_row(7, Hash(0));
        assert_eq!((row.timesteps, row.updates), (7, 2));
        assert_eq!((row.critic_loss, row.q_mean, row.ent_coef), (Some(2.0), Some(6.0), Some(1.0)));
        assert_eq!((row.actor_loss, row.entropy), (Some(10.0), Some(-1.0)));
        assert_eq!(row.ent_coef_loss, Some(2.0));
        gatherer.add_update(&update(5.0, true));
        let row = gatherer.take_row(9, Hash(0));
        assert_eq!((row.updates, row.critic_loss), (3, Some(5.0)));
        assert_eq!(gatherer.take_row(10, Hash(0)).critic_loss, None);
    }

    #[test]
    fn episodes_are_averaged_over_the_window_across_rows() {
        let mut gatherer = Gatherer::new(2);
        assert_eq!(gatherer.peek(0, Hash(0)).ep_rew_mean, None);
        for reward in [1.0, 2.0, 6.0] {
            gatherer.add_episode(Episode { reward, length: reward as u64 });
            gatherer.take_row(0, Hash(0));
        }
        let row = gatherer.peek(0, Hash(0));
        assert_eq!((row.episodes, row.ep_rew_mean, row.ep_len_mean), (3, Some(4.0), Some(4.0)));
    }
}
