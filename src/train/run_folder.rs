//! The files of a run.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::checkpoint::Checkpoints;
use super::config::Config;
use super::error::TrainError;
use super::metrics::{EvaluationRow, MetricsRow};
use super::policy_file::SavedPolicy;
use crate::Scalar;
use crate::agent::Column;
use crate::files::{self, remove_left_over, write_whole};

pub(crate) const CONFIG: &str = "config.toml";
pub(super) const METRICS: &str = "metrics.csv";
pub(crate) const EVALUATIONS: &str = "evaluations.csv";
pub(super) const POLICY: &str = "policy.safetensors";
const BEST_POLICY: &str = "best_policy.safetensors";
const PLOTS: &str = "plots";
const CHECKPOINTS: &str = "checkpoints";
const START: &str = "start";
const FAULTS: &str = "faults";
const LOCK: &str = ".lock";

/// A run's folder: `config.toml`, `metrics.csv`, `evaluations.csv`, `events.out.tfevents.…`, `plots/`,
/// `checkpoints/`, `policy.safetensors` and `best_policy.safetensors`.
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
        let exists = || TrainError::RunExists(path.to_path_buf());
        if path.exists() {
            let empty = fs::read_dir(path).map(|mut entries| entries.next().is_none());
            empty.unwrap_or(false).then_some(()).ok_or_else(exists)?;
        }
        let text = config.to_toml()?;
        fs::create_dir_all(path).map_err(TrainError::io("create", path))?;
        let plots = path.join(PLOTS);
        // Of two trainings that begin at once in the same folder, it is whose makes this one.
        fs::create_dir(&plots).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(),
            _ => TrainError::io("create", &plots)(error),
        })?;
        let run = Self { path: path.to_path_buf() };
        let config = run.path.join(CONFIG);
        write_whole(&config, text.as_bytes()).map_err(TrainError::io("write", &config))?;
        Ok(run)
    }

    /// Where runs in this environment go: `runs/<env>`, with `-` for what no name of a file should hold
    /// (`gym-HalfCheetah-v5`).
    #[must_use]
    pub fn place_of_env(runs: &Path, env: &str) -> PathBuf {
        runs.join(env.replace([':', '/', '\\'], "-"))
    }

    /// Makes `seed-<seed>` in the [place of the environment](RunFolder::place_of_env), or `…-2`, `…-3`, … where that
    /// exists.
    ///
    /// # Errors
    /// What the system said about the path.
    pub fn create_numbered(runs: &Path, config: &Config) -> Result<Self, TrainError> {
        let name = format!("seed-{}", config.run.seed);
        let folder = Self::place_of_env(runs, &config.run.env);
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
    /// A path that leads nowhere; [`TrainError::NotARun`] if there is no configuration in it.
    pub fn open(path: &Path) -> Result<Self, TrainError> {
        fs::metadata(path).map_err(TrainError::io("open", path))?;
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
        let bytes = files::read(&path).map_err(TrainError::io("read", &path))?;
        Config::from_file(&path, bytes)
    }

    /// That the configuration cannot be used, for this reason.
    #[must_use]
    pub fn damaged_config(&self, reason: impl ToString) -> TrainError {
        TrainError::damaged(&self.path.join(CONFIG), reason)
    }

    /// The rows of `metrics.csv`.
    ///
    /// # Errors
    /// A file that cannot be read, or holds other things.
    pub fn metrics(&self) -> Result<Vec<MetricsRow>, TrainError> {
        self.metrics_of(self.config()?.algo.columns())
    }

    /// The same, of an algorithm with these columns: the configuration is not read.
    ///
    /// # Errors
    /// A file that cannot be read, or holds other things.
    pub fn metrics_of(&self, columns: &[Column]) -> Result<Vec<MetricsRow>, TrainError> {
        MetricsRow::read(&self.path.join(METRICS), columns)
    }

    /// The rows of `evaluations.csv`.
    ///
    /// # Errors
    /// A file that cannot be read, or holds other things.
    pub fn evaluations(&self) -> Result<Vec<EvaluationRow>, TrainError> {
        EvaluationRow::read(&self.path.join(EVALUATIONS))
    }

    /// Tells whether the training reached its end, with the final evaluation if there is to be one. A training whose files
    /// cannot be read did not.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        let Ok(config) = self.config() else { return false };
        if config.run.n_final_eval_episodes > 0 {
            return self.evaluations().is_ok_and(|rows| is_finished(&config, &rows));
        }
        let last = self.metrics_of(config.algo.columns()).ok().and_then(|mut rows| rows.pop());
        last.is_some_and(|row| row.timesteps >= config.run.total_timesteps)
    }

    /// The policy. Its precision is the configuration's.
    ///
    /// # Errors
    /// A file that cannot be read, or is no policy of this precision.
    pub fn policy<T: Scalar>(&self) -> Result<SavedPolicy<T>, TrainError> {
        SavedPolicy::load(&self.path.join(POLICY))
    }

    /// The policy of the best evaluation during training. Its precision is the configuration's.
    ///
    /// # Errors
    /// A file that cannot be read, or is no policy of this precision.
    pub fn best_policy<T: Scalar>(&self) -> Result<SavedPolicy<T>, TrainError> {
        SavedPolicy::load(&self.path.join(BEST_POLICY))
    }

    /// Both policies, where there are such files.
    ///
    /// # Errors
    /// A file that cannot be read, or is no policy of this precision.
    pub(super) fn policies_so_far<T: Scalar>(
        &self,
    ) -> Result<[Option<SavedPolicy<T>>; 2], TrainError> {
        let [last, best] = [POLICY, BEST_POLICY].map(|name| {
            let path = self.path.join(name);
            path.exists().then(|| SavedPolicy::load(&path)).transpose()
        });
        Ok([last?, best?])
    }

    /// Writes the policy over the best one so far.
    ///
    /// # Errors
    /// What the system said about the path.
    pub fn save_best_policy<T: Scalar>(&self, policy: &SavedPolicy<T>) -> Result<(), TrainError> {
        policy.save(&self.path.join(BEST_POLICY))
    }

    /// Writes the policy over the last one.
    ///
    /// # Errors
    /// What the system said about the path.
    pub fn save_policy<T: Scalar>(&self, policy: &SavedPolicy<T>) -> Result<(), TrainError> {
        policy.save(&self.path.join(POLICY))
    }

    /// Where a file of this name is.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(super) fn faults(&self) -> PathBuf {
        self.path.join(FAULTS)
    }

    pub(super) fn checkpoints(&self) -> Checkpoints {
        Checkpoints::new(self.path.join(CHECKPOINTS), &[CONFIG, METRICS, EVALUATIONS])
    }

    /// What the run began with, if another run had learned it.
    pub(super) fn start(&self) -> Checkpoints {
        Checkpoints::new(self.path.join(START), &[])
    }

    /// Keeps other processes from training in this folder until what is returned is dropped, and removes
    /// what a killed one has left half written.
    pub(super) fn lock(&self) -> Result<Lock, TrainError> {
        let path = self.path.join(LOCK);
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(TrainError::io("create", &path))?;
        let lock = match file.try_lock() {
            Ok(()) => Lock::Held(file),
            Err(TryLockError::WouldBlock) => return Err(TrainError::Busy(self.path.clone())),
            Err(TryLockError::Error(error)) => Lock::refused(error, &path)?,
        };
        [&self.path, &self.plots()].into_iter().try_for_each(|folder| remove_left_over(folder))?;
        Ok(lock)
    }
}

/// A folder's lock.
pub(super) enum Lock {
    /// Released when the file is closed.
    Held(#[expect(dead_code, reason = "it is held, not read")] File),
    /// The file system has no locks, and said so.
    Unsupported(io::Error),
}

impl Lock {
    /// Without a lock a training goes on, where the file system has none (network file systems, above all).
    fn refused(error: io::Error, path: &Path) -> Result<Self, TrainError> {
        match error.kind() {
            // ENOSYS, ENOTSUP, EOPNOTSUPP
            io::ErrorKind::Unsupported => Ok(Self::Unsupported(error)),
            _ => Err(TrainError::io("lock", path)(error)),
        }
    }

    /// What a user should know, if the folder is not locked.
    pub fn warning(&self) -> Option<String> {
        match self {
            Self::Held(_) => None,
            Self::Unsupported(error) => Some(format!(
                "the file system does not lock files ({error}): see to it that no second process trains in this folder"
            )),
        }
    }
}

/// Whether the last of these evaluations is the final one: during training there is none after the last step.
/// One that ended early was evaluated twice at its end.
pub(crate) fn is_finished(config: &Config, evaluations: &[EvaluationRow]) -> bool {
    match evaluations {
        [.., last] if last.timesteps >= config.run.total_timesteps => true,
        [.., before, last] => before.timesteps == last.timesteps,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_system_without_locks_is_no_reason_to_stop() {
        let refused = |kind: io::ErrorKind| Lock::refused(kind.into(), Path::new("run/.lock"));
        let lock = refused(io::ErrorKind::Unsupported).unwrap();
        assert!(lock.warning().unwrap().contains("does not lock files"));
        for kind in [io::ErrorKind::PermissionDenied, io::ErrorKind::Other] {
            assert!(matches!(refused(kind), Err(TrainError::Io { action: "lock", .. })));
        }
    }
}
