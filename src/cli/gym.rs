//! How Gymnasium's environments are run, as flags; and what is said of them.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;
use softac::Scalar;
use softac::agent::Algorithm;
use softac::agent::settings::Declared;
use softac::env::{BoxSpace, Deferred, Env, EnvError};
use softac::gym::GymOptions;
use softac::train::{Config, Task, TrainError, Trainer};

use super::patience::say_if_slow;

/// Flags of every command that acts in an environment. They are the machine's matter: no run keeps them.
#[derive(Args, Clone)]
pub struct Gym {
    /// Python interpreter for gym: environments [default: python3]
    #[arg(long, value_name = "PATH", env = "SOFTAC_PYTHON")]
    python: Option<PathBuf>,
    /// Seconds that a call of a gym: environment may take [default: 60]
    #[arg(long, value_name = "SECONDS", env = "SOFTAC_ENV_TIMEOUT", value_parser = seconds)]
    env_timeout: Option<Duration>,
    /// Run the module that the run folder's gym:MODULE:ID names, though it lies in the current folder
    #[arg(long)]
    trust: bool,
    /// Set where the command line names the environment.
    #[arg(skip)]
    named: bool,
    /// Set by the signals that interrupt a training.
    #[arg(skip)]
    pub interrupted: Arc<AtomicBool>,
}

fn seconds(text: &str) -> Result<Duration, String> {
    if text.is_empty() {
        // A variable that is set to nothing.
        return Ok(GymOptions::default().timeout);
    }
    let seconds: f64 = text.parse().map_err(|_| "it must be a number".to_string())?;
    let duration = Duration::try_from_secs_f64(seconds).ok().filter(|d| *d >= SHORTEST);
    duration.ok_or_else(|| "it must be at least 0.001".into())
}

/// The first dimension with bounds that nobody can mean as a range.
fn wide(space: &BoxSpace) -> Option<usize> {
    const WIDEST: f64 = 1e9;
    space.low().iter().zip(space.high()).position(|(low, high)| high - low > WIDEST)
}

/// A variable that is set to nothing counts as not set.
fn is_set(path: &Path) -> bool {
    !path.as_os_str().is_empty()
}

/// The system takes no time-out of none.
const SHORTEST: Duration = Duration::from_millis(1);

impl Gym {
    /// The same, for an environment that the command line names.
    pub fn named(self) -> Self {
        Self { named: true, ..self }
    }

    pub fn options(&self) -> GymOptions {
        let default = GymOptions::default();
        GymOptions {
            python: self.python.clone().filter(|path| is_set(path)).unwrap_or(default.python),
            timeout: self.env_timeout.unwrap_or(default.timeout),
            trusts_current_folder: self.trust || self.named,
            interrupted: Arc::clone(&self.interrupted),
            ..default
        }
    }

    /// A new environment; unless `quiet`, says what computes it, and that it takes long.
    pub fn make(&self, task: &Task, quiet: bool) -> Result<Box<dyn Env>, EnvError> {
        self.make_with(task, &self.options(), quiet)
    }

    /// A new environment that can be looked at, if it can; says what computes it.
    pub fn make_to_watch(&self, task: &Task) -> Result<Box<dyn Env>, EnvError> {
        self.make_with(task, &GymOptions { draw: true, ..self.options() }, false)
    }

    fn make_with(
        &self,
        task: &Task,
        options: &GymOptions,
        quiet: bool,
    ) -> Result<Box<dyn Env>, EnvError> {
        let what = format!("{}: waiting for Python, which makes the environment", task.name());
        let env = say_if_slow(&what, quiet, || task.make(options))?;
        if let Some(index) = wide(env.action_space()).filter(|_| !quiet) {
            let bound = env.action_space().high()[index];
            let _ = writeln!(
                io::stderr(),
                "warning: {}: action dimension {index} has the bound {bound:e}, and actions are spread over all of the \
                 range; give the environment the range that is of use",
                env.name()
            );
        }
        if let Some(versions) = env.versions().filter(|_| !quiet) {
            // It is of use only where somebody reads it.
            let _ = writeln!(io::stderr(), "{}: {versions}", env.name());
        }
        Ok(env)
    }

    /// A training at its beginning, with new environments; unless `quiet`, says what computes them. The environment of
    /// evaluations is made when the first one is due.
    pub fn trainer<T: Scalar, A: Algorithm<T>>(
        &self,
        config: &Config,
        quiet: bool,
    ) -> Result<Trainer<T, A>, TrainError> {
        config.run.check_values()?;
        let (task, is_first) = (config.run.task()?, AtomicBool::new(!quiet));
        let make = || self.make(&task, !is_first.swap(false, Ordering::Relaxed));
        let envs = config.run.envs(make)?;
        let (gym, run, task) = (self.clone(), config.run.clone(), task.clone());
        let make = move || Ok(run.wrap(gym.make(&task, true).map_err(only_one)?));
        let eval_env = Box::new(Deferred::like(envs[0].as_ref(), make));
        Trainer::in_lockstep(config.clone(), envs, eval_env)
    }
}

/// Adds what to do where there can be no second instance.
fn only_one(error: EnvError) -> EnvError {
    match error {
        EnvError::External { env, fault, message } => {
            let advice = "if there can be only one instance of it, `--eval-env training` evaluates between the episodes \
                          of the training, and `--eval-freq 0 --n-final-eval-episodes 0` does without evaluations";
            let message = format!("a second instance, for evaluations: {message}; {advice}");
            EnvError::External { env, fault, message }
        }
        other => other,
    }
}
