//! Checkpoints: everything that a run needs to go on, in folders that are there whole or not at all.
//!
//! | file | holds |
//! |---|---|
//! | `state.safetensors` | networks, targets, optimisers, replay buffer, random streams, environment, counters |
//! | `config.toml` | the configuration that it was made with |
//! | `metrics.csv`, `evaluations.csv` | the rows until then |
//! | `manifest.json` | format, environment steps, and a SHA-256 for every file and for itself |
//!
//! A checkpoint is written to a temporary folder, seen to the disk, and then given its name.

mod manifest;

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::error::TrainError;
use super::tensors::{Show, read_part_of_state, read_state, write_state};
use crate::Scalar;
use crate::files::{self, entries, remove_folder, take_place, temporary_folder};
use manifest::Manifest;

const STATE: &str = "state.safetensors";
const PREFIX: &str = "step-";

/// The checkpoints of a run, `checkpoints/step-<timesteps>/`.
pub(super) struct Checkpoints {
    folder: PathBuf,
    /// Files of the run that belong to its state.
    files: &'static [&'static str],
}

impl Checkpoints {
    /// Those in this folder, each with copies of these files of the folder above it.
    pub fn new(folder: PathBuf, files: &'static [&'static str]) -> Self {
        Self { folder, files }
    }

    /// Writes a checkpoint, over that of the same step if there is one, and removes all but the youngest
    /// `keep`. At every moment there is a whole one.
    pub fn save<T: Scalar>(
        &self,
        timesteps: u64,
        keep: usize,
        show: impl Show<T>,
    ) -> Result<(), TrainError> {
        let path = self.folder.join(format!("{PREFIX}{timesteps:012}"));
        let written = self.write(timesteps, show)?;
        take_place(written, &path)?;
        Ok(self.list()?.iter().skip(keep).try_for_each(|path| remove_folder(path))?)
    }

    /// What there is, the youngest first.
    pub fn list(&self) -> Result<Vec<PathBuf>, TrainError> {
        let mut found = entries(&self.folder, PREFIX)?;
        found.sort_by_key(|path| (path.with_extension(""), path.extension().is_none()));
        found.reverse();
        Ok(found)
    }

    /// A checkpoint, if all of it is as it was written.
    pub fn open(&self, path: &Path) -> Result<Checkpoint, TrainError> {
        Checkpoint::open(path, self.files)
    }

    /// A checkpoint that is whole but for its name.
    fn write<T: Scalar>(&self, timesteps: u64, show: impl Show<T>) -> Result<TempDir, TrainError> {
        let run = self.folder.parent().unwrap_or(Path::new("."));
        let temporary = temporary_folder(&self.folder)?;
        let within = |name: &str| temporary.path().join(name);
        write_state(&within(STATE), show)?;
        for name in self.files {
            let copy = within(name);
            files::copy(&run.join(name), &copy).map_err(TrainError::io("write", &copy))?;
        }
        let manifest = Manifest::of(temporary.path(), &names(self.files), timesteps);
        let manifest = manifest.map_err(TrainError::io("read back", temporary.path()))?;
        let path = within(manifest::NAME);
        let written = files::write_new(&path, manifest.text().as_bytes());
        written.map_err(TrainError::io("write", &path))?;
        Ok(temporary)
    }
}

/// A checkpoint whose files all are as they were written.
pub(super) struct Checkpoint {
    path: PathBuf,
    /// Environment steps done.
    pub timesteps: u64,
}

impl Checkpoint {
    fn open(path: &Path, files: &[&str]) -> Result<Self, TrainError> {
        let checked = Manifest::check(path, &names(files));
        let manifest = checked.map_err(|reason| TrainError::damaged(path, reason))?;
        Ok(Self { path: path.to_path_buf(), timesteps: manifest.timesteps })
    }

    /// One of the run's files as it was then.
    pub fn file(&self, name: &str) -> Result<Vec<u8>, TrainError> {
        let path = self.path.join(name);
        files::read(&path).map_err(TrainError::io("read", &path))
    }

    /// Reads the state into what is shown.
    pub fn restore<T: Scalar>(&self, show: impl Show<T>) -> Result<(), TrainError> {
        read_state(&self.path.join(STATE), show)
    }

    /// Reads a part of the state into what is shown.
    pub fn restore_part<T: Scalar>(&self, show: impl Show<T>) -> Result<(), TrainError> {
        read_part_of_state(&self.path.join(STATE), show)
    }
}

/// All files of a checkpoint but the manifest.
fn names<'a>(files: &[&'a str]) -> Vec<&'a str> {
    [STATE].into_iter().chain(files.iter().copied()).collect()
}
