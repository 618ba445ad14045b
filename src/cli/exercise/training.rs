//! Flags of the exercises that train.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use softac::agent::Settings as _;
use softac::sac::SacConfig;
use softac::train::{Config, Task, TrainError};

use super::super::error::CliError;
use super::super::gym::Gym;
use super::super::seeds::Seeds;
use super::super::settings::Settings;
use super::super::study::{PlannedRun, Study};

/// How the runs of an exercise are trained.
#[derive(Args)]
pub struct Training {
    /// Train each of these seeds: runs that are there already are gone on with, or left as they are if they are
    /// finished
    #[arg(long, value_name = "0..9|0,3,7", default_value = "0..4", conflicts_with = "seed")]
    pub seeds: Seeds,
    /// How many runs to train at a time, which changes nothing but the time [default: one per core]
    #[arg(long)]
    jobs: Option<usize>,
    /// Threads to work on, for each job, which changes nothing but the time [default: one per core in all]
    #[arg(long)]
    threads: Option<usize>,
    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    gym: Gym,
    #[command(flatten)]
    settings: Settings,
}

/// What an exercise asks of the settings.
pub struct Rules {
    /// What goes over the preset, as TOML, for the settings that are given to go over.
    pub defaults: &'static str,
    /// Settings that are the exercise's own matter, each with what to do instead.
    pub refused: &'static [(&'static str, &'static str)],
}

impl Training {
    /// The configuration that the runs have in common, and how to train them.
    pub fn resolve(self, env: &str, rules: &Rules) -> Result<(Config, Trainings), CliError> {
        let task = Task::find(env).map_err(TrainError::from)?;
        let given = self.settings.layers()?;
        for (key, instead) in rules.refused {
            if given.iter().any(|layer| layer.contains_key(*key)) {
                return Err(CliError::Usage(format!("`{key}` is set by the exercise: {instead}")));
            }
        }
        let defaults = rules.defaults.parse().expect("the defaults are TOML");
        let layers = [defaults].into_iter().chain(given);
        let config = Config::layered(task, layers)?;
        if config.algo.get::<SacConfig>().is_none() {
            let (sac, algo) = (SacConfig::NAME, config.algo.name());
            return Err(CliError::Usage(format!("the exercise is about {sac}, not {algo}")));
        }
        let Self { seeds, jobs, threads, quiet, gym, .. } = self;
        let gym = gym.named();
        Ok((config, Trainings { seeds, jobs, threads, quiet, gym }))
    }
}

/// How runs are trained, once their configuration is known.
pub struct Trainings {
    pub seeds: Seeds,
    jobs: Option<usize>,
    threads: Option<usize>,
    quiet: bool,
    gym: Gym,
}

impl Trainings {
    /// Trains what is not finished of these runs in `place`. Where the findings are JSON, only they go to `out`.
    pub fn train(
        self,
        runs: Vec<PlannedRun>,
        place: &Path,
        json: bool,
        out: &mut impl Write,
    ) -> Result<Study, CliError> {
        let study = Study::new(self.gym, runs, self.quiet);
        let study = study.on(self.jobs, self.threads)?;
        let failed = match (json, self.quiet) {
            (true, true) => study.run(place, &mut io::sink())?,
            (true, false) => study.run(place, &mut io::stderr())?,
            (false, _) => study.run(place, out)?,
        };
        study.none_of(failed)?;
        Ok(study)
    }
}
