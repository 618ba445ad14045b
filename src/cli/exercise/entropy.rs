//! `softac exercise entropy`

use std::io::Write;

use clap::Args;
use softac::sac::{EntCoef, SacConfig};
use softac::study::exercise::EntropyFindings;
use softac::train::RunFolder;

use super::super::error::CliError;
use super::giving::Giving;
use super::training::{Rules, Training};

/// When does entropy begin to fall, and does the temperature converge?
///
/// Trains several seeds with a learned temperature, plots entropy and temperature, and says where each run's entropy
/// leaves its first level for good, and whether its temperature rests over the last fifth.
#[derive(Args)]
#[command(after_help = "\
Examples:
  softac exercise entropy
  softac exercise entropy --seeds 0..9 --jobs 2 --out entropy
  softac exercise entropy --target-entropy -2 --json")]
pub struct Entropy {
    /// The environment, by id or alias (see `softac envs`), or gym:ID for one of Gymnasium's
    #[arg(long, default_value = "pendulum")]
    env: String,
    /// Show entropy and temperature every so many steps, a multiple of log_freq
    #[arg(long, value_name = "STEPS", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    #[command(flatten)]
    giving: Giving,
    #[command(flatten)]
    training: Training,
}

/// Rows are finer than they are shown, for entropy begins to fall soon.
const RULES: Rules = Rules {
    defaults: "total_timesteps = 50000\nlog_freq = 100\nent_coef = \"auto\"",
    refused: &[("seed", "choose seeds with --seeds")],
};

impl Entropy {
    pub fn run(self, out: &mut impl Write) -> Result<(), CliError> {
        let (config, trainings) = self.training.resolve(&self.env, &RULES)?;
        let (every, log_freq) = (self.every, config.run.log_freq);
        let sac = config.algo.get::<SacConfig>();
        if let Some(EntCoef::Fixed(alpha)) = sac.map(|sac| sac.ent_coef) {
            let advice = "leave `ent_coef` at \"auto\" or \"auto_<initial value>\"";
            return Err(CliError::Usage(format!(
                "a temperature fixed at {alpha} is not learned: {advice}"
            )));
        }
        if log_freq == 0 || !every.is_multiple_of(log_freq) {
            let rule = "`--every` must be a multiple of `log_freq`";
            return Err(CliError::Usage(format!("{rule}, which is {log_freq}, not {every}")));
        }
        let folder = self.giving.folder::<EntropyFindings>(&config.run.env);
        let runs = trainings.seeds.plan(&folder, &config);
        let study = trainings.train(runs, &folder.join("seed-*"), self.giving.json, out)?;
        let folders: Vec<_> =
            study.places().map(|place| RunFolder::open(&place)).collect::<Result<_, _>>()?;
        self.giving.give(&EntropyFindings::read(&folders, every)?, &folder, out)
    }
}
