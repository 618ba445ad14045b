//! What a training writes while it goes on.

use super::checkpoint::Checkpoints;
use super::error::TrainError;
use super::metrics::{EvaluationRow, MetricsRow};
use super::origin::Origin;
use super::policy_file::SavedPolicy;
use super::rows::{Row, RowWriter};
use super::run_folder::{CONFIG, EVALUATIONS, Lock, METRICS, RunFolder};
use super::tensorboard::EventWriter;
use super::tensors::Show;
use crate::Scalar;
use crate::agent::Column;
use crate::files::write_whole;

/// The open files of a run, or nothing.
pub(super) struct Output(Option<Files>);

struct Files {
    folder: RunFolder,
    metrics: RowWriter,
    evaluations: RowWriter,
    events: Option<EventWriter>,
    checkpoints: Checkpoints,
    /// Held so that no other process trains here.
    lock: Lock,
}

impl Output {
    /// Makes the files of a run that begins, or brings those of a run that goes on to where it goes on from:
    /// after `timesteps` environment steps.
    pub fn open(
        folder: Option<&RunFolder>,
        origin: Origin,
        columns: &[Column],
        timesteps: u64,
        tensorboard: bool,
    ) -> Result<Self, TrainError> {
        let Some(folder) = folder else { return Ok(Self(None)) };
        let goes_on = !matches!(origin, Origin::Fresh);
        let mut files = Files::open(folder, origin, columns)?;
        if tensorboard {
            files.events = Some(events(folder, columns, timesteps, goes_on)?);
        }
        Ok(Self(Some(files)))
    }

    /// What a user should know of the folder.
    pub fn warning(&self) -> Option<String> {
        self.0.as_ref().and_then(|files| files.lock.warning())
    }

    pub fn write_metrics(&mut self, row: &MetricsRow) -> Result<(), TrainError> {
        let Some(Files { metrics, events, .. }) = &mut self.0 else { return Ok(()) };
        metrics.write(row)?;
        events.as_mut().map_or(Ok(()), |events| events.write(row.timesteps, row.scalars()))
    }

    pub fn write_evaluation(&mut self, row: &EvaluationRow) -> Result<(), TrainError> {
        let Some(Files { evaluations, events, .. }) = &mut self.0 else { return Ok(()) };
        evaluations.write(row)?;
        events.as_mut().map_or(Ok(()), |events| events.write(row.timesteps, row.scalars()))
    }

    /// From now on nothing is written for TensorBoard: it would not forget the row of an interruption, which
    /// does not stay in the metrics of a run that goes on.
    pub fn close_events(&mut self) {
        if let Some(files) = &mut self.0 {
            files.events = None;
        }
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
    fn open(folder: &RunFolder, origin: Origin, columns: &[Column]) -> Result<Self, TrainError> {
        let lock = folder.lock()?;
        let (metrics, evaluations) = (folder.file(METRICS), folder.file(EVALUATIONS));
        let (metrics, evaluations) = match origin {
            Origin::Fresh => (
                RowWriter::create(metrics, &MetricsRow::new(columns))?,
                RowWriter::create(evaluations, &EvaluationRow::default())?,
            ),
            Origin::Resumed(files) => {
                for (path, bytes) in [
                    (&folder.file(CONFIG), &files.config),
                    (&metrics, &files.metrics),
                    (&evaluations, &files.evaluations),
                ] {
                    write_whole(path, bytes).map_err(TrainError::io("write", path))?;
                }
                (RowWriter::append(metrics)?, RowWriter::append(evaluations)?)
            }
            Origin::UnderWay => (RowWriter::append(metrics)?, RowWriter::append(evaluations)?),
        };
        let checkpoints = folder.checkpoints();
        Ok(Self { folder: folder.clone(), metrics, evaluations, events: None, checkpoints, lock })
    }
}

/// A new file for TensorBoard. Where a run goes on, it makes TensorBoard forget the last step too, which an end may have
/// added to, and holds the rows of that step again.
fn events(
    folder: &RunFolder,
    columns: &[Column],
    timesteps: u64,
    goes_on: bool,
) -> Result<EventWriter, TrainError> {
    if !goes_on {
        return EventWriter::create(folder.path(), 0);
    }
    let mut events = EventWriter::create(folder.path(), timesteps.max(1))?;
    for row in folder.metrics_of(columns)?.iter().filter(|row| row.timesteps == timesteps) {
        events.write(timesteps, row.scalars())?;
    }
    for row in folder.evaluations()?.iter().filter(|row| row.timesteps == timesteps) {
        events.write(timesteps, row.scalars())?;
    }
    Ok(events)
}
