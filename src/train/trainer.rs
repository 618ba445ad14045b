//! The loop around the learner: episodes counted, metrics written, the policy evaluated and kept.

use super::evaluate::evaluate_unless;
use super::metrics::Gatherer;
use super::run_folder::RowWriter;
use super::{
    Config, Episode, Evaluation, EvaluationRow, EventWriter, MetricsRow, RunFolder, SavedPolicy,
    TrainError,
};
use crate::Scalar;
use crate::env::{Env, EnvError, Step};
use crate::learner::{Learner, LearnerError};

/// Who watches a training; every method may be left out.
pub trait Observer {
    /// An environment step was done, with the updates after it.
    fn on_step(&mut self, _progress: &Progress) {}

    /// A row of metrics is complete.
    fn on_metrics(&mut self, _row: &MetricsRow) {}

    /// The policy was evaluated.
    fn on_evaluation(&mut self, _row: &EvaluationRow) {}

    /// Whether the training is to stop here; asked after every step, and every episode of an evaluation.
    fn should_stop(&mut self) -> bool {
        false
    }
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Observer for Quiet {}

/// How far a training is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Environment steps so far.
    pub timesteps: u64,
    /// Return of the episode that ended with this step, if one did.
    pub finished_episode: Option<Episode>,
}

/// What a training came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Environment steps done.
    pub timesteps: u64,
    /// The final evaluation; there is none if the training was stopped.
    pub final_evaluation: Option<Evaluation>,
}

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
        let learner = Learner::new(config.sac.clone(), env.as_ref(), config.run.seed)?;
        let gatherer = Gatherer::new(config.run.stats_window_size);
        let episode = Episode { reward: 0.0, length: 0 };
        Ok(Self { config, env, eval_env, learner, gatherer, episode })
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
        SavedPolicy::new(self.env.name(), self.env.action_space(), policy, phi, numerics)
    }

    /// Trains for `total_timesteps`, evaluates, and leaves metrics and policy in the folder.
    ///
    /// Evaluations use their own environment, their own random stream and a copy of the policy: they
    /// change nothing in the training.
    ///
    /// # Errors
    /// What environment, learner or file system refused.
    pub fn train(
        &mut self,
        folder: Option<&RunFolder>,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, TrainError> {
        let mut metrics = folder.map(RunFolder::metrics_writer).transpose()?;
        let mut evaluations = folder.map(RunFolder::evaluations_writer).transpose()?;
        let events = folder.filter(|_| self.config.run.tensorboard);
        let mut events = events.map(|run| EventWriter::create(run.path(), 0)).transpose()?;
        let total = self.config.run.total_timesteps;
        let (mut logged, mut stopped) = (self.learner.steps(), false);
        while self.learner.steps() < total && !stopped {
            let progress = self.step()?;
            let t = progress.timesteps;
            observer.on_step(&progress);
            stopped = observer.should_stop();
            if t.is_multiple_of(self.config.run.log_freq) {
                self.log(&mut metrics, &mut events, observer)?;
                logged = t;
            }
            if t.is_multiple_of(self.config.run.eval_freq) && t < total && !stopped {
                match self.evaluate_unless_stopped(self.config.run.n_eval_episodes, observer)? {
                    Some(evaluation) => {
                        report(t, &evaluation, &mut evaluations, &mut events, observer)?;
                    }
                    None => stopped = true,
                }
            }
        }
        let timesteps = self.learner.steps();
        if logged < timesteps {
            self.log(&mut metrics, &mut events, observer)?;
        }
        if let Some(folder) = folder {
            folder.save_policy(&self.policy()?)?;
        }
        let final_evaluation = match stopped {
            true => None,
            false => {
                self.evaluate_unless_stopped(self.config.run.n_final_eval_episodes, observer)?
            }
        };
        if let Some(evaluation) = &final_evaluation {
            report(timesteps, evaluation, &mut evaluations, &mut events, observer)?;
        }
        Ok(Outcome { timesteps, final_evaluation })
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

    fn step(&mut self) -> Result<Progress, TrainError> {
        let gatherer = &mut self.gatherer;
        let report = self.learner.step(self.env.as_mut(), |update| gatherer.add_update(update));
        let report = report.map_err(|error| self.diverged(error))?;
        let finished_episode = self.count(&report.step);
        Ok(Progress { timesteps: self.learner.steps(), finished_episode })
    }

    /// What it means that an action was not finite; other errors speak for themselves.
    fn diverged(&self, error: LearnerError) -> TrainError {
        match error {
            LearnerError::Env(EnvError::NonFiniteAction { .. }) => {
                TrainError::Diverged { timesteps: self.learner.steps() }
            }
            other => other.into(),
        }
    }

    fn log(
        &mut self,
        metrics: &mut Option<RowWriter>,
        events: &mut Option<EventWriter>,
        observer: &mut dyn Observer,
    ) -> Result<(), TrainError> {
        let row = self.gatherer.take_row(self.learner.steps());
        write(metrics, &row)?;
        events.as_mut().map_or(Ok(()), |events| events.write(row.timesteps, row.scalars()))?;
        observer.on_metrics(&row);
        Ok(())
    }

    /// Adds a step to the episode under way, which is returned if that ended it.
    fn count(&mut self, step: &Step) -> Option<Episode> {
        self.episode.reward += step.reward;
        self.episode.length += 1;
        if !step.done() {
            return None;
        }
        let finished = std::mem::replace(&mut self.episode, Episode { reward: 0.0, length: 0 });
        self.gatherer.add_episode(finished);
        Some(finished)
    }
}

fn write(writer: &mut Option<RowWriter>, row: &impl serde::Serialize) -> Result<(), TrainError> {
    writer.as_mut().map_or(Ok(()), |writer| writer.write(row))
}

fn report(
    timesteps: u64,
    evaluation: &Evaluation,
    writer: &mut Option<RowWriter>,
    events: &mut Option<EventWriter>,
    observer: &mut dyn Observer,
) -> Result<(), TrainError> {
    let row = EvaluationRow::new(timesteps, evaluation);
    write(writer, &row)?;
    events.as_mut().map_or(Ok(()), |events| events.write(row.timesteps, row.scalars()))?;
    observer.on_evaluation(&row);
    Ok(())
}
