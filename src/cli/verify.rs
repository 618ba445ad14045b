//! `softac verify`

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use softac::Scalar;
use softac::agent::Algorithm;
use softac::train::{Config, Mismatch, RunFolder, Verdict, Work, verify};

use super::error::CliError;
use super::gym::Gym;
use super::progress::Bar;
use super::session::{interruptible, trainer};
use super::threads;

/// Run a run again, and say whether it gives the same bits
///
/// Every row of metrics.csv and evaluations.csv is compared, with the hash of all parameters in it. Nothing
/// is written.
#[derive(Args)]
#[command(after_help = "Example:\n  softac verify runs/Pendulum-v1/seed-0")]
pub struct Verify {
    /// The run folder
    run: PathBuf,
    /// Threads to work on, which changes nothing but the time [default: one per core]
    #[arg(long)]
    threads: Option<usize>,
    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    gym: Gym,
}

impl Verify {
    pub fn run(self, out: &mut impl Write) -> Result<(), CliError> {
        let folder = RunFolder::open(&self.run)?;
        let config = folder.config()?;
        threads::start(self.threads)?;
        let verdict =
            config.with_types(Verification { command: &self, folder: &folder, config: &config })?;
        if let Some(difference) = verdict.difference {
            return Err(CliError::OtherBits(describe(&difference)));
        }
        Ok(writeln!(out, "the same bits: {} rows of metrics and evaluations agree", verdict.rows)?)
    }

    fn verify<T: Scalar, A: Algorithm<T>>(
        &self,
        folder: &RunFolder,
        config: &Config,
    ) -> Result<Verdict, CliError> {
        let trainer = trainer::<T, A>(folder, config, &self.gym, self.quiet)?;
        let interrupted = &self.gym.interrupted;
        interruptible(interrupted)?;
        let mut bar = Bar::new(&trainer, self.quiet, interrupted.clone());
        let verdict = verify(folder, trainer, &mut bar)?;
        bar.finish();
        if interrupted.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(CliError::Unfinished { rows: verdict.rows });
        }
        Ok(verdict)
    }
}

/// The verification, once number type and algorithm are known.
struct Verification<'a> {
    command: &'a Verify,
    folder: &'a RunFolder,
    config: &'a Config,
}

impl Work for Verification<'_> {
    type Output = Result<Verdict, CliError>;

    fn run<T: Scalar, A: Algorithm<T>>(self) -> Self::Output {
        self.command.verify::<T, A>(self.folder, self.config)
    }
}

fn describe(difference: &Mismatch) -> String {
    let Mismatch { file, same_until, timesteps, column, recorded, now } = difference;
    if difference.is_of_the_policy() {
        return format!(
            "all rows are the same, but {file} is not the policy that the run came to: {column} is {recorded} there, \
             and {now} now"
        );
    }
    format!(
        "{file} differs first in the row of step {timesteps}: `{column}` is {recorded} there, and \
         {now} now; until step {same_until} all was the same"
    )
}
