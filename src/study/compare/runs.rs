//! The runs that are there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

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
        if self.config.run.n_final_eval_episodes == 0 {
            return CompareError::NotEvaluated { folder: self.name() };
        }
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

    /// The share of successes in the final evaluation, if the environment told.
    pub fn success_rate(&self) -> Option<f64> {
        self.evaluations.last()?.success_rate
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

/// All run folders in this one, at any depth, in the order of their names. Links to folders are followed, and each real
/// folder counts once, so that links may lead round.
pub(super) fn runs_below(folder: &Path) -> Result<Vec<PathBuf>, TrainError> {
    let mut runs = Vec::new();
    collect(folder, &mut BTreeSet::new(), &mut runs)?;
    Ok(runs)
}

fn collect(
    folder: &Path,
    seen: &mut BTreeSet<PathBuf>,
    runs: &mut Vec<PathBuf>,
) -> Result<(), TrainError> {
    let read = |error| TrainError::io("read", folder)(error);
    if !seen.insert(fs::canonicalize(folder).map_err(read)?) {
        return Ok(());
    }
    if folder.join(CONFIG).is_file() {
        runs.push(folder.to_path_buf());
        return Ok(());
    }
    let entries = fs::read_dir(folder).map_err(read)?;
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>();
    let mut folders: Vec<_> = paths.map_err(read)?;
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders.iter().try_for_each(|folder| collect(folder, seen, runs))
}
