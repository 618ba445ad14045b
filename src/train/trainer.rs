//! The loop around the learner: episodes counted, metrics written, the policy evaluated, checkpoints kept.

use super::best::Best;
use super::evaluate::evaluate_unless;
use super::fault;
use super::gatherer::Gatherer;
use super::output::Output;
use super::resume::Origin;
use super::{
    Config, End, Episode, Evaluation, EvaluationRow, Hash, Observer, Outcome, Progress, Quiet,
    RunFolder, SavedPolicy, TrainError,
};
use crate::Scalar;
use crate::env::{Env, EnvError, Step};
use crate::learner::{Learner, LearnerError};
use crate::state::{StateError, Visitor, as_count, visit_words};

/// A training: a learner, its environment, and another environment for evaluations.
///
/// ```
/// use softac::env;
/// use softac::train::{Config, Quiet, RunConfig, Trainer};
/// use softac::sac::SacConfig;
///
/// let config = Config {
///     run: RunConfig { total_timesteps: 150, ..RunConfig::default() },
///     sac: SacConfig { net_arch: vec![8], batch_size: 8, buffer_size: 150, ..SacConfig::default() },
/// };
/// let mut trainer = Trainer::<f32>::new(config, env::make("bandit")?, env::make("bandit")?)?;
/// let outcome = trainer.train(None, &mut Quiet)?;
/// assert_eq!(outcome.timesteps, 150);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Trainer<T: Scalar> {
    config: Config,
    env: Box<dyn Env>,
    eval_env: Box<dyn Env>,
    learner: Learner<T>,
    gatherer: Gatherer,
    episode: Episode,
    best: Best,
    /// The step of the last row of metrics.
    logged: u64,
    /// The step of the last evaluation during training.
    evaluated: u64,
    origin: Origin,
}

impl<T: Scalar> Trainer<T> {
    /// A training of this configuration, not begun. Both environments must have the same spaces.
    ///
    /// # Errors
    /// The first setting that cannot be, or an environment that cannot be learned in.
    pub fn new(
        config: Config,
        env: Box<dyn Env>,
        eval_env: Box<dyn Env>,
    ) -> Result<Self, TrainError> {
        let (s, a) = (env.observation_space().len(), env.action_space().len());
        config.validate(a)?;
        config.check_memory::<T>(s, a)?;
        Ok(Self {
            learner: Learner::new(config.sac.clone(), env.as_ref(), config.run.seed)?,
            gatherer: Gatherer::new(config.run.stats_window_size),
            episode: Episode::NONE,
            best: Best::new(),
            logged: 0,
            evaluated: 0,
            origin: Origin::Fresh,
            config,
            env,
            eval_env,
        })
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The learner.
    #[must_use]
    pub fn learner(&self) -> &Learner<T> {
        &self.learner
    }

    /// The policy as it is now.
    ///
    /// # Errors
    /// None once a trainer exists; the action space was checked.
    pub fn policy(&self) -> Result<SavedPolicy<T>, TrainError> {
        let sac = self.learner.sac();
        let (policy, phi) = (sac.policy().clone(), sac.actor().params().clone());
        let numerics = sac.config().numerics;
        let (env, standardisation) = (&self.env, self.learner.standardisation().cloned());
        SavedPolicy::new(env.name(), env.action_space(), policy, phi, standardisation, numerics)
    }

    /// Trains until an [`End`], evaluates, and leaves metrics, checkpoints and policy in the folder.
    ///
    /// Evaluations use their own environment, their own random stream and a copy of the policy: they
    /// change nothing in the training.
    ///
    /// # Errors
    /// What environment, learner or file system refused. If it was an environment
    /// ([`TrainError::is_of_an_environment`]), the run was saved as it was before the step that failed.
    pub fn train(
        &mut self,
        folder: Option<&RunFolder>,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, TrainError> {
        let origin = std::mem::replace(&mut self.origin, Origin::UnderWay);
        let (steps, tensorboard) = (self.learner.steps(), self.config.run.tensorboard);
        let mut output = Output::open(folder, origin, steps, tensorboard)?;
        let outcome = self.train_to_an_end(&mut output, observer);
        outcome.map_err(|error| match folder {
            Some(folder) => fault::keep(error, folder, &self.config, &mut self.learner),
            None => error,
        })
    }

    fn train_to_an_end(
        &mut self,
        output: &mut Output,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, TrainError> {
        let (end, failure) = match self.run(output, observer) {
            Ok(end) => (end, None),
            Err(error) if error.is_of_an_environment() => (End::Interrupted, Some(error)),
            Err(error) => return Err(error),
        };
        if end == End::Interrupted {
            output.close_events();
        }
        // Before anything that only an end does: from here a run goes on as if it had not ended.
        self.save_checkpoint(output, observer)?;
        if self.logged < self.learner.steps() {
            self.log(output, observer)?;
        }
        output.save_policy(&self.policy()?)?;
        if let Some(error) = failure {
            return Err(error);
        }
        let final_evaluation = match end {
            End::Interrupted => None,
            _ => self.evaluate_unless_stopped(self.config.run.n_final_eval_episodes, observer)?,
        };
        let timesteps = self.learner.steps();
        let Some(evaluation) = final_evaluation else {
            return Ok(Outcome { timesteps, end: End::Interrupted, final_evaluation });
        };
        report(timesteps, &evaluation, output, observer)?;
        Ok(Outcome { timesteps, end, final_evaluation: Some(evaluation) })
    }

    fn run(&mut self, output: &mut Output, observer: &mut dyn Observer) -> Result<End, TrainError> {
        loop {
            if let Some(end) = self.settle(output, observer)? {
                return Ok(end);
            }
            if self.learner.steps() >= self.config.run.total_timesteps {
                return Ok(End::Finished);
            }
            self.interact(observer)?;
            if observer.should_stop() {
                return Ok(End::Interrupted);
            }
        }
    }

    /// Does what is due after the last step and has not been done: of a training that was interrupted,
    /// any part of it may be left.
    fn settle(
        &mut self,
        output: &mut Output,
        observer: &mut dyn Observer,
    ) -> Result<Option<End>, TrainError> {
        if !self.learn(observer)? {
            return Ok(Some(End::Interrupted));
        }
        let (t, run) = (self.learner.steps(), &self.config.run);
        let is_due = |freq, done| t > done && t.is_multiple_of(freq);
        let evaluation_is_due = is_due(run.eval_freq, self.evaluated) && t < run.total_timesteps;
        let checkpoint_is_due =
            run.checkpoint_freq > 0 && is_due(run.checkpoint_freq, 0) && t < run.total_timesteps;
        if is_due(run.log_freq, self.logged) {
            self.log(output, observer)?;
            self.logged = t;
        }
        if evaluation_is_due && !self.evaluate_and_keep_the_best(output, observer)? {
            return Ok(Some(End::Interrupted));
        }
        let end = self.best.end(&self.config.run);
        if end.is_none() && checkpoint_is_due {
            self.save_checkpoint(output, observer)?;
            output.save_policy(&self.policy()?)?;
        }
        Ok(end)
    }

    /// The updates that are due, at the learning rate of the last step: whether none is left.
    fn learn(&mut self, observer: &mut dyn Observer) -> Result<bool, TrainError> {
        let run = &self.config.run;
        let done = self.learner.steps().saturating_sub(1) as f64 / run.total_timesteps as f64;
        let factor = run.learning_rate_schedule.factor(done);
        self.learner.sac_mut().set_learning_rate(factor * self.config.sac.learning_rate)?;
        while let Some(update) = self.learner.update().map_err(|error| self.diverged(error))? {
            self.gatherer.add_update(&update);
            if observer.should_stop() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn interact(&mut self, observer: &mut dyn Observer) -> Result<(), TrainError> {
        let report = self.learner.interact(self.env.as_mut());
        if !self.learner.episode_under_way() && report.is_err() {
            self.episode = Episode::NONE;
        }
        let report = report.map_err(|error| self.diverged(error))?;
        let finished_episode = self.count(&report.step);
        observer.on_step(&Progress { timesteps: self.learner.steps(), finished_episode });
        Ok(())
    }

    /// An evaluation during training: whether it was not interrupted.
    fn evaluate_and_keep_the_best(
        &mut self,
        output: &mut Output,
        observer: &mut dyn Observer,
    ) -> Result<bool, TrainError> {
        let episodes = self.config.run.n_eval_episodes;
        let Some(evaluation) = self.evaluate_unless_stopped(episodes, observer)? else {
            return Ok(false);
        };
        self.evaluated = self.learner.steps();
        report(self.evaluated, &evaluation, output, observer)?;
        if self.best.note(evaluation.reward.mean) {
            output.save_best_policy(&self.policy()?)?;
        }
        Ok(true)
    }

    /// Evaluates the policy as it is now; the same start states each time.
    ///
    /// # Errors
    /// What the environment refused.
    pub fn evaluate(&mut self, episodes: usize) -> Result<Evaluation, TrainError> {
        let evaluation = self.evaluate_unless_stopped(episodes, &mut Quiet)?;
        Ok(evaluation.expect("nobody stops it"))
    }

    fn evaluate_unless_stopped(
        &mut self,
        episodes: usize,
        observer: &mut dyn Observer,
    ) -> Result<Option<Evaluation>, TrainError> {
        let mut policy = self.policy()?;
        let (env, seed) = (self.eval_env.as_mut(), self.config.run.eval_seed);
        let act = |observation: &[f64], action: &mut [f64]| policy.act(observation, action);
        let evaluation = evaluate_unless(|| observer.should_stop(), env, episodes, seed, act);
        evaluation.map_err(|error| self.diverged(error.into()))
    }

    /// Says what made an action that is not finite; other errors speak for themselves.
    fn diverged(&mut self, error: LearnerError) -> TrainError {
        if let LearnerError::Env(EnvError::NonFiniteAction { .. }) = error
            && let Err(fault) = self.learner.diagnose()
        {
            return fault.into();
        }
        error.into()
    }

    fn log(&mut self, output: &mut Output, observer: &mut dyn Observer) -> Result<(), TrainError> {
        let hash = Hash(self.learner.sac_mut().fingerprint());
        let row = self.gatherer.take_row(self.learner.steps(), hash);
        output.write_metrics(&row)?;
        observer.on_metrics(&row);
        Ok(())
    }

    fn save_checkpoint(
        &mut self,
        output: &mut Output,
        observer: &mut dyn Observer,
    ) -> Result<(), TrainError> {
        let (timesteps, keep) = (self.learner.steps(), self.config.run.keep_checkpoints);
        output.save_checkpoint(timesteps, keep, |visitor| self.visit(visitor).map(|_| ()))?;
        observer.on_checkpoint(timesteps);
        Ok(())
    }

    /// Shows everything that determines how the training goes on. Whether the episode under way had to be
    /// given up, because the environment cannot be restored.
    pub(super) fn visit(&mut self, visitor: &mut dyn Visitor<T>) -> Result<bool, StateError> {
        let reward = self.episode.reward.to_bits();
        let counters = [self.logged, self.evaluated, reward, self.episode.length];
        let [logged, evaluated, reward, length] =
            visit_words(visitor, "trainer.counters", counters)?;
        (self.logged, self.evaluated) = (logged, evaluated);
        let length = as_count("trainer.counters", self.episode.length, length)?;
        self.episode = Episode { reward: f64::from_bits(reward), length };
        self.best.visit(visitor)?;
        self.gatherer.visit(visitor)?;
        // No words where the environment cannot tell its state, and where none is needed: a reset comes next.
        let state = self.learner.episode_under_way().then(|| self.env.state()).flatten();
        let before = state.unwrap_or_default();
        let mut state = before.clone();
        visitor.words("env.state", &mut state)?;
        let is_there = state == before || self.restore_env(&state)?;
        self.learner.visit(visitor)?;
        Ok(self.learner.episode_under_way() && (state.is_empty() || !is_there))
    }

    /// Takes the environment to this state: whether it got there.
    fn restore_env(&mut self, state: &[u64]) -> Result<bool, StateError> {
        match self.env.restore(state) {
            Ok(()) => Ok(true),
            // The state is good, but the other program does not come to it again.
            Err(EnvError::External { .. }) => Ok(false),
            Err(error) => Err(StateError::new("env.state", error.to_string())),
        }
    }

    /// Where the next training comes from. An episode that cannot go on is given up.
    pub(super) fn begin_from(&mut self, origin: Origin, episode_restarted: bool) {
        self.origin = origin;
        if episode_restarted {
            self.learner.abandon_episode();
            self.episode = Episode::NONE;
        }
    }

    /// Adds a step to the episode under way, which is returned if that ended it.
    fn count(&mut self, step: &Step) -> Option<Episode> {
        self.episode.reward += step.reward;
        self.episode.length += 1;
        if !step.done() {
            return None;
        }
        let finished = std::mem::replace(&mut self.episode, Episode::NONE);
        self.gatherer.add_episode(finished);
        Some(finished)
    }
}

fn report(
    timesteps: u64,
    evaluation: &Evaluation,
    output: &mut Output,
    observer: &mut dyn Observer,
) -> Result<(), TrainError> {
    let row = EvaluationRow::new(timesteps, evaluation);
    output.write_evaluation(&row)?;
    observer.on_evaluation(&row);
    Ok(())
}
