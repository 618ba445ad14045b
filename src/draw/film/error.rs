//! Why there is no film.

use std::io;
use std::path::{Path, PathBuf};

use crate::env::{EnvError, registry};

/// Why episodes could not be filmed, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum FilmError {
    /// The environment refused a call.
    #[error(transparent)]
    Env(#[from] EnvError),
    /// An environment that cannot be looked at.
    #[error(
        "{env} has no picture; those that have one are {with}, and Gymnasium's, as gym:Pendulum-v1"
    )]
    NoPicture {
        /// The environment.
        env: String,
        /// Those of this crate that have a picture.
        with: String,
    },
    /// A file of no kind that is known.
    #[error("{0} has none of the endings .gif, .svg, .mp4 and .png, which say what is made")]
    Ending(PathBuf),
    /// An option that cannot be.
    #[error("`{option}` is {value}; {rule}")]
    Option {
        /// Its name.
        option: &'static str,
        /// Its value.
        value: String,
        /// What it must be.
        rule: String,
    },
    /// A picture that cannot be drawn.
    #[error("cannot draw what the environment shows: {0}")]
    Draw(String),
    /// A file that cannot be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What makes MP4 is missing or has failed.
    #[error("cannot make {path}: {reason}")]
    Mp4 {
        /// The file.
        path: PathBuf,
        /// What is missing, or what was said.
        reason: String,
    },
}

impl FilmError {
    pub(super) fn no_picture(env: &str) -> Self {
        let has_one = |env: &mut dyn crate::env::Env| matches!(env.picture(None), Ok(Some(_)));
        let specs = registry().iter().filter(|spec| has_one(spec.make().as_mut()));
        let with = specs.map(|spec| spec.id).collect::<Vec<_>>().join(", ");
        Self::NoPicture { env: env.into(), with }
    }

    pub(super) fn option(option: &'static str, value: String, rule: &str) -> Self {
        Self::Option { option, value, rule: rule.into() }
    }

    pub(super) fn draw(reason: impl ToString) -> Self {
        Self::Draw(reason.to_string())
    }

    pub(super) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Write { path, source }
    }

    /// Whether the fault lies in how the program was called, rather than in what it met.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::NoPicture { .. } | Self::Ending(_) | Self::Option { .. })
    }
}
