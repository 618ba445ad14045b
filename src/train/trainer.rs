//! The loop around the learner: episodes counted, metrics written, the policy evaluated and kept.

use super::metrics::Gatherer;
use super::run_folder::RowWriter;
use super::{
    Config, Episode, Evaluation, EvaluationRow, MetricsRow, RunFolder, SavedPolicy, TrainError,
    evaluate,
};
use crate::Scalar;
use crate::env::{Env, Step};
use crate::learner::Learner;

/// Who watches a training; every method may be left out.
pub trait Observer {
    /// An environment step was done, with the updates after it.
    fn on_step(&mut self, _progress: &Progress) {}

    /// A row of metrics is complete.
    fn on_metrics(&mut self, _row: &MetricsRow) {}

    /// The policy was evaluated.
    fn on_evaluation(&mut self, _row: &EvaluationRow) {}

    /// Whether the training is to stop here.
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
        config.validate(env.action_space().len())?;
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
        SavedPolicy::new(self.env.name(), self.env.action_space(), policy, phi)
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
        let total = self.config.run.total_timesteps;
        let mut stopped = false;
        while self.learner.steps() < total && !stopped {
            let progress = self.step()?;
            let t = progress.timesteps;
            observer.on_step(&progress);
            if t.is_multiple_of(self.config.run.log_freq) || t == total {
                let row = self.gatherer.take_row(t);
                write(&mut metrics, &row)?;
                observer.on_metrics(&row);
            }
            if t.is_multiple_of(self.config.run.eval_freq) && t < total {
                let evaluation = self.evaluate(self.config.run.n_eval_episodes)?;
                report(t, &evaluation, &mut evaluations, observer)?;
            }
            stopped = observer.should_stop();
        }
        if let Some(folder) = folder {
            folder.save_policy(&self.policy()?)?;
        }
        let timesteps = self.learner.steps();
        if timesteps < total {
            return Ok(Outcome { timesteps, final_evaluation: None });
        }
        let evaluation = self.evaluate(self.config.run.n_final_eval_episodes)?;
        report(timesteps, &evaluation, &mut evaluations, observer)?;
        Ok(Outcome { timesteps, final_evaluation: Some(evaluation) })
    }

    /// Evaluates the policy as it is now; the same start states each time.
    ///
    /// # Errors
    /// What the environment refused.
    pub fn evaluate(&mut self, episodes: usize) -> Result<Evaluation, TrainError> {
        let mut policy = self.policy()?;
        let seed = self.config.run.eval_seed;
        let env = self.eval_env.as_mut();
        Ok(evaluate(env, episodes, seed, |observation, action| policy.act(observation, action))?)
    }

    fn step(&mut self) -> Result<Progress, TrainError> {
        let gatherer = &mut self.gatherer;
        let report = self.learner.step(self.env.as_mut(), |update| gatherer.add_update(update))?;
        let finished_episode = self.count(&report.step);
        Ok(Progress { timesteps: self.learner.steps(), finished_episode })
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
    observer: &mut dyn Observer,
) -> Result<(), TrainError> {
    let row = EvaluationRow::new(timesteps, evaluation);
    write(writer, &row)?;
    observer.on_evaluation(&row);
    Ok(())
}
