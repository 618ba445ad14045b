//! Every setting of a run, in one flat table of names.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::{RunConfig, Task, TrainError, preset};
use crate::sac::{ConfigError, SacConfig, unless};

/// The most numbers that replay buffer, networks or minibatch may hold.
const MAX_NUMBERS: u128 = 1 << 32;

/// Every setting of a run: `config.toml`. Running it again gives the same bits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The settings around the algorithm.
    pub run: RunConfig,
    /// The algorithm's hyperparameters.
    pub sac: SacConfig,
}

impl Config {
    /// The environment's preset with `layers` over it, later ones over earlier ones.
    ///
    /// # Errors
    /// A key that does not exist, a value of the wrong type, or settings for another environment. Whether
    /// the values can be is for [`validate`](Config::validate).
    ///
    /// ```
    /// use softac::{env, train::Config};
    /// let pendulum = env::registry().iter().find(|spec| spec.alias == "pendulum").unwrap();
    /// let config = Config::layered(pendulum, ["gamma = 0.9\nnet_arch = [32]".parse()?])?;
    /// assert_eq!((config.sac.gamma, config.sac.net_arch), (0.9, vec![32]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn layered(
        task: impl Into<Task>,
        layers: impl IntoIterator<Item = Table>,
    ) -> Result<Self, TrainError> {
        let task = task.into();
        let mut settings = preset(&task).to_table();
        for mut layer in layers {
            if let Some(Value::String(name)) = layer.get("env") {
                check_env(&task, name)?;
                layer.remove("env");
            }
            settings.extend(layer);
        }
        Self::from_table(settings)
    }

    /// Reads a complete `config.toml`; what it leaves out has its default.
    ///
    /// # Errors
    /// No TOML, a key that does not exist, or a value of the wrong type.
    pub fn from_toml(text: &str, origin: &str) -> Result<Self, TrainError> {
        let table: Table = text.parse().map_err(|error| TrainError::syntax(origin, error))?;
        Self::from_table(table)
    }

    /// Reads a run's `config.toml`, which names its environment.
    pub(super) fn from_file(path: &Path, bytes: Vec<u8>) -> Result<Self, TrainError> {
        parse(bytes).map_err(|reason| TrainError::damaged(path, reason))
    }

    /// All settings as TOML.
    ///
    /// # Errors
    /// A number that TOML cannot hold (above 2⁶³ − 1).
    pub fn to_toml(&self) -> Result<String, TrainError> {
        let (run, sac) = (toml::to_string(&self.run), toml::to_string(&self.sac));
        let refused = |error: toml::ser::Error| TrainError::syntax("configuration", error);
        Ok(run.map_err(refused)? + &sac.map_err(refused)?)
    }

    /// Checks every value, for actions of this dimension.
    ///
    /// # Errors
    /// The first value that cannot be.
    pub fn validate(&self, action_dim: usize) -> Result<(), ConfigError> {
        let run = &self.run;
        let rule = "it must be at least 1";
        unless(run.total_timesteps > 0, "total_timesteps", run.total_timesteps, rule)?;
        unless(run.action_repeat > 0, "action_repeat", run.action_repeat, rule)?;
        let (frames, few) = (run.frame_stack, "it must be from 1 to 1000");
        unless((1..=1000).contains(&frames), "frame_stack", frames, few)?;
        run.check_num_envs()?;
        unless(run.log_freq > 0, "log_freq", run.log_freq, rule)?;
        unless(run.eval_freq > 0, "eval_freq", run.eval_freq, rule)?;
        unless(run.stats_window_size > 0, "stats_window_size", run.stats_window_size, rule)?;
        unless(run.n_eval_episodes > 0, "n_eval_episodes", run.n_eval_episodes, rule)?;
        let episodes = run.n_final_eval_episodes;
        unless(episodes > 0, "n_final_eval_episodes", episodes, rule)?;
        unless(run.keep_checkpoints > 0, "keep_checkpoints", run.keep_checkpoints, rule)?;
        let patience = run.max_no_improvement_evals;
        unless(patience != Some(0), "max_no_improvement_evals", patience, rule)?;
        let threshold = run.reward_threshold;
        let rule = "it must be a finite number";
        unless(threshold.is_none_or(f64::is_finite), "reward_threshold", threshold, rule)?;
        for (key, seed) in [("seed", run.seed), ("eval_seed", run.eval_seed)] {
            unless(i64::try_from(seed).is_ok(), key, seed, "it must be below 2^63")?;
        }
        self.sac.validate(action_dim)
    }

    /// Checks that replay buffer, networks and minibatch fit into memory, in an environment of these
    /// dimensions: none of them may hold more than 2³² numbers (16 GiB in single precision), and the system
    /// must not refuse the memory for all of them.
    ///
    /// # Errors
    /// The setting that asks for too much.
    pub fn check_memory<T>(
        &self,
        observation_dim: usize,
        action_dim: usize,
    ) -> Result<(), ConfigError> {
        let sac = &self.sac;
        let (s, a) = (observation_dim as u128, action_dim as u128);
        let (capacity, batch) = (sac.buffer_size as u128, sac.batch_size as u128);
        // Parameters, gradient and two moments; the critics have a target besides.
        let actor = network_size(s, &sac.net_arch, 2 * a).saturating_mul(4);
        let critic = network_size(s + a, &sac.net_arch, 1).saturating_mul(5);
        let critics = critic.saturating_mul(sac.n_critics as u128);
        let units: u128 = sac.net_arch.iter().map(|&size| size as u128).sum();
        // An upper bound, roughly: each layer's output and slope, before and after its activation.
        let activations = (units + 2 * (s + a)).saturating_mul(4);
        let parts: [(_, _, &dyn fmt::Debug); 4] = [
            ("buffer_size", capacity.saturating_mul(2 * s + a + 2), &sac.buffer_size),
            ("net_arch", actor.saturating_add(critic), &sac.net_arch),
            ("n_critics", critics, &sac.n_critics),
            ("batch_size", batch.saturating_mul(activations), &sac.batch_size),
        ];
        for (key, numbers, value) in parts {
            let rule = "it must be lower: no more than 2^32 numbers are kept in memory for it";
            unless(numbers <= MAX_NUMBERS, key, value, rule)?;
        }
        let total = usize::try_from(parts.iter().map(|part| part.1).sum::<u128>());
        let available = total.is_ok_and(|total| Vec::<T>::new().try_reserve_exact(total).is_ok());
        let largest = parts.iter().max_by_key(|part| part.1);
        largest.map_or(Ok(()), |(key, _, value)| {
            unless(available, key, value, "it must be lower: this machine has no memory for it")
        })
    }

    pub(crate) fn to_table(&self) -> Table {
        let mut table = table_of(&self.run);
        table.extend(table_of(&self.sac));
        table
    }

    /// Deals the settings out to the two structures by their names.
    pub(super) fn from_table(settings: Table) -> Result<Self, TrainError> {
        let run_keys = table_of(&RunConfig {
            reward_threshold: Some(0.0),
            max_no_improvement_evals: Some(1),
            ..RunConfig::default()
        });
        // What is not given is not written, and has no name then.
        let (warmup_steps, max_grad_norm) = (Some(0), Some(1.0));
        let sac = SacConfig { warmup_steps, max_grad_norm, ..SacConfig::default() };
        let sac_keys = table_of(&sac);
        let (mut run, mut sac) = (Table::new(), Table::new());
        for (key, value) in settings {
            if run_keys.contains_key(&key) {
                run.insert(key, value);
            } else if sac_keys.contains_key(&key) {
                sac.insert(key, value);
            } else {
                let known: Vec<_> = run_keys.keys().chain(sac_keys.keys()).cloned().collect();
                return Err(TrainError::UnknownKey { key, known: known.join(", ") });
            }
        }
        Ok(Self { run: structure(run)?, sac: structure(sac)? })
    }
}

/// The settings of a structure by name. Default seeds and sizes all fit TOML's integers.
fn table_of(settings: &impl Serialize) -> Table {
    Table::try_from(settings).expect("presets hold only numbers that fit TOML")
}

fn structure<S: for<'de> Deserialize<'de>>(settings: Table) -> Result<S, TrainError> {
    let refused = |error: toml::de::Error| {
        // `what is wrong⏎in `key`⏎`, on one line.
        TrainError::syntax("settings", error.to_string().trim_end().replace('\n', " "))
    };
    settings.try_into().map_err(refused)
}

/// Settings that name an environment are for no other one.
fn check_env(task: &Task, name: &str) -> Result<(), TrainError> {
    if Task::find(name)?.name() == task.name() {
        return Ok(());
    }
    Err(TrainError::OtherEnv { settings: name.to_string(), env: task.name().to_string() })
}

/// The number of parameters of a perceptron.
fn network_size(inputs: u128, net_arch: &[usize], outputs: u128) -> u128 {
    let sizes = || net_arch.iter().map(|&size| size as u128).chain([outputs]);
    let layers = [inputs].into_iter().chain(sizes()).zip(sizes());
    let sizes = layers.map(|(inputs, outputs)| (inputs + 1).saturating_mul(outputs));
    sizes.fold(0, u128::saturating_add)
}

/// The configuration in `config.toml`, or what is wrong with the file.
fn parse(bytes: Vec<u8>) -> Result<Config, String> {
    let text = String::from_utf8(bytes).map_err(|error| error.to_string())?;
    let table: Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
    if !table.contains_key("env") {
        return Err("it has no `env`".into());
    }
    Config::from_table(table).map_err(|error| match error {
        TrainError::ConfigSyntax { reason, .. } => reason,
        other => other.to_string(),
    })
}
