//! The means of updates and episodes, accumulated into rows of metrics.

use std::collections::VecDeque;
use std::marker::PhantomData;

use super::hash::Hash;
use super::metrics::MetricsRow;
use crate::agent::Metrics;
use crate::env::Episode;
use crate::state::{StateError, Visitor, as_count, as_flag, visit_words};

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

    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut mean = Self::default();
        values.for_each(|x| mean.add(x));
        mean
    }

    fn get(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

/// Accumulates updates and episodes into rows.
#[derive(Clone, Debug)]
pub(super) struct MetricsAccumulator<M> {
    window: usize,
    last_episodes: VecDeque<Episode>,
    /// Of the last episodes that told, as many as the window holds: those of Stable-Baselines3's `ep_success_buffer`.
    last_successes: VecDeque<bool>,
    episodes: u64,
    updates: u64,
    /// One of each column of the updates.
    means: Vec<Mean>,
    updates_of: PhantomData<fn(&M)>,
}

impl<M: Metrics> MetricsAccumulator<M> {
    pub fn new(window: usize) -> Self {
        Self {
            window,
            last_episodes: VecDeque::new(),
            last_successes: VecDeque::new(),
            episodes: 0,
            updates: 0,
            means: vec![Mean::default(); M::COLUMNS.len()],
            updates_of: PhantomData,
        }
    }

    pub fn add_update(&mut self, update: &M) {
        self.updates += 1;
        for (mean, value) in self.means.iter_mut().zip(update.values()) {
            if let Some(value) = value {
                mean.add(value);
            }
        }
    }

    pub fn add_episode(&mut self, episode: Episode) {
        self.episodes += 1;
        push_within(self.window, &mut self.last_episodes, episode);
        if let Some(success) = episode.success {
            push_within(self.window, &mut self.last_successes, success);
        }
    }

    /// The row so far, without beginning a new one.
    fn peek(&self, timesteps: u64, params_hash: Hash) -> MetricsRow {
        let episodes =
            |value: fn(&Episode) -> f64| Mean::of(self.last_episodes.iter().map(value)).get();
        let successes = self.last_successes.iter().map(|&success| f64::from(u8::from(success)));
        let means = M::COLUMNS.iter().zip(&self.means);
        MetricsRow {
            timesteps,
            episodes: self.episodes,
            updates: self.updates,
            ep_rew_mean: episodes(|episode| episode.reward),
            ep_len_mean: episodes(|episode| episode.length as f64),
            success_rate: Mean::of(successes).get(),
            means: means.map(|(column, mean)| (column.name, mean.get())).collect(),
            params_hash,
        }
    }

    /// Shows everything that determines the rows to come.
    pub fn visit<T>(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        let counters = [self.episodes, self.updates];
        let [episodes, updates] = visit_words(visitor, "metrics.counters", counters)?;
        self.episodes = as_count("metrics.counters", self.episodes, episodes)?;
        self.updates = as_count("metrics.counters", self.updates, updates)?;
        for (column, mean) in M::COLUMNS.iter().zip(&mut self.means) {
            let name = &format!("metrics.{}", column.short_name());
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
        let episode = |&[reward, length]: &[u64; 2]| {
            let reward = f64::from_bits(reward);
            Episode { reward, length, ..Episode::NONE }
        };
        self.last_episodes = pairs.iter().map(episode).collect();
        self.visit_successes(visitor)
    }

    fn visit_successes<T>(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        const NAME: &str = "metrics.last_successes";
        let mut words: Vec<_> = self.last_successes.iter().copied().map(u64::from).collect();
        visitor.words_if_any(NAME, &mut words)?;
        if words.len() > self.window {
            let reason = "there are more of them than `stats_window_size`";
            return Err(StateError::new(NAME, reason));
        }
        self.last_successes =
            words.into_iter().map(|word| as_flag(NAME, word)).collect::<Result<_, _>>()?;
        Ok(())
    }

    /// The row so far; the means of the next one begin anew.
    pub fn take_row(&mut self, timesteps: u64, params_hash: Hash) -> MetricsRow {
        let row = self.peek(timesteps, params_hash);
        self.means.fill(Mean::default());
        row
    }
}

/// Appends to a queue, of which the last `window` stay.
fn push_within<X>(window: usize, queue: &mut VecDeque<X>, x: X) {
    queue.push_back(x);
    if queue.len() > window {
        queue.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sac::{ActorMetrics, UpdateMetrics};

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
        let mut accumulator = MetricsAccumulator::<UpdateMetrics>::new(2);
        accumulator.add_update(&update(1.0, true));
        accumulator.add_update(&update(3.0, false));
        let row = accumulator.take_row(7, Hash(0));
        assert_eq!((row.timesteps, row.updates), (7, 2));
        let means = ["critic_loss", "q_mean", "ent_coef"].map(|name| row.mean(name));
        assert_eq!(means, [Some(2.0), Some(6.0), Some(1.0)]);
        let means = ["actor_loss", "entropy", "ent_coef_loss"].map(|name| row.mean(name));
        assert_eq!(means, [Some(10.0), Some(-1.0), Some(2.0)]);
        accumulator.add_update(&update(5.0, true));
        let row = accumulator.take_row(9, Hash(0));
        assert_eq!((row.updates, row.mean("critic_loss")), (3, Some(5.0)));
        assert_eq!(accumulator.take_row(10, Hash(0)).mean("critic_loss"), None);
    }

    #[test]
    fn episodes_are_averaged_over_the_window_across_rows() {
        let mut accumulator = MetricsAccumulator::<UpdateMetrics>::new(2);
        assert_eq!(accumulator.peek(0, Hash(0)).ep_rew_mean, None);
        for reward in [1.0, 2.0, 6.0] {
            accumulator.add_episode(Episode { reward, length: reward as u64, success: None });
            accumulator.take_row(0, Hash(0));
        }
        let row = accumulator.peek(0, Hash(0));
        assert_eq!((row.episodes, row.ep_rew_mean, row.ep_len_mean), (3, Some(4.0), Some(4.0)));
        assert_eq!(row.success_rate, None);
    }

    #[test]
    fn the_success_rate_is_that_of_the_last_episodes_that_told() {
        let mut accumulator = MetricsAccumulator::<UpdateMetrics>::new(2);
        let mut rate_after = |success| {
            accumulator.add_episode(Episode { success, ..Episode::NONE });
            accumulator.peek(0, Hash(0)).success_rate
        };
        assert_eq!(rate_after(None), None);
        assert_eq!(rate_after(Some(true)), Some(1.0));
        assert_eq!(rate_after(Some(false)), Some(0.5));
        assert_eq!(rate_after(None), Some(0.5));
        assert_eq!(rate_after(None), Some(0.5));
        assert_eq!(rate_after(Some(false)), Some(0.0));
    }
}
