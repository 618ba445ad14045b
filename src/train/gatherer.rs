//! How rows of metrics come about.

use std::collections::VecDeque;

use super::{Episode, Hash, MetricsRow};
use crate::sac::UpdateMetrics;
use crate::state::{StateError, Visitor, as_count, visit_words};

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
    use super::*;
    use crate::sac::ActorMetrics;

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
