//! The files of a fault, as a training leaves them.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::config::Config;
use super::error::TrainError;
use super::run_folder::{CONFIG, RunFolder};
use super::tensors::write_state;
use crate::Scalar;
use crate::agent::{Algorithm, Stage};
use crate::files::{take_place, temporary_folder, write_new};
use crate::learner::{Learner, LearnerError};

pub(super) const FORMAT: &str = "softac-fault-1";
pub(super) const DESCRIPTION: &str = "fault.json";
pub(super) const STATE: &str = "state.safetensors";

/// `fault.json`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Description {
    pub format: String,
    /// What was wrong, in words.
    pub fault: String,
    pub update: Option<Update>,
}

/// What has to be known to compute an update again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Update {
    pub stage: Stage,
    pub observation_dim: usize,
    pub action_dim: usize,
}

/// Keeps what is needed to find an error again in the run's folder, and says so in the error. Errors that are no
/// faults stay as they are, and so do faults that there is no room for.
pub(super) fn keep<T: Scalar, A: Algorithm<T>>(
    error: TrainError,
    run: &RunFolder,
    config: &Config,
    learner: &mut Learner<T, A>,
) -> TrainError {
    let description = match &error {
        TrainError::Learner(LearnerError::Diverged { fault, .. }) => {
            let (batch, _) = learner.last_minibatch();
            let (observation_dim, action_dim) = (batch.observations.ncols(), batch.actions.ncols());
            let update = Update { stage: fault.stage, observation_dim, action_dim };
            Description { format: FORMAT.into(), fault: fault.to_string(), update: Some(update) }
        }
        TrainError::Learner(LearnerError::NotFinite { .. }) => {
            Description { format: FORMAT.into(), fault: error.to_string(), update: None }
        }
        _ => return error,
    };
    let faults = run.faults();
    let name = format!("step-{:012}", learner.steps());
    match write(&faults, &name, &description, config, learner) {
        Ok(folder) => TrainError::Fault { source: Box::new(error), folder },
        Err(_) => error,
    }
}

/// Writes a fault whole or not at all, over that of the same step.
fn write<T: Scalar, A: Algorithm<T>>(
    faults: &Path,
    name: &str,
    description: &Description,
    config: &Config,
    learner: &mut Learner<T, A>,
) -> Result<PathBuf, TrainError> {
    let temporary = temporary_folder(faults)?;
    let within = |name: &str| temporary.path().join(name);
    let text = serde_json::to_string_pretty(description);
    let text = text.map_err(|error| TrainError::damaged(&within(DESCRIPTION), error))?;
    for (name, text) in [(DESCRIPTION, text), (CONFIG, config.to_toml()?)] {
        let path = within(name);
        write_new(&path, text.as_bytes()).map_err(TrainError::io("write", &path))?;
    }
    if description.update.is_some() {
        write_state(&within(STATE), |visitor| learner.visit_update(visitor))?;
    }
    let path = faults.join(name);
    take_place(temporary, &path)?;
    Ok(path)
}
