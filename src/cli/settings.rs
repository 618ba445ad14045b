//! The settings of a run as flags, files and `key=value`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use softac::sac::{EntCoef, TargetEntropy};
use softac::train::{Config, Task, TrainError};
use toml::{Table, Value};

/// Where settings come from; later ones win: the environment's preset, `--config`, flags, `--set`.
#[derive(Args)]
pub struct Settings {
    /// Settings from a TOML file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Any setting by its name in config.toml, e.g. --set net_arch=[64,64] (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    flags: Flags,
}

impl Settings {
    /// The settings for a run in this environment.
    pub fn resolve(&self, task: &Task) -> Result<Config, TrainError> {
        Config::layered(task.clone(), self.layers()?)
    }

    /// What was given, the more important behind.
    pub fn layers(&self) -> Result<Vec<Table>, TrainError> {
        let mut layers = Vec::new();
        if let Some(path) = &self.config {
            let read = |source| TrainError::Io { action: "read", path: path.clone(), source };
            let origin = path.display().to_string();
            let text = String::from_utf8(std::fs::read(path).map_err(read)?);
            let text = text.map_err(|error| syntax(&origin, error))?;
            layers.push(text.parse().map_err(|error: toml::de::Error| syntax(&origin, error))?);
        }
        layers.push(self.flags.table()?);
        for assignment in &self.set {
            layers.push(parse_assignment(assignment)?);
        }
        Ok(layers)
    }
}

fn syntax(origin: &str, reason: impl ToString) -> TrainError {
    TrainError::ConfigSyntax {
        origin: origin.to_string(),
        reason: reason.to_string().trim_end().to_string(),
    }
}

/// `key=value`, the value as TOML, or as a word where it is no TOML.
fn parse_assignment(assignment: &str) -> Result<Table, TrainError> {
    let origin = format!("--set {assignment}");
    let Some((key, value)) = assignment.split_once('=') else {
        return Err(syntax(&origin, "it must have the form KEY=VALUE"));
    };
    let parsed: Option<Table> = format!("value = {value}").parse().ok();
    // More than one key is another assignment, smuggled in behind a line break.
    let parsed = parsed.filter(|table| table.len() == 1);
    let parsed = parsed.and_then(|mut table| table.remove("value"));
    let value = parsed.unwrap_or_else(|| Value::String(value.to_string()));
    Ok(Table::from_iter([(key.trim().to_string(), value)]))
}

/// The settings by their names; one that is not given stays as it is. Integers are TOML's, so that whatever
/// is given is checked in one place, with the other layers.
#[derive(Args, Serialize)]
#[command(next_help_heading = "Settings")]
struct Flags {
    /// Take each action so many times in a row
    #[arg(long, allow_negative_numbers = true, value_name = "TIMES")]
    action_repeat: Option<i64>,
    /// Show the policy so many of the last observations together
    #[arg(long, allow_negative_numbers = true, value_name = "FRAMES")]
    frame_stack: Option<i64>,
    /// Step so many environments together
    #[arg(long, allow_negative_numbers = true, value_name = "N")]
    num_envs: Option<i64>,
    /// Seed of all random streams of the training
    #[arg(long, allow_negative_numbers = true)]
    seed: Option<i64>,
    /// Environment steps in all
    #[arg(long, allow_negative_numbers = true)]
    total_timesteps: Option<i64>,
    /// Number type
    #[arg(long, value_parser = ["f32", "f64"])]
    precision: Option<String>,
    /// Step size of all optimisers
    #[arg(long, allow_negative_numbers = true)]
    learning_rate: Option<f64>,
    /// Norm that each network's gradient is shortened to (default: none)
    #[arg(long, allow_negative_numbers = true, value_name = "NORM")]
    max_grad_norm: Option<f64>,
    /// Capacity of the replay buffer
    #[arg(long, allow_negative_numbers = true)]
    buffer_size: Option<i64>,
    /// Learning begins after this many steps
    #[arg(long, allow_negative_numbers = true)]
    learning_starts: Option<i64>,
    /// Actions are uniform for this many steps (default: learning_starts)
    #[arg(long, allow_negative_numbers = true)]
    warmup_steps: Option<i64>,
    /// Transitions in a minibatch
    #[arg(long, allow_negative_numbers = true)]
    batch_size: Option<i64>,
    /// Step of the target critics towards the online ones
    #[arg(long, allow_negative_numbers = true)]
    tau: Option<f64>,
    /// Discount
    #[arg(long, allow_negative_numbers = true)]
    gamma: Option<f64>,
    /// Steps between rounds of updates, of all environments together
    #[arg(long, allow_negative_numbers = true)]
    train_freq: Option<i64>,
    /// Updates in a round; -1 for one per environment step
    #[arg(long, allow_negative_numbers = true)]
    gradient_steps: Option<i64>,
    /// Temperature: a number, auto, or auto_<initial>
    #[arg(long, allow_negative_numbers = true)]
    ent_coef: Option<EntCoef>,
    /// Target entropy: auto for -dim(A), or a number of nats
    #[arg(long, allow_negative_numbers = true)]
    target_entropy: Option<TargetEntropy>,
    /// Policy and temperature are updated in every k-th update
    #[arg(long, allow_negative_numbers = true, value_name = "K")]
    policy_delay: Option<i64>,
    /// Targets are moved after every k-th update
    #[arg(long, allow_negative_numbers = true, value_name = "K")]
    target_update_interval: Option<i64>,
    /// Sizes of the hidden layers, e.g. 256,256
    #[arg(long, value_delimiter = ',', value_name = "SIZES")]
    net_arch: Option<Vec<i64>>,
    /// Activation of the hidden layers
    #[arg(long, value_parser = ["relu", "tanh", "identity"])]
    activation: Option<String>,
    /// Number of critics
    #[arg(long, allow_negative_numbers = true)]
    n_critics: Option<i64>,
    /// Keep each observation once in the replay buffer
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    optimize_memory_usage: Option<bool>,
    /// Standardise observations by their running mean and variance
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    norm_obs: Option<bool>,
    /// Divide rewards by the running spread of the discounted return
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    norm_reward: Option<bool>,
    /// Largest size of a standardised number of an observation
    #[arg(long, allow_negative_numbers = true)]
    clip_obs: Option<f64>,
    /// Largest size of a reward that was divided so
    #[arg(long, allow_negative_numbers = true)]
    clip_reward: Option<f64>,
    /// How products are rounded: portable gives the same bits on every processor
    #[arg(long, value_parser = ["fast", "portable"])]
    numerics: Option<String>,
    /// Steps between rows of metrics.csv
    #[arg(long, allow_negative_numbers = true)]
    log_freq: Option<i64>,
    /// Episodes in the mean training return
    #[arg(long, allow_negative_numbers = true)]
    stats_window_size: Option<i64>,
    /// Steps between evaluations
    #[arg(long, allow_negative_numbers = true)]
    eval_freq: Option<i64>,
    /// Episodes of an evaluation
    #[arg(long, allow_negative_numbers = true)]
    n_eval_episodes: Option<i64>,
    /// Episodes of the final evaluation
    #[arg(long, allow_negative_numbers = true)]
    n_final_eval_episodes: Option<i64>,
    /// Seed of the start states of evaluations
    #[arg(long, allow_negative_numbers = true)]
    eval_seed: Option<i64>,
    /// How the learning rate goes on
    #[arg(long, value_parser = ["constant", "linear", "cosine"])]
    learning_rate_schedule: Option<String>,
    /// Steps between checkpoints; 0 for one at the end alone
    #[arg(long, allow_negative_numbers = true)]
    checkpoint_freq: Option<i64>,
    /// Checkpoints that are kept
    #[arg(long, allow_negative_numbers = true)]
    keep_checkpoints: Option<i64>,
    /// End when an evaluation's mean return is at least this
    #[arg(long, allow_negative_numbers = true)]
    reward_threshold: Option<f64>,
    /// End when this many evaluations in a row were no better than the best
    #[arg(long, allow_negative_numbers = true, value_name = "K")]
    max_no_improvement_evals: Option<i64>,
    /// Write the rows for TensorBoard too
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    tensorboard: Option<bool>,
}

impl Flags {
    fn table(&self) -> Result<Table, TrainError> {
        Table::try_from(self).map_err(|error| syntax("flags", error))
    }
}
