//! Why a policy cannot be exported.

use std::io;
use std::path::{Path, PathBuf};

use crate::env::EnvError;
use crate::train::TrainError;

/// What went wrong in exporting, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A number that single precision does not hold.
    #[error(
        "{name} of the policy holds a number beyond single precision, in which exports compute; \
         train with max_grad_norm or a lower learning_rate"
    )]
    NotFinite {
        /// What holds it.
        name: String,
    },
    /// Bounds of an action so close to each other that no number in single precision lies between them.
    #[error(
        "no number in single precision lies within the bounds of action {dimension}; \
         give the environment a wider action space"
    )]
    NarrowBox {
        /// Which action.
        dimension: usize,
    },
    /// What is no name in C and Rust.
    #[error(
        "`{name}` cannot begin the names of functions in C and Rust: give a letter, and then letters, digits \
         and underscores, at most 40 in all and all in lower case"
    )]
    Name {
        /// The name that was given.
        name: String,
    },
    /// Integers lose more of the return than they may.
    #[error(
        "int8 loses up to {high} of the return (95 % bootstrap interval [{low}, {high}]), more than --max-return-loss \
         {max}; nothing was written. Export in single precision, or allow more"
    )]
    ReturnLoss {
        /// The lower end of the interval.
        low: f64,
        /// The upper end.
        high: f64,
        /// The most that was allowed.
        max: f64,
    },
    /// A file that would be written over.
    #[error("{0} exists already; --force writes over it, --out FILE writes elsewhere")]
    Exists(PathBuf),
    /// A file or folder that cannot be read or written.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried: `read`, `write`, `create`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program that is not installed.
    #[error("{tool} is not installed; mend it with: {install}")]
    NoTool {
        /// Its name.
        tool: String,
        /// What installs it.
        install: String,
    },
    /// A program that failed.
    #[error("{tool} failed: {reason}")]
    Tool {
        /// Its name.
        tool: String,
        /// What it said.
        reason: String,
    },
    /// What the environment refused.
    #[error(transparent)]
    Env(#[from] EnvError),
    /// What is wrong with the run.
    #[error(transparent)]
    Train(Box<TrainError>),
    /// A bug in a template.
    #[error("this policy brings out a bug of the templates, which is worth reporting: {0:#}")]
    Template(#[from] minijinja::Error),
}

impl ExportError {
    /// Wraps what the system said about a path.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { action, path, source }
    }

    /// Whether the fault lies in how the program was called, rather than in what it met.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Name { .. } | Self::Exists(_) => true,
            Self::Train(error) => error.is_usage(),
            _ => false,
        }
    }
}

impl From<TrainError> for ExportError {
    fn from(error: TrainError) -> Self {
        Self::Train(Box::new(error))
    }
}
