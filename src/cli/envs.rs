//! `softac envs`

use std::io::Write;

use clap::Args;
use softac::env::registry;

use super::error::CliError;

/// List the environments
#[derive(Args)]
#[command(after_help = "Example:\n  softac envs --json")]
pub struct Envs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Envs {
    pub fn run(self, out: &mut impl Write) -> Result<(), CliError> {
        if self.json {
            let entries: Vec<_> = registry()
                .iter()
                .map(|spec| {
                    let env = spec.make();
                    serde_json::json!({
                        "id": spec.id,
                        "alias": spec.alias,
                        "summary": spec.summary,
                        "max_episode_steps": spec.max_episode_steps,
                        "observation_dim": env.observation_space().len(),
                        "action_low": env.action_space().low(),
                        "action_high": env.action_space().high(),
                    })
                })
                .collect();
            writeln!(out, "{}", serde_json::Value::from(entries))?;
            return Ok(());
        }
        writeln!(out, "{:<26} {:<26} {:>9} {:>7}  task", "id", "alias", "observed", "actions")?;
        for spec in registry() {
            let env = spec.make();
            let (s, a) = (env.observation_space().len(), env.action_space().len());
            writeln!(out, "{:<26} {:<26} {s:>9} {a:>7}  {}", spec.id, spec.alias, spec.summary)?;
        }
        writeln!(out, "\nand every one of Gymnasium's with real actions, as gym:HalfCheetah-v5")?;
        Ok(())
    }
}
