//! `softac resume`

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use softac::Scalar;
use softac::agent::Algorithm;
use softac::train::{Config, RunFolder, Trainer, Work};

use super::error::CliError;
use super::gym::Gym;
use super::patience::say_if_slow;
use super::progress::Bar;
use super::session::{drive, interruptible, print, trainer, warn};
use super::threads;

/// Go on with a run that was stopped, as if it had not been
#[derive(Args)]
#[command(after_help = "\
Examples:
  softac resume runs/Pendulum-v1/seed-0
  softac resume runs/Pendulum-v1/seed-0 --total-timesteps 20000")]
pub struct Resume {
    /// The run folder
    run: PathBuf,
    /// Environment steps in all, more or fewer than the run was to have
    #[arg(long)]
    total_timesteps: Option<u64>,
    /// Threads to work on, which changes nothing but the time [default: one per core]
    #[arg(long)]
    threads: Option<usize>,
    /// Print only where the run goes on and the final evaluation
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    gym: Gym,
}

impl Resume {
    pub fn run(self, out: &mut impl Write) -> Result<(), CliError> {
        let folder = RunFolder::open(&self.run)?;
        let mut config = folder.config()?;
        config.run.total_timesteps = self.total_timesteps.unwrap_or(config.run.total_timesteps);
        threads::start(self.threads)?;
        config.with_types(Resumption { command: &self, folder: &folder, config: &config, out })
    }

    fn resume<T: Scalar, A: Algorithm<T>>(
        &self,
        folder: &RunFolder,
        config: &Config,
        out: &mut impl Write,
    ) -> Result<(), CliError> {
        let make = || trainer(folder, config, &self.gym, self.quiet);
        let what =
            "reading the checkpoint, and playing an episode of another program's environment again";
        let resumed = say_if_slow(what, self.quiet, || Trainer::<T, A>::resume(folder, make))?;
        warn(&resumed);
        interruptible(&self.gym.interrupted)?;
        let announced = match resumed.timesteps {
            0 => writeln!(out, "there is no checkpoint yet: the run begins anew"),
            t => writeln!(out, "going on after {t} steps"),
        };
        let announced = announced.and_then(|()| out.flush());
        let bar = Bar::new(&resumed.trainer, self.quiet, self.gym.interrupted.clone());
        let outcome = drive(resumed.trainer, folder, bar)?;
        announced?;
        print(&outcome, out)
    }
}

/// The training, once number type and algorithm are known.
struct Resumption<'a, W> {
    command: &'a Resume,
    folder: &'a RunFolder,
    config: &'a Config,
    out: &'a mut W,
}

impl<W: Write> Work for Resumption<'_, W> {
    type Output = Result<(), CliError>;

    fn run<T: Scalar, A: Algorithm<T>>(self) -> Self::Output {
        self.command.resume::<T, A>(self.folder, self.config, self.out)
    }
}
