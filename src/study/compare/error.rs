//! Why runs cannot be compared.

use std::path::PathBuf;

use crate::train::{Change, TrainError};

/// Why runs cannot be compared, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// A run that cannot be read, or a setting or environment that does not exist.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// A folder without runs.
    #[error("there is no run in {0}")]
    NoRuns(PathBuf),
    /// No run is left.
    #[error("none of the runs is finished; go on with them by `softac resume`")]
    NoneFinished,
    /// A run that has not come to its end.
    #[error(
        "{folder} is not finished ({done} of {total} steps): go on with it by `softac resume {folder}`, or leave \
         such runs out, which may flatter those that are left, with --allow-unfinished"
    )]
    Unfinished {
        /// The run's folder.
        folder: String,
        /// Environment steps at its last evaluation.
        done: u64,
        /// Environment steps it is to have.
        total: u64,
    },
    /// A run without the evaluation by which runs are compared.
    #[error(
        "{folder} has no final evaluation, by which runs are compared: its n_final_eval_episodes is 0"
    )]
    NotEvaluated {
        /// The run's folder.
        folder: String,
    },
    /// A run that is there twice.
    #[error("{first} and {second} are the same run: counted twice, they would look like two")]
    Twice {
        /// One folder.
        first: String,
        /// The other.
        second: String,
    },
    /// A group of runs with different settings.
    #[error(
        "the runs of `{group}` are not of one configuration: `{key}` is {then} in {first} and {now} in {second}; \
         tell them apart with --by {key}, or by folders",
        key = change.key, then = change.then, now = change.now, first = runs.0, second = runs.1
    )]
    Mixed {
        /// The group.
        group: String,
        /// A setting that differs.
        change: Box<Change>,
        /// The folders of two runs between which it does.
        runs: Box<(String, String)>,
    },
    /// Runs of several environments, each given on its own.
    #[error(
        "the runs are of several environments ({0}): say which belong together by giving folders of \
         runs, one for each group, or with --by SETTING"
    )]
    SeveralEnvironments(String),
    /// A group without runs in an environment where another has some.
    #[error(
        "`{group}` has no runs in {env}, but another group has: only the same tasks can be compared"
    )]
    OtherTasks {
        /// The group.
        group: String,
        /// The environment.
        env: String,
    },
    /// A range for an environment that no run is of, or a missing one.
    #[error("{0}")]
    Range(String),
}

impl CompareError {
    /// Whether the fault lies in how the program was called, rather than in what it met.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Train(error) => error.is_usage(),
            Self::NoRuns(_)
            | Self::NoneFinished
            | Self::Unfinished { .. }
            | Self::NotEvaluated { .. } => false,
            Self::Twice { .. }
            | Self::Mixed { .. }
            | Self::SeveralEnvironments(_)
            | Self::OtherTasks { .. }
            | Self::Range(_) => true,
        }
    }
}
