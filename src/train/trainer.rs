//! The loop around the learner: episodes counted, metrics written, the policy evaluated, checkpoints kept.

mod state;

use super::accumulator::MetricsAccumulator;
use super::best::Best;
use super::config::Config;
use super::error::TrainError;
use super::evaluate::{Evaluation, EvaluationStep, evaluate_unless};
use super::fault_record;
use super::hash::Hash;
use super::metrics::EvaluationRow;
use super::observer::{End, Observer, Outcome, Progress, Quiet};
use super::offset::OffsetWatch;
use super::origin::Origin;
use super::output::Output;
use super::policy_file::SavedPolicy;
use super::run_config::EvalEnv;
use super::run_folder::RunFolder;
use crate::Scalar;
use crate::agent::Settings;
use crate::agent::settings::require;
use crate::agent::{Algorithm, Metrics};
use crate::algorithms::sac::Sac;
use crate::env::{Env, EnvError, Episode};
use crate::learner::{Learner, LearnerError};

/// A training: a learner, the environments that it acts in, and another one for evaluations.
///
/// ```
/// use softac::env;
/// use softac::train::{Config, Quiet, RunConfig, Trainer};
/// use softac::sac::{Sac, SacConfig};
///
/// let config = Config {
///     run: RunConfig { total_timesteps: 150, ..RunConfig::default() },
///     algo: SacConfig { net_arch: vec![8].into(), batch_size: 8, buffer_size: 150, ..SacConfig::default() }.into(),
/// };
/// let mut trainer = Trainer::<f32, Sac<f32>>::new(config, env::make("bandit")?, env::make("bandit")?)?;
/// let outcome = trainer.train(None, &mut Quiet)?;
/// assert_eq!(outcome.timesteps, 150);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Trainer<T: Scalar, A: Algorithm<T> = Sac<T>> {
    config: Config,
    envs: Vec<Box<dyn Env>>,
    eval_env: Box<dyn Env>,
    learner: Learner<T, A>,
    accumulator: MetricsAccumulator<A::Metrics>,
    /// The episode under way in each environment.
    episodes: Vec<Episode>,
    best: Best,
    /// The step of the last row of metrics.
    logged: u64,
    /// The step of the last evaluation during training.
    evaluated: u64,
    origin: Origin,
    offset: OffsetWatch,
}

impl<T: Scalar, A: Algorithm<T>> Trainer<T, A> {
    /// A training of this configuration in one environment, not begun. Both environments must have the same spaces.
    ///
    /// # Errors
    /// As [`in_lockstep`](Trainer::in_lockstep).
    pub fn new(
        config: Config,
        env: Box<dyn Env>,
        eval_env: Box<dyn Env>,
    ) -> Result<Self, TrainError> {
        Self::in_lockstep(config, vec![env], eval_env)
    }

    /// A training of this configuration in as many environments as it says, not begun. All of them must have the
    /// same spaces.
    ///
    /// # Errors
    /// The first setting that cannot be, or an environment that cannot be learned in.
    pub fn in_lockstep(
        config: Config,
        envs: Vec<Box<dyn Env>>,
        eval_env: Box<dyn Env>,
    ) -> Result<Self, TrainError> {
        let (run, count) = (&config.run, envs.len());
        run.check_num_envs()?;
        let rule = "as many environments must be given";
        require(count == run.num_envs as usize, "num_envs", run.num_envs, rule)?;
        let env = envs[0].as_ref();
        let (s, a) = (env.observation_space().len(), env.action_space().len());
        config.validate(a)?;
        config.check_memory::<T>(s, a)?;
        let settings = config.settings::<A::Settings>()?.clone();
        Ok(Self {
            learner: Learner::in_lockstep(run.num_envs, settings, env, run.seed)?,
            accumulator: MetricsAccumulator::new(run.stats_window_size),
            episodes: vec![Episode::NONE; count],
            best: Best::new(),
            logged: 0,
            evaluated: 0,
            origin: Origin::Fresh,
            offset: OffsetWatch::new(s, config.algo.off_policy().learning_starts),
            config,
            envs,
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
    pub fn learner(&self) -> &Learner<T, A> {
        &self.learner
    }

    /// The learner, to be changed.
    #[must_use]
    pub fn learner_mut(&mut self) -> &mut Learner<T, A> {
        &mut self.learner
    }

    /// The policy as it is now.
    ///
    /// # Errors
    /// None once a trainer exists; the action space was checked.
    pub fn policy(&self) -> Result<SavedPolicy<T>, TrainError> {
        let (policy, phi) = self.learner.algorithm().policy();
        let (env, standardisation) = (&self.envs[0], self.learner.standardisation().cloned());
        SavedPolicy::new(
            A::Settings::NAME,
            env.name(),
            env.action_space(),
            policy.clone(),
            phi.clone(),
            standardisation,
            self.config.algo.off_policy().numerics,
        )
    }

    /// Trains until an [`End`], evaluates, and leaves metrics, checkpoints and policy in the folder.
    ///
    /// Evaluations use their own environment, their own random stream and a copy of the policy: they
    /// change nothing in the training. With `eval_env = "training"` they use its first environment between two episodes;
    /// the final one gives up the episode under way, once everything is saved.
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
        let mut output = Output::open(folder, origin, A::Metrics::COLUMNS, steps, tensorboard)?;
        output.warning().iter().for_each(|what| observer.on_warning(what));
        let outcome = self.train_to_an_end(&mut output, observer);
        outcome.map_err(|error| match folder {
            Some(folder) => fault_record::keep(error, folder, &self.config, &mut self.learner),
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
        let (timesteps, episodes) = (self.learner.steps(), self.config.run.n_final_eval_episodes);
        if end == End::Interrupted || episodes == 0 {
            return Ok(Outcome { timesteps, end, final_evaluation: None });
        }
        let final_evaluation = self.evaluate_unless_stopped(episodes, observer)?;
        match &final_evaluation {
            Some(evaluation) => report(timesteps, evaluation, output, observer)?,
            None => return Ok(Outcome { timesteps, end: End::Interrupted, final_evaluation }),
        }
        Ok(Outcome { timesteps, end, final_evaluation })
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
        let is_due = |freq, done| t > done && run.is_due(freq, t);
        let evaluation_is_due = t < run.total_timesteps
            && match run.eval_env {
                EvalEnv::Own => is_due(run.eval_freq, self.evaluated),
                EvalEnv::Training => self.evaluation_is_overdue(t) && self.learner.needs_reset(0),
            };
        let checkpoint_is_due = is_due(run.checkpoint_freq, 0) && t < run.total_timesteps;
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

    /// Tells whether an evaluation should have been since the last one: in the training's environment it waits for the end
    /// of an episode.
    fn evaluation_is_overdue(&self, t: u64) -> bool {
        let freq = self.config.run.eval_freq;
        freq > 0 && t / freq > self.evaluated / freq
    }

    /// The updates that are due, at the learning rate of the last step: whether none is left.
    fn learn(&mut self, observer: &mut dyn Observer) -> Result<bool, TrainError> {
        let run = &self.config.run;
        let done = self.learner.steps().saturating_sub(run.num_envs.into());
        let start = self.config.algo.off_policy().learning_rates;
        let rates = run.learning_rates(start, done as f64 / run.total_timesteps as f64);
        self.learner.algorithm_mut().set_learning_rates(rates)?;
        while let Some(update) = self.learner.update().map_err(|error| self.diverged(error))? {
            self.accumulator.add_update(&update);
            if observer.should_stop() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn interact(&mut self, observer: &mut dyn Observer) -> Result<(), TrainError> {
        if let Err(error) = self.learner.interact(&mut self.envs[..]) {
            // Where an episode was given up, another one begins.
            for (lane, episode) in self.episodes.iter_mut().enumerate() {
                if self.learner.needs_reset(lane) {
                    *episode = Episode::NONE;
                }
            }
            return Err(self.diverged(error));
        }
        let before = self.learner.steps() - u64::from(self.config.run.num_envs);
        let steps = self.learner.last_steps().zip(self.learner.last_successes());
        let steps = steps.zip(&mut self.episodes);
        for (timesteps, ((step, success), episode)) in (before + 1..).zip(steps) {
            let finished_episode = episode.count(&step, success);
            if let Some(finished) = finished_episode {
                self.accumulator.add_episode(finished);
            }
            observer.on_step(&Progress { timesteps, finished_episode });
        }
        let found = self.offset.see(self.learner.steps(), self.learner.last_observations());
        found.iter().for_each(|found| observer.on_warning(&found.to_string()));
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
        let seed = self.config.run.eval_seed;
        let env = match self.config.run.eval_env {
            EvalEnv::Own => self.eval_env.as_mut(),
            EvalEnv::Training => {
                if self.learner.episode_under_way(0) {
                    self.learner.abandon_episode(0);
                    self.episodes[0] = Episode::NONE;
                }
                self.envs[0].as_mut()
            }
        };
        let act = |observation: &[f64], action: &mut [f64]| policy.act(observation, action);
        let stop = |at: Option<&EvaluationStep>| match at {
            Some(at) => observer.should_stop_evaluating(at),
            None => observer.should_stop(),
        };
        let evaluation = evaluate_unless(stop, env, episodes, seed, act);
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
        let hash = Hash(self.learner.algorithm_mut().fingerprint());
        let row = self.accumulator.take_row(self.learner.steps(), hash);
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
