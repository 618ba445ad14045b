//! A training that met a NaN or an infinity, kept so that it can be found again.

use std::fs;
use std::path::{Path, PathBuf};

use super::config::Config;
use super::error::TrainError;
use super::fault_record::{DESCRIPTION, Description, FORMAT, STATE};
use super::observer::Quiet;
use super::run_folder::{CONFIG, RunFolder};
use super::tensors::read_state;
use super::trainer::Trainer;
use crate::Scalar;
use crate::agent::{Algorithm, UpdateNoise};
use crate::files;
use crate::random::{Purpose, stream};
use crate::replay::Batch;

/// A fault in a run's folder, `faults/step-<timesteps>/`.
///
/// That of an update comes with everything that the update was computed from: parameters, minibatch and
/// noise. That of an environment comes with the configuration, from which the run is run again.
pub struct Fault {
    path: PathBuf,
    config: Config,
    description: Description,
}

impl Fault {
    /// Reads a fault.
    ///
    /// # Errors
    /// A path that cannot be read, or files that are not those of a fault.
    pub fn open(path: &Path) -> Result<Self, TrainError> {
        let read = |name: &str| {
            let file = path.join(name);
            files::read(&file).map_err(TrainError::io("read", &file)).map(|bytes| (file, bytes))
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

    /// The run in whose `faults/` it is.
    fn run(&self) -> Result<RunFolder, TrainError> {
        let path = fs::canonicalize(&self.path).map_err(TrainError::io("open", &self.path))?;
        RunFolder::open(path.ancestors().nth(2).unwrap_or(&path))
    }

    /// Computes again what was at fault, and says what is wrong with it now; `None` if nothing is.
    ///
    /// `make` makes a training of the configuration, which is run again if the fault was in the
    /// environment.
    ///
    /// # Errors
    /// Files that do not hold what they should, or what `make` said.
    pub fn replay<T: Scalar, A: Algorithm<T>>(
        &self,
        make: impl FnOnce() -> Result<Trainer<T, A>, TrainError>,
    ) -> Result<Option<String>, TrainError> {
        let Some(update) = &self.description.update else {
            let mut trainer = make()?;
            if self.config.run.from.is_some() {
                trainer.load_start(&self.run()?)?;
            }
            return Ok(trainer.train(None, &mut Quiet).err().map(|error| error.to_string()));
        };
        let (s, a) = (update.observation_dim, update.action_dim);
        self.config.validate(a)?;
        self.config.check_memory::<T>(s, a)?;
        let settings = self.config.settings::<A::Settings>()?.clone();
        let batch_size = self.config.algo.off_policy().batch_size;
        let mut algorithm = A::new(settings, s, a, &mut stream(0, Purpose::Init))?;
        let mut batch = Batch::new(batch_size, s, a);
        let mut noise = A::Noise::new(batch_size, a);
        read_state(&self.path.join(STATE), |visitor| {
            algorithm.visit(visitor)?;
            batch.visit(visitor)?;
            noise.visit(visitor)
        })?;
        let found = algorithm.diagnose(update.stage, &batch, &noise);
        Ok(found.err().map(|error| error.to_string()))
    }
}
