//! What a training writes while it goes on.

use std::fs::File;

use super::checkpoint::Checkpoints;
use super::resume::Origin;
use super::rows::RowWriter;
use super::run_folder::{CONFIG, EVALUATIONS, METRICS, write_whole};
use super::tensors::Show;
use super::{EvaluationRow, MetricsRow, RunFolder, SavedPolicy, TrainError};
use crate::Scalar;

/// The open files of a run, or nothing.
pub(super) struct Output(Option<Files>);

struct Files {
    folder: RunFolder,
    metrics: RowWriter,
    evaluations: RowWriter,
    checkpoints: Checkpoints,
    /// Held so that no other process trains here.
    _lock: File,
}

impl Output {
    /// Makes the files of a run that begins, or brings those of a run that goes on to where it goes on from.
    pub fn open(folder: Option<&RunFolder>, origin: Origin) -> Result<Self, TrainError> {
        folder.map(|folder| Files::open(folder, origin)).transpose().map(Self)
    }

    pub fn write_metrics(&mut self, row: &MetricsRow) -> Result<(), TrainError> {
        self.0.as_mut().map_or(Ok(()), |files| files.metrics.write(row))
    }

    pub fn write_evaluation(&mut self, row: &EvaluationRow) -> Result<(), TrainError> {
        self.0.as_mut().map_or(Ok(()), |files| files.evaluations.write(row))
    }

    pub fn save_policy<T: Scalar>(&self, policy: &SavedPolicy<T>) -> Result<(), TrainError> {
        self.0.as_ref().map_or(Ok(()), |files| files.folder.save_policy(policy))
    }

    pub fn save_best_policy<T: Scalar>(&self, policy: &SavedPolicy<T>) -> Result<(), TrainError> {
        self.0.as_ref().map_or(Ok(()), |files| files.folder.save_best_policy(policy))
    }

    /// Writes a checkpoint, of which the last `keep` stay.
    pub fn save_checkpoint<T: Scalar>(
        &self,
        timesteps: u64,
        keep: usize,
        show: impl Show<T>,
    ) -> Result<(), TrainError> {
        self.0.as_ref().map_or(Ok(()), |files| files.checkpoints.save(timesteps, keep, show))
    }
}

impl Files {
    fn open(folder: &RunFolder, origin: Origin) -> Result<Self, TrainError> {
        let lock = folder.lock()?;
        let (metrics, evaluations) = (folder.file(METRICS), folder.file(EVALUATIONS));
        let (metrics, evaluations) = match origin {
            Origin::Fresh => (
                RowWriter::create::<MetricsRow>(metrics)?,
                RowWriter::create::<EvaluationRow>(evaluations)?,
            ),
            Origin::Resumed(files) => {
                write_whole(&folder.file(CONFIG), &files.config)?;
                write_whole(&metrics, &files.metrics)?;
                write_whole(&evaluations, &files.evaluations)?;
                (RowWriter::append(metrics)?, RowWriter::append(evaluations)?)
            }
            Origin::UnderWay => (RowWriter::append(metrics)?, RowWriter::append(evaluations)?),
        };
        let checkpoints = folder.checkpoints();
        Ok(Self { folder: folder.clone(), metrics, evaluations, checkpoints, _lock: lock })
    }
}
