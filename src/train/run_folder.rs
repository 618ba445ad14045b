//! The files of a run.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Config, EvaluationRow, MetricsRow, SavedPolicy, TrainError};
use crate::Scalar;

const CONFIG: &str = "config.toml";
const METRICS: &str = "metrics.csv";
const EVALUATIONS: &str = "evaluations.csv";
const POLICY: &str = "policy.safetensors";
const PLOTS: &str = "plots";

/// A run's folder: `config.toml`, `metrics.csv`, `evaluations.csv`, `plots/`, `policy.safetensors`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Makes the folder of a new run, and writes its configuration.
    ///
    /// # Errors
    /// [`TrainError::RunExists`] if there is anything at this path but an empty folder.
    pub fn create(path: &Path, config: &Config) -> Result<Self, TrainError> {
        if path.exists() {
            let entries = fs::read_dir(path).map(|mut entries| entries.next().is_none());
            if !entries.unwrap_or(false) {
                return Err(TrainError::RunExists(path.to_path_buf()));
            }
        }
        let text = config.to_toml()?;
        let plots = path.join(PLOTS);
        fs::create_dir_all(&plots).map_err(TrainError::io("create", &plots))?;
        let run = Self { path: path.to_path_buf() };
        write_whole(&run.path.join(CONFIG), text.as_bytes())?;
        Ok(run)
    }

    /// Makes `runs/<env>/seed-<seed>`, or `…-2`, `…-3`, … where that exists.
    ///
    /// # Errors
    /// What the system said about the path.
    pub fn create_numbered(runs: &Path, config: &Config) -> Result<Self, TrainError> {
        let name = format!("seed-{}", config.run.seed);
        let folder = runs.join(&config.run.env);
        let names = std::iter::once(name.clone()).chain((2..).map(|n| format!("{name}-{n}")));
        for name in names {
            match Self::create(&folder.join(name), config) {
                Err(TrainError::RunExists(_)) => {}
                created => return created,
            }
        }
        unreachable!("there are infinitely many names")
    }

    /// The folder of a run that was made before.
    ///
    /// # Errors
    /// [`TrainError::NotARun`] if it has no configuration.
    pub fn open(path: &Path) -> Result<Self, TrainError> {
        if !path.join(CONFIG).is_file() {
            return Err(TrainError::NotARun { folder: path.to_path_buf(), missing: CONFIG });
        }
        Ok(Self { path: path.to_path_buf() })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where its plots are.
    #[must_use]
    pub fn plots(&self) -> PathBuf {
        self.path.join(PLOTS)
    }

    /// Its configuration.
    ///
    /// # Errors
    /// A file that cannot be read, or is no configuration.
    pub fn config(&self) -> Result<Config, TrainError> {
        let path = self.path.join(CONFIG);
        let text = fs::read_to_string(&path).map_err(TrainError::io("read", &path))?;
        Config::from_toml(&text, &path.display().to_string())
            .map_err(|error| TrainError::damaged(&path, error))
    }

    /// The rows of `metrics.csv`.
    ///
    /// # Errors
    /// A file that cannot be read, or holds other things.
    pub fn metrics(&self) -> Result<Vec<MetricsRow>, TrainError> {
        read_rows(&self.path.join(METRICS))
    }

    /// The rows of `evaluations.csv`.
    ///
    /// # Errors
    /// A file that cannot be read, or holds other things.
    pub fn evaluations(&self) -> Result<Vec<EvaluationRow>, TrainError> {
        read_rows(&self.path.join(EVALUATIONS))
    }

    /// The policy. Its precision is the configuration's.
    ///
    /// # Errors
    /// A file that cannot be read, or is no policy of this precision.
    pub fn policy<T: Scalar>(&self) -> Result<SavedPolicy<T>, TrainError> {
        SavedPolicy::load(&self.path.join(POLICY))
    }

    /// Writes the policy over the last one.
    ///
    /// # Errors
    /// What the system said about the path.
    pub fn save_policy<T: Scalar>(&self, policy: &SavedPolicy<T>) -> Result<(), TrainError> {
        policy.save(&self.path.join(POLICY))
    }

    pub(super) fn metrics_writer(&self) -> Result<RowWriter, TrainError> {
        RowWriter::create(self.path.join(METRICS))
    }

    pub(super) fn evaluations_writer(&self) -> Result<RowWriter, TrainError> {
        RowWriter::create(self.path.join(EVALUATIONS))
    }
}

/// A CSV file that grows row by row; each row is on disk when it has been written.
pub(super) struct RowWriter {
    path: PathBuf,
    writer: csv::Writer<File>,
}

impl RowWriter {
    fn create(path: PathBuf) -> Result<Self, TrainError> {
        let file = File::create_new(&path).map_err(TrainError::io("create", &path))?;
        Ok(Self { path, writer: csv::Writer::from_writer(file) })
    }

    pub fn write(&mut self, row: &impl Serialize) -> Result<(), TrainError> {
        let written = self.writer.serialize(row).map_err(io::Error::from);
        let flushed = written.and_then(|()| self.writer.flush());
        flushed.map_err(TrainError::io("write", &self.path))
    }
}

fn read_rows<R: DeserializeOwned>(path: &Path) -> Result<Vec<R>, TrainError> {
    let file = File::open(path).map_err(TrainError::io("read", path))?;
    let rows: Result<_, _> = csv::Reader::from_reader(file).deserialize().collect();
    rows.map_err(|error| TrainError::damaged(path, error))
}

/// Writes a file whole or not at all: to a temporary file beside it, which then takes its name.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(TrainError::io("write", path))
}
