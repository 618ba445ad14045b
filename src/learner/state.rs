//! What a learner is made of, to be kept, compared, and searched for what went wrong.

use alloc::vec;

use super::Learner;
use super::error::LearnerError;
use super::lane::Phase;
use crate::Scalar;
use crate::agent::{Algorithm, UpdateNoise};
use crate::env::Step;
use crate::state::{
    StateError, Visitor, as_count, as_flag, name_in_lane, visit_as_many, visit_stream,
};

impl<T: Scalar, A: Algorithm<T>> Learner<T, A> {
    /// Looks in what the last update was computed from for a number that is not finite, stage by stage: for
    /// when the policy's actions are not finite any more.
    ///
    /// # Errors
    /// [`LearnerError::Diverged`] if there is one.
    pub fn diagnose(&mut self) -> Result<(), LearnerError> {
        let (update, step) = (self.algorithm.updates(), self.steps);
        for &stage in A::STAGES {
            let found = self.algorithm.diagnose(stage, &self.batch, &self.noise);
            found.map_err(|error| LearnerError::in_update(error, update, step))?;
        }
        Ok(())
    }

    /// Shows what the last update was computed from: everything that was learned, minibatch and noise.
    ///
    /// # Errors
    /// What the visitor said.
    pub fn visit_update(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        self.algorithm.visit(visitor)?;
        self.batch.visit(visitor)?;
        self.noise.visit(visitor)
    }

    /// Shows what another training can begin with: everything that the algorithm learned, the statistics of observations
    /// and rewards, and the replay buffer if asked for.
    ///
    /// # Errors
    /// What the visitor said.
    pub fn visit_learned(
        &mut self,
        visitor: &mut dyn Visitor<T>,
        with_replay: bool,
    ) -> Result<(), StateError> {
        self.algorithm.visit(visitor)?;
        self.normaliser.visit(visitor)?;
        if with_replay { self.replay.visit(visitor) } else { Ok(()) }
    }

    /// Shows everything that determines how the training goes on, but for the environment.
    ///
    /// # Errors
    /// What the visitor said, or if what it gave is no state of this learner, which then is not to be used any
    /// more.
    pub fn visit(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        self.visit_without_replay(visitor)?;
        self.replay.visit(visitor)
    }

    /// Shows the same without the replay buffer, which whoever reads it fills anew.
    ///
    /// # Errors
    /// As [`visit`](Learner::visit).
    pub fn visit_without_replay(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        self.algorithm.visit(visitor)?;
        self.visit_counters(visitor)?;
        self.rounds.visit(&self.settings, visitor)?;
        visit_rows(visitor, "learner.observation", self.lanes.len(), &mut self.observations)?;
        if self.lanes.len() > 1 {
            self.visit_waiting(visitor)?;
        }
        for (i, lane) in self.lanes.iter_mut().enumerate() {
            visit_stream(visitor, &name_in_lane("streams.environment", i), &mut lane.starts)?;
        }
        visit_stream(visitor, "streams.policy", &mut self.streams.policy)?;
        visit_stream(visitor, "streams.replay", &mut self.streams.replay)?;
        visit_stream(visitor, "streams.warm_up", &mut self.streams.warm_up)?;
        self.normaliser.visit(visitor)
    }

    /// Shows the replay buffer alone.
    ///
    /// # Errors
    /// As [`visit`](Learner::visit).
    pub fn visit_replay(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        self.replay.visit(visitor)
    }

    /// Steps, updates, and whether there is an episode under way in each environment.
    fn visit_counters(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        const NAME: &str = "learner.counters";
        let mut words = vec![self.steps, self.updates_due];
        words.extend(self.lanes.iter().map(|lane| u64::from(lane.episode_under_way())));
        visit_as_many(visitor, NAME, &mut words)?;
        for (lane, &word) in self.lanes.iter_mut().zip(&words[2..]) {
            let under_way = as_flag(NAME, word)?;
            if under_way != lane.episode_under_way() {
                lane.phase = if under_way { Phase::UnderWay } else { Phase::Over };
            }
        }
        self.steps = as_count(NAME, self.steps, words[0])?;
        self.updates_due = as_count(NAME, self.updates_due, words[1])?;
        Ok(())
    }

    /// What environments said that wait for another one, after that has failed.
    fn visit_waiting(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        const NAME: &str = "learner.waiting";
        let words = self.lanes.iter().flat_map(|lane| {
            let Step { reward, terminated, truncated } = lane.step;
            let phase = match lane.phase {
                Phase::Over | Phase::UnderWay => 0,
                Phase::Begun => 1,
                Phase::Stepped => 2 + success_word(lane.success),
            };
            [phase, reward.to_bits(), u64::from(terminated), u64::from(truncated)]
        });
        let mut words = words.collect();
        visit_as_many(visitor, NAME, &mut words)?;
        for (lane, &[phase, reward, terminated, truncated]) in
            self.lanes.iter_mut().zip(words.as_chunks().0)
        {
            let under_way = lane.episode_under_way();
            let reward = f64::from_bits(reward);
            let (terminated, truncated) = (as_flag(NAME, terminated)?, as_flag(NAME, truncated)?);
            lane.step = Step { reward, terminated, truncated };
            let done = lane.step.done();
            lane.success = match phase {
                3 => Some(false),
                4 => Some(true),
                _ => None,
            };
            lane.phase = match phase {
                0 if under_way => Phase::UnderWay,
                0 => Phase::Over,
                1 if under_way => Phase::Begun,
                2..=4 if under_way != done && (done || phase == 2) && reward.is_finite() => {
                    Phase::Stepped
                }
                _ => {
                    let reason = "an environment waits for what cannot be";
                    return Err(StateError::new(NAME, reason));
                }
            };
        }
        let n = self.lanes.len();
        visit_rows(visitor, "learner.action", n, &mut self.actions)?;
        visit_rows(visitor, "learner.next_observation", n, &mut self.next_observations)
    }
}

/// What a step that waits adds to its word: 1 if it ended an episode that failed, 2 if one that succeeded.
fn success_word(success: Option<bool>) -> u64 {
    success.map_or(0, |success| 1 + u64::from(success))
}

/// Shows a matrix of so many rows.
fn visit_rows<T>(
    visitor: &mut dyn Visitor<T>,
    name: &str,
    rows: usize,
    values: &mut [T],
) -> Result<(), StateError> {
    visitor.numbers(name, [rows, values.len() / rows], values)
}
