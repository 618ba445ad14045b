//! The settings of a run as flags, files and `key=value`.

use std::path::PathBuf;

use clap::Args;
use softac::train::{Config, Task, TrainError, read_assignment};
use toml::Table;

use super::flags::Flags;

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
        layers.push(self.flags.0.clone());
        for assignment in &self.set {
            let origin = format!("--set {assignment}");
            layers.push(read_assignment(assignment).map_err(|error| syntax(&origin, error))?);
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
