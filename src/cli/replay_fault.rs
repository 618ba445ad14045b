//! `softac replay-fault`

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use softac::Scalar;
use softac::agent::Algorithm;
use softac::train::{Fault, TrainError, Work};

use super::error::CliError;
use super::gym::Gym;

/// Compute again what made a training stop at a NaN or an infinity
///
/// The fault of an update is computed again from its parameters, minibatch and noise; that of an environment by
/// running the run again.
#[derive(Args)]
#[command(after_help = "\
Example:
  softac replay-fault runs/Pendulum-v1/seed-0/faults/step-000000000101")]
pub struct ReplayFault {
    /// The fault's folder
    fault: PathBuf,
    #[command(flatten)]
    gym: Gym,
}

impl ReplayFault {
    pub fn run(self, out: &mut impl Write) -> Result<(), CliError> {
        let fault = Fault::open(&self.fault)?;
        let now = fault.config().with_types(Replay { fault: &fault, gym: &self.gym })?;
        writeln!(out, "then  {}", fault.what())?;
        writeln!(out, "now   {}", now.as_deref().unwrap_or("nothing is wrong"))?;
        match now.is_some_and(|now| now == fault.what()) {
            true => Ok(()),
            false => Err(CliError::OtherBits("the fault was not found again".into())),
        }
    }
}

/// The replay, once number type and algorithm are known.
struct Replay<'a> {
    fault: &'a Fault,
    gym: &'a Gym,
}

impl Work for Replay<'_> {
    type Output = Result<Option<String>, TrainError>;

    fn run<T: Scalar, A: Algorithm<T>>(self) -> Self::Output {
        let config = self.fault.config();
        self.fault.replay::<T, A>(|| self.gym.trainer(config, true))
    }
}
