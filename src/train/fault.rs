//! A training that met a NaN or an infinity, kept so that it can be found again.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::run_folder::CONFIG;
use super::tensors::{read_state, write_state};
use super::{Config, Quiet, RunFolder, TrainError, Trainer};
use crate::Scalar;
use crate::files::{take_place, temporary_folder, write_new};
use crate::learner::{Learner, LearnerError};
use crate::random::{Purpose, stream};
use crate::replay::Batch;
use crate::sac::{Noise, Sac, Stage};

const FORMAT: &str = "softac-fault-1";
const DESCRIPTION: &str = "fault.json";
const STATE: &str = "state.safetensors";

/// A fault in a run's folder, `faults/step-<timesteps>/`.
///
/// That of an update comes with everything that the update was computed from: parameters, minibatch and
/// noise. That of an environment comes with the configuration, from which the run is run again.
pub struct Fault {
    path: PathBuf,
    config: Config,
    description: Description,
}

/// `fault.json`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    format: String,
    /// What was wrong, in words.
    fault: String,
    update: Option<Update>,
}

/// What has to be known to compute an update again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Update {
    stage: Stage,
    observation_dim: usize,
    action_dim: usize,
}

impl Fault {
    /// Reads a fault.
    ///
    /// # Errors
    /// A path that cannot be read, or files that are not those of a fault.
    pub fn open(path: &Path) -> Result<Self, TrainError> {
        let read = |name: &str| {
            let file = path.join(name);
            fs::read(&file).map_err(TrainError::io("read", &file)).map(|bytes| (file, bytes))
        };
        let (file, bytes) = read(DESCRIPTION)?;
        let description: Description =
            serde_json::from_slice(&bytes).map_err(|error| TrainError::damaged(&file, error))?;
        if description.format != FORMAT {
            let reason = format!("its format is not `{FORMAT}`");
            return Err(TrainError::damaged(&file, reason));
        }
        let (file, bytes) = read(CONFIG)?;
        let config = Config::from_file(&file, bytes)?;
        Ok(Self { path: path.to_path_buf(), config, description })
    }

    /// The configuration of the run.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What was wrong.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.description.fault
    }

    /// Computes again what was at fault, and says what is wrong with it now; `None` if nothing is.
    ///
    /// `make` makes a training of the configuration, which is run again if the fault was in the
    /// environment.
    ///
    /// # Errors
    /// Files that do not hold what they should, or what `make` said.
    pub fn replay<T: Scalar>(
        &self,
        make: impl FnOnce() -> Result<Trainer<T>, TrainError>,
    ) -> Result<Option<String>, TrainError> {
        let Some(update) = &self.description.update else {
            return Ok(make()?.train(None, &mut Quiet).err().map(|error| error.to_string()));
        };
        let (s, a) = (update.observation_dim, update.action_dim);
        self.config.validate(a)?;
        self.config.check_memory::<T>(s, a)?;
        let config = &self.config.sac;
        let mut sac = Sac::<T>::new(config.clone(), s, a, &mut stream(0, Purpose::Init))?;
        let mut batch = Batch::new(config.batch_size, s, a);
        let mut noise = Noise::new(config.batch_size, a);
        read_state(&self.path.join(STATE), |visitor| {
            sac.visit(visitor)?;
            batch.visit(visitor)?;
            noise.visit(visitor)
        })?;
        let found = sac.diagnose(update.stage, &batch, &noise);
        Ok(found.err().map(|error| error.to_string()))
    }
}

/// Keeps what is needed to find an error again in the run's folder, and says so in the error. Errors that are no
/// faults stay as they are, and so do faults that there is no room for.
pub(super) fn keep<T: Scalar>(
    error: TrainError,
    run: &RunFolder,
    config: &Config,
    learner: &mut Learner<T>,
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
fn write<T: Scalar>(
    faults: &Path,
    name: &str,
    description: &Description,
    config: &Config,
    learner: &mut Learner<T>,
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
