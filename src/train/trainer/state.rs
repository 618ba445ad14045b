//! What a training is made of, to be kept, and where it goes on from.

use super::Trainer;
use crate::Scalar;
use crate::agent::Algorithm;
use crate::env::EnvError;
use crate::state::{StateError, Visitor, as_count, name_in_lane, visit_as_many};
use crate::train::Episode;
use crate::train::origin::Origin;

impl<T: Scalar, A: Algorithm<T>> Trainer<T, A> {
    /// Shows everything that determines how the training goes on. In which environments the episode under way
    /// had to be given up, because it cannot be restored.
    pub(in crate::train) fn visit(
        &mut self,
        visitor: &mut dyn Visitor<T>,
    ) -> Result<Vec<usize>, StateError> {
        self.visit_counters(visitor)?;
        self.best.visit(visitor)?;
        self.accumulator.visit(visitor)?;
        let lanes = 0..self.envs.len();
        let restored = lanes.map(|lane| self.visit_env(lane, visitor));
        let restored = restored.collect::<Result<Vec<_>, _>>()?;
        self.learner.visit(visitor)?;
        let lost = |&lane: &usize| self.learner.episode_under_way(lane) && !restored[lane];
        Ok((0..self.envs.len()).filter(lost).collect())
    }

    /// Shows what another training can begin with.
    pub(in crate::train) fn visit_learned(
        &mut self,
        visitor: &mut dyn Visitor<T>,
        with_replay: bool,
    ) -> Result<(), StateError> {
        self.learner.visit_learned(visitor, with_replay)
    }

    fn visit_counters(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        const NAME: &str = "trainer.counters";
        let mut words = vec![self.logged, self.evaluated];
        let episodes = self.episodes.iter();
        words.extend(episodes.flat_map(|episode| [episode.reward.to_bits(), episode.length]));
        visit_as_many(visitor, NAME, &mut words)?;
        (self.logged, self.evaluated) = (words[0], words[1]);
        for (episode, &[reward, length]) in self.episodes.iter_mut().zip(words[2..].as_chunks().0) {
            let length = as_count(NAME, episode.length, length)?;
            *episode = Episode { reward: f64::from_bits(reward), length, success: None };
        }
        Ok(())
    }

    /// Shows an environment's state: whether it is in it now, if it has one.
    fn visit_env(&mut self, lane: usize, visitor: &mut dyn Visitor<T>) -> Result<bool, StateError> {
        let (name, env) = (name_in_lane("env.state", lane), &mut self.envs[lane]);
        // No words where the environment cannot tell its state, and where none is needed: a reset comes next.
        let state = self.learner.episode_under_way(lane).then(|| env.state()).flatten();
        let before = state.unwrap_or_default();
        let mut state = before.clone();
        visitor.words(&name, &mut state)?;
        if state == before {
            return Ok(!state.is_empty());
        }
        match env.restore(&state) {
            Ok(()) => Ok(!state.is_empty()),
            // The state is good, but the other program does not come to it again.
            Err(EnvError::External { .. }) => Ok(false),
            Err(error) => Err(StateError::new(&name, error.to_string())),
        }
    }

    /// Where the next training comes from, and in which environments an episode is given up that cannot go on.
    pub(in crate::train) fn begin_from(&mut self, origin: Origin, lost: &[usize]) {
        self.origin = origin;
        for &lane in lost {
            self.learner.abandon_episode(lane);
            self.episodes[lane] = Episode::NONE;
        }
    }
}
