//! `softac exercise temperature`

use std::io::Write;
use std::path::Path;

use clap::Args;
use softac::sac::{EntCoef, SacConfig};
use softac::statistics::Bootstrap;
use softac::study::exercise::{TemperatureFindings, TemperatureOptions};
use softac::train::{Config, TrainError, evaluate_uniform};

use super::super::error::CliError;
use super::super::seeds::Seeds;
use super::super::study::PlannedRun;
use super::giving::Giving;
use super::training::{Rules, Training};

/// How do fixed temperatures and a learned one compare, in final performance and in learning speed?
///
/// Trains every temperature with every seed, and compares final returns, mean returns over the training, and the steps
/// to a share of the way from uniform actions to the best final return, all with bootstrap intervals.
#[derive(Args)]
#[command(after_help = "\
Examples:
  softac exercise temperature --python .venv/bin/python
  softac exercise temperature --env pendulum --total-timesteps 20000
  softac exercise temperature --env gym:Hopper-v5 --ent-coefs 0.05,auto --seeds 0..9")]
pub struct Temperature {
    /// The environment, by id or alias (see `softac envs`), or gym:ID for one of Gymnasium's
    #[arg(long, default_value = "gym:HalfCheetah-v5")]
    env: String,
    /// The temperatures: numbers, auto, or auto_<initial>
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "0.001,0.2,2.0,auto",
        allow_negative_numbers = true
    )]
    ent_coefs: Vec<EntCoef>,
    /// The share of the way from uniform actions to the best final return that counts as learned
    #[arg(long, default_value_t = 0.9, value_parser = share)]
    fraction: f64,
    /// Resamples behind each interval
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    resamples: u32,
    #[command(flatten)]
    giving: Giving,
    #[command(flatten)]
    training: Training,
}

fn share(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|x: &f64| *x > 0.0 && *x <= 1.0);
    number.ok_or_else(|| "it must be above 0, and 1 at most".into())
}

const EQUALLY_LONG: &str = "runs of different lengths cannot be compared in speed";

const RULES: Rules = Rules {
    defaults: "",
    refused: &[
        ("seed", "choose seeds with --seeds"),
        ("ent_coef", "choose temperatures with --ent-coefs"),
        ("reward_threshold", EQUALLY_LONG),
        ("max_no_improvement_evals", EQUALLY_LONG),
    ],
};

impl Temperature {
    pub fn run(self, out: &mut impl Write) -> Result<(), CliError> {
        for (i, ent_coef) in self.ent_coefs.iter().enumerate() {
            if self.ent_coefs[..i].contains(ent_coef) {
                let twice = format!("the temperature {ent_coef} is there twice in `--ent-coefs`");
                return Err(CliError::Usage(twice));
            }
        }
        let (config, trainings) = self.training.resolve(&self.env, &RULES)?;
        let folder = self.giving.folder::<TemperatureFindings>(&config.run.env);
        let runs = plan(&folder, &config, &self.ent_coefs, &trainings.seeds);
        let place = folder.join("*").join("seed-*");
        let study = trainings.train(runs, &place, self.giving.json, out)?;

        let (episodes, seed) = (config.run.n_final_eval_episodes, config.run.eval_seed);
        let uniform = evaluate_uniform(study.make_env()?.as_mut(), episodes, seed);
        let uniform = uniform.map_err(TrainError::from)?;
        let options = TemperatureOptions {
            uniform_return: uniform.reward.mean,
            fraction: self.fraction,
            bootstrap: Bootstrap { resamples: self.resamples as usize, ..Bootstrap::default() },
        };
        let places: Vec<_> = study.places().collect();
        self.giving.give(&TemperatureFindings::read(&places, &options)?, &folder, out)
    }
}

/// Every temperature with every seed, seed by seed: if it is interrupted, no temperature lags behind.
fn plan(folder: &Path, config: &Config, ent_coefs: &[EntCoef], seeds: &Seeds) -> Vec<PlannedRun> {
    let run = |seed: u64, ent_coef: EntCoef| {
        let mut config = config.clone();
        config.run.seed = seed;
        if let Some(sac) = config.algo.get_mut::<SacConfig>() {
            sac.ent_coef = ent_coef;
        }
        let arm = match ent_coef {
            // As config.toml writes it.
            EntCoef::Fixed(alpha) => format!("ent_coef={alpha:?}"),
            EntCoef::Auto { .. } => format!("ent_coef={ent_coef}"),
        };
        let folder = folder.join(&arm).join(format!("seed-{seed}"));
        PlannedRun { name: format!("{arm}, seed {seed}"), folder, config }
    };
    let seeds = seeds.0.iter();
    seeds.flat_map(|&seed| ent_coefs.iter().map(move |&ent_coef| run(seed, ent_coef))).collect()
}
