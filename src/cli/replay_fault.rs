//! `softac replay-fault`

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use softac::Scalar;
use softac::train::{Fault, Precision, Task, TrainError};

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
        let now = match fault.config().run.precision {
            Precision::F32 => self.replay::<f32>(&fault)?,
            Precision::F64 => self.replay::<f64>(&fault)?,
        };
        writeln!(out, "then  {}", fault.what())?;
        writeln!(out, "now   {}", now.as_deref().unwrap_or("nothing is wrong"))?;
        match now.is_some_and(|now| now == fault.what()) {
            true => Ok(()),
            false => Err(CliError::OtherBits("the fault was not found again".into())),
        }
    }

    fn replay<T: Scalar>(&self, fault: &Fault) -> Result<Option<String>, TrainError> {
        fault.replay::<T>(|| {
            let task = Task::find(&fault.config().run.env)?;
            self.gym.trainer(&task, fault.config(), true)
        })
    }
}
