//! The settings of a run as flags, files and `key=value`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use softac::env::EnvSpec;
use softac::sac::{EntCoef, TargetEntropy};
use softac::train::{Config, TrainError};
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
    pub fn resolve(self, env: &EnvSpec) -> Result<Config, TrainError> {
        let mut layers = Vec::new();
        if let Some(path) = &self.config {
            let text = std::fs::read_to_string(path).map_err(|source| TrainError::Io {
                action: "read",
                path: path.clone(),
                source,
            })?;
            layers.push(parse(&text, &path.display().to_string())?);
        }
        layers.push(self.flags.table()?);
        for assignment in &self.set {
            layers.push(parse_assignment(assignment)?);
        }
        Config::layered(env, layers)
    }
}

fn parse(text: &str, origin: &str) -> Result<Table, TrainError> {
    text.parse().map_err(|error: toml::de::Error| syntax(origin, error))
}

fn syntax(origin: &str, reason: impl ToString) -> TrainError {
    TrainError::ConfigSyntax { origin: origin.to_string(), reason: reason.to_string() }
}

/// `key=value`, the value as TOML, or as a word where it is no TOML.
fn parse_assignment(assignment: &str) -> Result<Table, TrainError> {
    let origin = format!("--set {assignment}");
    let Some((key, value)) = assignment.split_once('=') else {
        return Err(syntax(&origin, "it must have the form KEY=VALUE"));
    };
    let parsed: Option<Table> = format!("value = {value}").parse().ok();
    let value = parsed.and_then(|mut table| table.remove("value"));
    let value = value.unwrap_or_else(|| Value::String(assignment[key.len() + 1..].to_string()));
    Ok(Table::from_iter([(key.trim().to_string(), value)]))
}

/// The settings by their names; one that is not given stays as it is.
#[derive(Args, Serialize)]
#[command(next_help_heading = "Settings")]
struct Flags {
    /// Seed of all random streams of the training
    #[arg(long)]
    seed: Option<u64>,
    /// Environment steps in all
    #[arg(long)]
    total_timesteps: Option<u64>,
    /// Number type
    #[arg(long, value_parser = ["f32", "f64"])]
    precision: Option<String>,
    /// Step size of all optimisers
    #[arg(long)]
    learning_rate: Option<f64>,
    /// Capacity of the replay buffer
    #[arg(long)]
    buffer_size: Option<usize>,
    /// Learning begins after this many steps
    #[arg(long)]
    learning_starts: Option<u64>,
    /// Actions are uniform for this many steps (default: learning_starts)
    #[arg(long)]
    warmup_steps: Option<u64>,
    /// Transitions in a minibatch
    #[arg(long)]
    batch_size: Option<usize>,
    /// Step of the target critics towards the online ones
    #[arg(long)]
    tau: Option<f64>,
    /// Discount
    #[arg(long)]
    gamma: Option<f64>,
    /// Steps between rounds of updates
    #[arg(long)]
    train_freq: Option<u64>,
    /// Updates in a round; -1 for one per environment step
    #[arg(long, allow_negative_numbers = true)]
    gradient_steps: Option<i64>,
    /// Temperature: a number, auto, or auto_<initial>
    #[arg(long)]
    ent_coef: Option<EntCoef>,
    /// Target entropy: auto for -dim(A), or a number of nats
    #[arg(long, allow_negative_numbers = true)]
    target_entropy: Option<TargetEntropy>,
    /// Policy and temperature are updated in every k-th update
    #[arg(long, value_name = "K")]
    policy_delay: Option<u64>,
    /// Targets are moved after every k-th update
    #[arg(long, value_name = "K")]
    target_update_interval: Option<u64>,
    /// Sizes of the hidden layers, e.g. 256,256
    #[arg(long, value_delimiter = ',', value_name = "SIZES")]
    net_arch: Option<Vec<usize>>,
    /// Activation of the hidden layers
    #[arg(long, value_parser = ["relu", "tanh", "identity"])]
    activation: Option<String>,
    /// Number of critics
    #[arg(long)]
    n_critics: Option<usize>,
    /// Steps between rows of metrics.csv
    #[arg(long)]
    log_freq: Option<u64>,
    /// Episodes in the mean training return
    #[arg(long)]
    stats_window_size: Option<usize>,
    /// Steps between evaluations
    #[arg(long)]
    eval_freq: Option<u64>,
    /// Episodes of an evaluation
    #[arg(long)]
    n_eval_episodes: Option<usize>,
    /// Episodes of the final evaluation
    #[arg(long)]
    n_final_eval_episodes: Option<usize>,
    /// Seed of the start states of evaluations
    #[arg(long)]
    eval_seed: Option<u64>,
}

impl Flags {
    fn table(&self) -> Result<Table, TrainError> {
        Table::try_from(self).map_err(|error| syntax("flags", error))
    }
}
