//! The runs that are there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::CompareError;
use crate::train::run_folder::{CONFIG, EVALUATIONS, is_finished};
use crate::train::{Config, EvaluationRow, RunFolder, TrainError};

/// A run, as far as it matters here.
pub(super) struct Run {
    pub path: PathBuf,
    pub config: Config,
    pub evaluations: Vec<EvaluationRow>,
}

impl Run {
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        let folder = RunFolder::open(path)?;
        let config = folder.config()?;
        // A run that has hardly begun has no evaluations yet.
        let begun = folder.file(EVALUATIONS).exists();
        let evaluations = if begun { folder.evaluations()? } else { vec![] };
        let broken = evaluations.iter().find(|row| !row.mean_reward.is_finite());
        if let Some(EvaluationRow { timesteps, mean_reward, .. }) = broken {
            let reason = format!("the mean return after {timesteps} steps is {mean_reward}");
            return Err(TrainError::damaged(&folder.file(EVALUATIONS), reason));
        }
        Ok(Self { path: path.to_path_buf(), config, evaluations })
    }

    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    pub fn env(&self) -> &str {
        &self.config.run.env
    }

    pub fn is_finished(&self) -> bool {
        is_finished(&self.config, &self.evaluations)
    }

    pub fn unfinished(&self) -> CompareError {
        CompareError::Unfinished {
            folder: self.name(),
            done: self.evaluations.last().map_or(0, |row| row.timesteps),
            total: self.config.run.total_timesteps,
        }
    }

    /// The mean return of the final evaluation, of a run that is finished.
    pub fn score(&self) -> f64 {
        self.evaluations.last().expect("it is finished").mean_reward
    }
}

/// Refuses to count a run twice, whatever it is called.
pub(super) fn check_distinct(runs: &[&Run]) -> Result<(), CompareError> {
    let mut seen = BTreeMap::new();
    for run in runs {
        let place = fs::canonicalize(&run.path).map_err(TrainError::io("open", &run.path))?;
        if let Some(first) = seen.insert(place, run) {
            return Err(CompareError::Twice { first: first.name(), second: run.name() });
        }
    }
    Ok(())
}

/// All run folders in this one, at any depth, in the order of their names. Links to folders are not followed:
/// they may lead round.
pub(super) fn runs_below(folder: &Path) -> Result<Vec<PathBuf>, TrainError> {
    if folder.join(CONFIG).is_file() {
        return Ok(vec![folder.to_path_buf()]);
    }
    let read = |error| TrainError::io("read", folder)(error);
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder).map_err(read)? {
        let entry = entry.map_err(read)?;
        if entry.file_type().map_err(read)?.is_dir() {
            folders.push(entry.path());
        }
    }
    folders.sort();
    let runs: Vec<_> = folders.iter().map(|folder| runs_below(folder)).collect::<Result<_, _>>()?;
    Ok(runs.concat())
}
