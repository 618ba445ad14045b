//! Going on with a run from its last good checkpoint.

use super::change::Change;
use super::config::Config;
use super::error::TrainError;
use super::metrics::{EvaluationRow, MetricsRow};
use super::origin::{Files, Origin};
use super::rows::header;
use super::run_folder::{CONFIG, EVALUATIONS, METRICS, RunFolder};
use super::trainer::Trainer;
use crate::Scalar;
use crate::agent::{Algorithm, Metrics};
use crate::algorithms::sac::Sac;

/// Settings that a run may change on its way: they change nothing in what has been done. The first one does
/// if the learning rate depends on it.
const CHANGEABLE: [&str; 4] =
    ["total_timesteps", "checkpoint_freq", "keep_checkpoints", "tensorboard"];

/// A training that goes on.
pub struct Resumed<T: Scalar, A: Algorithm<T> = Sac<T>> {
    /// The training.
    pub trainer: Trainer<T, A>,
    /// Environment steps that were done; 0 if there was no checkpoint yet, and the run begins anew.
    pub timesteps: u64,
    /// Why younger checkpoints could not be used.
    pub passed_over: Vec<TrainError>,
    /// Whether an environment cannot be restored, so that its episode was given up and another one begins.
    pub episode_restarted: bool,
}

impl<T: Scalar, A: Algorithm<T>> Trainer<T, A> {
    /// The training of a run's folder, at its last good checkpoint; at its beginning, if there is none.
    ///
    /// `make` makes a training of the run's configuration. Its `total_timesteps` may be another: without a
    /// learning-rate schedule, more steps after the end are the steps of a longer run, to the bit. Nothing in
    /// the folder is changed before the training goes on.
    ///
    /// # Errors
    /// What `make` said; [`TrainError::ConfigChanged`]; [`TrainError::NoGoodCheckpoint`]; or a folder that
    /// cannot be read.
    pub fn resume(
        folder: &RunFolder,
        make: impl Fn() -> Result<Self, TrainError>,
    ) -> Result<Resumed<T, A>, TrainError> {
        let mut passed_over = Vec::new();
        let checkpoints = folder.checkpoints();
        for path in checkpoints.list()? {
            let attempt = checkpoints.open(&path).and_then(|checkpoint| {
                let mut trainer = make()?;
                let then = Config::from_file(&path.join(CONFIG), checkpoint.file(CONFIG)?)?;
                then.check_unchanged(trainer.config())?;
                let files = Files {
                    config: trainer.config().to_toml()?.into(),
                    metrics: checkpoint.file(METRICS)?,
                    evaluations: checkpoint.file(EVALUATIONS)?,
                };
                let mut lost = Vec::new();
                checkpoint.restore(|visitor| {
                    lost = trainer.visit(visitor)?;
                    Ok(())
                })?;
                let (steps, timesteps) = (trainer.learner().steps(), checkpoint.timesteps);
                if steps != timesteps {
                    let reason =
                        format!("its manifest is of step {timesteps}, its state of {steps}");
                    return Err(TrainError::damaged(&path, reason));
                }
                trainer.begin_from(Origin::Resumed(files), &lost);
                Ok((trainer, timesteps, !lost.is_empty()))
            });
            match attempt {
                Ok((trainer, timesteps, episode_restarted)) => {
                    return Ok(Resumed { trainer, timesteps, passed_over, episode_restarted });
                }
                Err(error @ (TrainError::Damaged { .. } | TrainError::Io { .. })) => {
                    passed_over.push(error);
                }
                Err(error) => return Err(error),
            }
        }
        if !passed_over.is_empty() {
            let reasons: Vec<_> = passed_over.iter().map(ToString::to_string).collect();
            let (folder, reason) = (folder.path().to_path_buf(), reasons.join("; "));
            return Err(TrainError::NoGoodCheckpoint { folder, reason });
        }
        let mut trainer = make()?;
        trainer.load_start(folder)?;
        let files = Files {
            config: trainer.config().to_toml()?.into(),
            metrics: header(&MetricsRow::new(A::Metrics::COLUMNS)).into(),
            evaluations: header(&EvaluationRow::default()).into(),
        };
        trainer.begin_from(Origin::Resumed(files), &[]);
        Ok(Resumed { trainer, timesteps: 0, passed_over, episode_restarted: false })
    }
}

impl Config {
    /// Refuses settings that would make another run of the one with this configuration.
    ///
    /// # Errors
    /// [`TrainError::ConfigChanged`]
    pub fn check_unchanged(&self, now: &Self) -> Result<(), TrainError> {
        let except = if now.run.rates_depend_on_the_end() { &CHANGEABLE[1..] } else { &CHANGEABLE };
        self.first_change(now, except).map_or(Ok(()), |Change { key, then, now }| {
            Err(TrainError::ConfigChanged { key, then, now })
        })
    }
}
