//! Beginning a training with what another run learned.
//!
//! A run that begins so keeps a copy of its start in `start/`, so that its folder alone gives its bits, whatever becomes
//! of the other run.

use super::change::Change;
use super::checkpoint::Checkpoint;
use super::error::TrainError;
use super::run_folder::RunFolder;
use super::trainer::Trainer;
use crate::Scalar;
use crate::agent::Algorithm;
use crate::state::{StateError, Visitor};
use crate::tape::Shape;

/// Settings that decide what the pieces of a start mean.
const SAME: [&str; 4] = ["algo", "precision", "norm_obs", "norm_reward"];

impl<T: Scalar, A: Algorithm<T>> Trainer<T, A> {
    /// Begins with the networks, the temperature and the statistics of observations and rewards of another run at its
    /// last good checkpoint; with its replay buffer, too, if the configuration sets `with_replay`. Optimisers, random
    /// streams and counters are new. Gives the environment step of the checkpoint.
    ///
    /// # Errors
    /// [`TrainError::OtherStart`] if the other run has no good checkpoint, or none that fits this configuration: algorithm,
    /// precision, networks, `norm_obs` and `norm_reward` must be the same. The trainer is of no use then.
    pub fn start_from(&mut self, run: &RunFolder) -> Result<u64, TrainError> {
        let refused = |reason: String| {
            let folder = run.path().to_path_buf();
            TrainError::OtherStart { folder, reason }
        };
        let (then, now) = (run.config()?, self.config());
        if let Some(Change { key, then, now }) =
            then.first_change_where(now, |key| SAME.contains(&key))
        {
            return Err(refused(format!("its `{key}` is {then}, that of this training {now}")));
        }
        let (checkpoints, mut damage) = (run.checkpoints(), Vec::new());
        for path in checkpoints.list()? {
            match checkpoints.open(&path) {
                Ok(checkpoint) => {
                    let read = self.take(&checkpoint);
                    return read.map_err(|error| refused(error.to_string()));
                }
                Err(error) => damage.push(error.to_string()),
            }
        }
        damage.push("it has no good checkpoint".into());
        Err(refused(damage.join("; ")))
    }

    /// Keeps what this training begins with in the folder of its run; before its first step.
    ///
    /// # Errors
    /// What the system said about the folder.
    pub fn save_start(&mut self, folder: &RunFolder, timesteps: u64) -> Result<(), TrainError> {
        folder.start().save(timesteps, 1, |visitor| self.visit_start(visitor))
    }

    /// Begins with what the run in this folder began with, if that came from another run.
    pub(super) fn load_start(&mut self, folder: &RunFolder) -> Result<(), TrainError> {
        let start = folder.start();
        match (start.list()?.first(), &self.config().run.from) {
            (Some(path), _) => self.take(&start.open(path)?).map(|_| ()),
            (None, None) => Ok(()),
            (None, Some(_)) => {
                let reason = "the configuration says `from`, and the folder has no `start`";
                Err(folder.damaged_config(reason))
            }
        }
    }

    fn take(&mut self, checkpoint: &Checkpoint) -> Result<u64, TrainError> {
        checkpoint.restore_part(|visitor| self.visit_start(visitor))?;
        Ok(checkpoint.timesteps)
    }

    fn visit_start(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        let with_replay = self.config().run.with_replay;
        self.visit_learned(&mut WithoutOptimisers(visitor), with_replay)
    }
}

/// Shows a visitor all but optimisers and the count of updates.
struct WithoutOptimisers<'a, T>(&'a mut dyn Visitor<T>);

/// The name of a piece that belongs to an optimiser.
fn is_new(name: &str) -> bool {
    name.contains(".adam.") || name == "updates"
}

impl<T: Scalar> Visitor<T> for WithoutOptimisers<'_, T> {
    fn numbers(&mut self, name: &str, shape: Shape, values: &mut [T]) -> Result<(), StateError> {
        if is_new(name) { Ok(()) } else { self.0.numbers(name, shape, values) }
    }

    fn bytes(&mut self, name: &str, bytes: &mut [u8]) -> Result<(), StateError> {
        if is_new(name) { Ok(()) } else { self.0.bytes(name, bytes) }
    }

    fn words(&mut self, name: &str, words: &mut Vec<u64>) -> Result<(), StateError> {
        if is_new(name) { Ok(()) } else { self.0.words(name, words) }
    }
}
