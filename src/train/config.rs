//! Every setting of a run, in one flat table of names.

use serde::{Deserialize, Serialize};
use toml::Table;

use super::{TrainError, preset};
use crate::env::EnvSpec;
use crate::sac::{ConfigError, SacConfig, unless};

/// The number type of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Single precision, for training.
    #[default]
    F32,
    /// Double precision, for checking.
    F64,
}

/// The settings of a run around the algorithm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunConfig {
    /// The environment's name.
    pub env: String,
    /// The seed from which all random streams of the training are derived.
    pub seed: u64,
    /// The number type.
    pub precision: Precision,
    /// Environment steps in all.
    pub total_timesteps: u64,
    /// Environment steps between rows of `metrics.csv`.
    pub log_freq: u64,
    /// How many of the last episodes `rollout/ep_rew_mean` and `rollout/ep_len_mean` are means of.
    pub stats_window_size: usize,
    /// Environment steps between evaluations.
    pub eval_freq: u64,
    /// Episodes of an evaluation during training.
    pub n_eval_episodes: usize,
    /// Episodes of the final evaluation.
    pub n_final_eval_episodes: usize,
    /// The seed of the start states of all evaluations. It does not depend on `seed`, so that runs are
    /// judged by the same episodes.
    pub eval_seed: u64,
}

impl Default for RunConfig {
    fn default() -> Self {
        Self {
            env: String::new(),
            seed: 0,
            precision: Precision::F32,
            total_timesteps: 100_000,
            log_freq: 1_000,
            stats_window_size: 100,
            eval_freq: 5_000,
            n_eval_episodes: 10,
            n_final_eval_episodes: 100,
            eval_seed: 0,
        }
    }
}

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
    /// A key that does not exist, or a value of the wrong type. Whether the values can be is for
    /// [`validate`](Config::validate).
    ///
    /// ```
    /// use softac::{env, train::Config};
    /// let pendulum = env::registry().iter().find(|spec| spec.alias == "pendulum").unwrap();
    /// let config = Config::layered(pendulum, ["gamma = 0.9\nnet_arch = [32]".parse()?])?;
    /// assert_eq!((config.sac.gamma, config.sac.net_arch), (0.9, vec![32]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn layered(
        env: &EnvSpec,
        layers: impl IntoIterator<Item = Table>,
    ) -> Result<Self, TrainError> {
        let mut settings = preset(env).to_table();
        for layer in layers {
            settings.extend(layer);
        }
        let mut config = Self::from_table(settings)?;
        config.run.env = env.id.to_string();
        Ok(config)
    }

    /// Reads a complete `config.toml`; what it leaves out has its default.
    ///
    /// # Errors
    /// No TOML, a key that does not exist, or a value of the wrong type.
    pub fn from_toml(text: &str, origin: &str) -> Result<Self, TrainError> {
        let table: Table = text.parse().map_err(|error| syntax(origin, error))?;
        Self::from_table(table)
    }

    /// All settings as TOML.
    ///
    /// # Errors
    /// A number that TOML cannot hold (above 2⁶³ − 1).
    pub fn to_toml(&self) -> Result<String, TrainError> {
        let (run, sac) = (toml::to_string(&self.run), toml::to_string(&self.sac));
        let refused = |error| TrainError::ConfigSyntax {
            origin: "configuration".into(),
            reason: toml::ser::Error::to_string(&error),
        };
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
        unless(run.log_freq > 0, "log_freq", run.log_freq, rule)?;
        unless(run.eval_freq > 0, "eval_freq", run.eval_freq, rule)?;
        unless(run.stats_window_size > 0, "stats_window_size", run.stats_window_size, rule)?;
        unless(run.n_eval_episodes > 0, "n_eval_episodes", run.n_eval_episodes, rule)?;
        let episodes = run.n_final_eval_episodes;
        unless(episodes > 0, "n_final_eval_episodes", episodes, rule)?;
        for (key, seed) in [("seed", run.seed), ("eval_seed", run.eval_seed)] {
            unless(i64::try_from(seed).is_ok(), key, seed, "it must be below 2^63")?;
        }
        self.sac.validate(action_dim)
    }

    fn to_table(&self) -> Table {
        let mut table = table_of(&self.run);
        table.extend(table_of(&self.sac));
        table
    }

    /// Deals the settings out to the two structures by their names.
    fn from_table(settings: Table) -> Result<Self, TrainError> {
        let run_keys = table_of(&RunConfig::default());
        let sac_keys = table_of(&SacConfig { warmup_steps: Some(0), ..SacConfig::default() });
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
    settings.try_into().map_err(|error| syntax("settings", error))
}

fn syntax(origin: &str, error: toml::de::Error) -> TrainError {
    TrainError::ConfigSyntax { origin: origin.to_string(), reason: error.to_string() }
}
