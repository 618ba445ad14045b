//! `softac train`

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use softac::Scalar;
use softac::agent::Algorithm;
use softac::study::compare::{Options, compare};
use softac::train::{Config, RunFolder, Task, TrainError, Work};

use super::error::CliError;
use super::gym::Gym;
use super::progress::Bar;
use super::seeds::Seeds;
use super::session::{begun, drive, interruptible, print};
use super::settings::Settings;
use super::study::Study;
use super::{compare as comparison, threads};

/// Train a policy
#[derive(Args)]
#[command(after_help = "\
Examples:
  softac train pendulum
  softac train pendulum --seed 3 --ent-coef 0.2 --out runs/fixed-temperature
  softac train pendulum --algo td3
  softac train pendulum --from runs/Pendulum-v1/seed-0 --learning-rate 1e-4
  softac train pendulum --config my.toml --set net_arch=[256,256]
  softac train gym:HalfCheetah-v5 --python .venv/bin/python
  softac train pendulum --seeds 0..9 --jobs 2")]
pub struct Train {
    /// The environment, by id or alias (see `softac envs`), or gym:ID for one of Gymnasium's
    env: String,
    /// The run folder to make [default: runs/<env>/seed-<seed>]; with --seeds, the folder for theirs
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Train each of these seeds, from 0 to 9 or 0, 3 and 7, in <out>/seed-<n>: runs that are there already are
    /// gone on with, or left as they are if they are finished
    #[arg(long, value_name = "0..9|0,3,7", conflicts_with = "seed")]
    seeds: Option<Seeds>,
    /// How many seeds to train at a time, which changes nothing but the time [default: one per core]
    #[arg(long, requires = "seeds")]
    jobs: Option<usize>,
    /// Threads to work on, for each job, which changes nothing but the time [default: one per core in all]
    #[arg(long)]
    threads: Option<usize>,
    /// Print only where the run is and the final evaluation
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    gym: Gym,
    #[command(flatten)]
    settings: Settings,
}

impl Train {
    pub fn run(mut self, out: &mut impl Write) -> Result<(), CliError> {
        self.gym = self.gym.named();
        let task = Task::find(&self.env).map_err(TrainError::from)?;
        let config = self.settings.resolve(&task)?;
        if let Some(seeds) = self.seeds {
            let place = || RunFolder::place_of_env(Path::new("runs"), &config.run.env);
            let folder = self.out.unwrap_or_else(place);
            let runs = seeds.plan(&folder, &config);
            let study = Study::new(self.gym, runs, self.quiet).on(self.jobs, self.threads)?;
            let can_be_compared = config.run.n_final_eval_episodes > 0;
            return train_seeds(&study, &folder, can_be_compared, out);
        }
        threads::start(self.threads)?;
        config.with_types(Training { command: &self, config: &config, out })
    }

    fn train<T: Scalar, A: Algorithm<T>>(
        &self,
        config: &Config,
        out: &mut impl Write,
    ) -> Result<(), CliError> {
        let trainer = self.gym.trainer::<T, A>(config, self.quiet)?;
        interruptible(&self.gym.interrupted)?;
        let (trainer, folder) = begun(trainer, || match &self.out {
            Some(path) => RunFolder::create(path, config),
            None => RunFolder::create_numbered(Path::new("runs"), config),
        })?;
        let announced =
            writeln!(out, "run folder: {}", folder.path().display()).and_then(|()| out.flush());
        let bar = Bar::new(&trainer, self.quiet, self.gym.interrupted.clone());
        let outcome = drive(trainer, &folder, bar)?;
        // The training does not end because nobody reads its output, but it does not keep silent either.
        announced?;
        print(&outcome, out)
    }
}

/// The training, once number type and algorithm are known.
struct Training<'a, W> {
    command: &'a Train,
    config: &'a Config,
    out: &'a mut W,
}

impl<W: Write> Work for Training<'_, W> {
    type Output = Result<(), CliError>;

    fn run<T: Scalar, A: Algorithm<T>>(self) -> Self::Output {
        self.command.train::<T, A>(self.config, self.out)
    }
}

/// Trains several seeds, and prints their aggregate, if the runs can be compared by a final evaluation.
fn train_seeds(
    study: &Study,
    folder: &Path,
    can_be_compared: bool,
    out: &mut impl Write,
) -> Result<(), CliError> {
    let failed = study.run(&folder.join("seed-*"), out)?;
    let is_finished = |folder: &PathBuf| RunFolder::open(folder).is_ok_and(|run| run.is_finished());
    let (finished, others): (Vec<_>, Vec<_>) = study.places().partition(is_finished);
    if can_be_compared && !finished.is_empty() {
        let mut found = compare(&finished, &Options::default())?;
        found.left_out = others.iter().map(|folder| folder.display().to_string()).collect();
        writeln!(out)?;
        comparison::print(&found, out)?;
    }
    study.none_of(failed)
}
