//! Every setting of a run, in one flat table of names.

use std::fmt;
use std::path::Path;

use toml::{Table, Value};

use super::algo::{Algo, unknown};
use super::dispatch::Work;
use super::error::TrainError;
use super::keys::{Place, kind, place};
use super::presets::run_preset;
use super::run_config::RunConfig;
use super::structure::structure;
use super::task::Task;
use super::written::{in_its_form, split_schedules};
use crate::agent::Settings;
use crate::agent::settings::{ConfigError, Declared, NetArch, TrainFreq, require};

/// The key of the algorithm's name.
const ALGO: &str = Algo::SETTING.name;

const LEARNING_STARTS: &str = "learning_starts";

/// The most numbers that replay buffer, networks or minibatch may hold.
const MAX_NUMBERS: u128 = 1 << 32;

/// Every setting of a run: `config.toml`. Running it again gives the same bits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The settings around the algorithm.
    pub run: RunConfig,
    /// The algorithm with its settings.
    pub algo: Algo,
}

impl Config {
    /// The environment's preset with `layers` over it, later ones over earlier ones. If none of them sets
    /// `learning_starts`, and the preset's leaves no step to learn, updates begin after a tenth of the steps.
    ///
    /// # Errors
    /// A key or an algorithm that does not exist, a value of the wrong type, or settings for another environment. Whether
    /// the values can be is for [`validate`](Config::validate).
    ///
    /// ```
    /// use softac::{env, train::Config};
    /// let pendulum = env::registry().iter().find(|spec| spec.alias == "pendulum").unwrap();
    /// let config = Config::layered(pendulum, ["gamma = 0.9\nnet_arch = [32]".parse()?])?;
    /// assert_eq!((config.algo.off_policy().gamma, config.algo.net_arch()), (0.9, &vec![32].into()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn layered(
        task: impl Into<Task>,
        layers: impl IntoIterator<Item = Table>,
    ) -> Result<Self, TrainError> {
        let (task, layers) = (task.into(), Vec::from_iter(layers));
        let is_given = layers.iter().any(|layer| layer.contains_key(LEARNING_STARTS));
        let mut settings = preset(&task, algo_of(&layers)?)?.to_table();
        for mut layer in layers {
            split(&mut layer)?;
            if let Some(Value::String(name)) = layer.get("env") {
                check_env(&task, name)?;
                layer.remove("env");
            }
            lay_over(&mut settings, layer);
        }
        let config = Self::from_table(settings.clone())?;
        let (total, starts) =
            (config.run.total_timesteps, config.algo.off_policy().learning_starts);
        if !is_given && starts >= total {
            // At most a tenth of 2⁶³.
            settings.insert(LEARNING_STARTS.into(), Value::Integer((total / 10) as i64));
            return Self::from_table(settings);
        }
        Ok(config)
    }

    /// Whether and why a training with these settings never comes to an update.
    #[must_use]
    pub fn learns_nothing(&self) -> Option<String> {
        let (total, settings) = (self.run.total_timesteps, self.algo.off_policy());
        let starts = settings.learning_starts;
        let round = match settings.train_freq {
            TrainFreq::Steps(steps) => u64::from(self.run.num_envs).saturating_mul(steps),
            // At the earliest: an episode may end with any step.
            TrainFreq::Episodes(_) => 1,
        };
        let first = (starts / round.max(1)).saturating_add(1).saturating_mul(round);
        (first > total).then(|| {
            format!(
                "nothing is learned: the first update would come after step {first} (`learning_starts` = {starts}, \
                 `train_freq` = {:?}), and the training has {total} steps",
                settings.train_freq
            )
        })
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
        let text = self.try_to_table().and_then(|table| toml::to_string(&table));
        text.map_err(|error| TrainError::syntax("configuration", error))
    }

    /// Checks every value, for actions of this dimension.
    ///
    /// # Errors
    /// The first value that breaks a rule.
    pub fn validate(&self, action_dim: usize) -> Result<(), ConfigError> {
        self.run.check_values()?;
        self.run.check_together()?;
        self.algo.validate(action_dim)?;
        self.algo.off_policy().check_num_envs(self.run.num_envs)
    }

    /// The settings of the algorithm whose settings these are.
    ///
    /// # Errors
    /// `algo`, if the configuration is for another algorithm.
    pub fn settings<S: Settings>(&self) -> Result<&S, ConfigError> {
        let (value, rule) = (format!("{:?}", self.algo.name()), "another algorithm is wanted here");
        self.algo.get::<S>().ok_or(ConfigError { key: ALGO, value, rule })
    }

    /// Does work with the number type and the algorithm of this configuration.
    pub fn with_types<W: Work>(&self, work: W) -> W::Output {
        self.algo.dispatch(self.run.precision, work)
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
        let (settings, networks) = (self.algo.off_policy(), self.algo.networks());
        let net_arch @ NetArch { pi, qf } = self.algo.net_arch();
        let (s, a) = (observation_dim as u128, action_dim as u128);
        let (capacity, batch) = (settings.buffer_size as u128, settings.batch_size as u128);
        // Parameters, gradient and two moments; a target besides.
        let copies = if networks.target_policy { 5 } else { 4 };
        let outputs = (networks.policy_outputs as u128).saturating_mul(a);
        let actor = network_size(s, pi, outputs).saturating_mul(copies);
        let critic = network_size(s + a, qf, 1).saturating_mul(5);
        let critics = critic.saturating_mul(networks.critics as u128);
        let units = |sizes: &[usize]| sizes.iter().map(|&size| size as u128).sum::<u128>();
        // An upper bound, roughly: each layer's output and slope, before and after its activation.
        let activations = (units(pi).max(units(qf)) + 2 * (s + a)).saturating_mul(4);
        let parts: [(_, _, &dyn fmt::Debug); 4] = [
            ("buffer_size", capacity.saturating_mul(2 * s + a + 2), &settings.buffer_size),
            ("net_arch", actor.saturating_add(critic), &net_arch),
            ("n_critics", critics, &networks.critics),
            ("batch_size", batch.saturating_mul(activations), &settings.batch_size),
        ];
        for (key, numbers, value) in parts {
            let rule = "it must be lower: no more than 2^32 numbers are kept in memory for it";
            require(numbers <= MAX_NUMBERS, key, value, rule)?;
        }
        let total = usize::try_from(parts.iter().map(|part| part.1).sum::<u128>());
        let available = total.is_ok_and(|total| Vec::<T>::new().try_reserve_exact(total).is_ok());
        let largest = parts.iter().max_by_key(|part| part.1);
        largest.map_or(Ok(()), |(key, _, value)| {
            require(available, key, value, "it must be lower: this machine has no memory for it")
        })
    }

    /// All settings by name. Default seeds and sizes all fit TOML's integers.
    pub(crate) fn to_table(&self) -> Table {
        self.try_to_table().expect("presets hold only numbers that fit TOML")
    }

    /// The environment, the algorithm, the settings of the run, those of the algorithm.
    fn try_to_table(&self) -> Result<Table, toml::ser::Error> {
        let mut table = Table::new();
        for (key, value) in Table::try_from(&self.run)? {
            let is_env = key == "env";
            table.insert(key, value);
            if is_env {
                table.insert(ALGO.into(), self.algo.name().into());
            }
        }
        table.extend(self.algo.to_table()?);
        Ok(table)
    }

    /// Deals the settings out to the two structures by their names.
    pub(super) fn from_table(mut settings: Table) -> Result<Self, TrainError> {
        split(&mut settings)?;
        let name = algo_of([&settings])?.to_string();
        let (mut run, mut own) = (Table::new(), Table::new());
        for (key, value) in settings {
            let placed = place(&key, &name)?;
            let value = match kind(&key, &name) {
                Some(kind) => in_its_form(kind, value)
                    .map_err(|rule| TrainError::syntax("settings", format!("`{key}`: {rule}")))?,
                None => value,
            };
            match placed {
                Place::Algo => {}
                Place::Run => drop(run.insert(key, value)),
                Place::Own => drop(own.insert(key, value)),
            }
        }
        Ok(Self { run: structure(run)?, algo: Algo::from_table(&name, own)? })
    }
}

/// The settings that [`Config::layered`] starts from, for the algorithm of this name: the environment's own where it has
/// any, otherwise the paper's.
///
/// # Errors
/// [`TrainError::UnknownAlgo`]
pub fn preset(task: &Task, algo: &str) -> Result<Config, TrainError> {
    Ok(Config { run: run_preset(task), algo: Algo::preset(algo, task.name())? })
}

/// The algorithm that the last of these layers names; if none does, it is the first there is, as in runs from before
/// there were others.
fn algo_of<'a>(layers: impl IntoIterator<Item = &'a Table>) -> Result<&'a str, TrainError> {
    match layers.into_iter().filter_map(|layer| layer.get(ALGO)).last() {
        None => Ok(Algo::NAMES[0]),
        Some(Value::String(name)) if Algo::NAMES.contains(&name.as_str()) => Ok(name),
        Some(Value::String(name)) => Err(unknown(name)),
        Some(other) => Err(unknown(&other.to_string())),
    }
}

/// Puts settings over others. Of a table of arguments, those that are given are replaced.
fn lay_over(settings: &mut Table, layer: Table) {
    for (key, value) in layer {
        match (settings.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => below.extend(above),
            (_, value) => drop(settings.insert(key, value)),
        }
    }
}

/// Splits learning rates with a schedule, such as `lin_7.3e-4`, into the two settings that they stand for.
fn split(settings: &mut Table) -> Result<(), TrainError> {
    split_schedules(settings).map_err(|reason| TrainError::syntax("settings", reason))
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
    let mut table: Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
    if !table.contains_key("env") {
        return Err("it has no `env`".into());
    }
    // Runs from before this setting gave seeds of 32 bits, and go on with them.
    table.entry("env_seed_bits").or_insert(Value::Integer(32));
    let config = Config::from_table(table).map_err(|error| match error {
        TrainError::ConfigSyntax { reason, .. } => reason,
        other => other.to_string(),
    })?;
    // Before anything is made for them.
    config.run.check_values().map_err(|error| error.to_string())?;
    Ok(config)
}
