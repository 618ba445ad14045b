//! What a learner is made of, to be kept, compared, and searched for what went wrong.

use super::{Learner, LearnerError};
use crate::Scalar;
use crate::sac::Stage;
use crate::state::{StateError, Visitor, as_count, as_flag, visit_stream, visit_words};

impl<T: Scalar> Learner<T> {
    /// Looks in what the last update was computed from for a number that is not finite, stage by stage: for
    /// when the policy's actions are not finite any more.
    ///
    /// # Errors
    /// [`LearnerError::Diverged`] if there is one.
    pub fn diagnose(&mut self) -> Result<(), LearnerError> {
        let (update, step) = (self.sac.updates(), self.steps);
        for stage in [Stage::Targets, Stage::Critics, Stage::Actor, Stage::Temperature] {
            let found = self.sac.diagnose(stage, &self.batch, &self.noise);
            found.map_err(|error| LearnerError::in_update(error, update, step))?;
        }
        Ok(())
    }

    /// Shows what the last update was computed from: everything that was learned, minibatch and noise.
    ///
    /// # Errors
    /// What the visitor said.
    pub fn visit_update(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        self.sac.visit(visitor)?;
        self.batch.visit(visitor)?;
        self.noise.visit(visitor)
    }

    /// Shows everything that determines how the training goes on, but for the environment.
    ///
    /// # Errors
    /// What the visitor said, or if what it gave is no state of this learner, which then is not to be used any
    /// more.
    pub fn visit(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        self.sac.visit(visitor)?;
        let under_way = u64::from(self.episode_under_way);
        let counters = [self.steps, self.updates_due, under_way];
        let [steps, updates_due, under_way] = visit_words(visitor, "learner.counters", counters)?;
        self.episode_under_way = as_flag("learner.counters", under_way)?;
        self.steps = as_count("learner.counters", self.steps, steps)?;
        self.updates_due = as_count("learner.counters", self.updates_due, updates_due)?;
        visitor.numbers(
            "learner.observation",
            [1, self.observation.len()],
            &mut self.observation,
        )?;
        visit_stream(visitor, "streams.environment", &mut self.streams.environment)?;
        visit_stream(visitor, "streams.policy", &mut self.streams.policy)?;
        visit_stream(visitor, "streams.replay", &mut self.streams.replay)?;
        visit_stream(visitor, "streams.warm_up", &mut self.streams.warm_up)?;
        self.normaliser.visit(visitor)?;
        self.replay.visit(visitor)
    }
}
