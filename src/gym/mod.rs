//! Gymnasium's environments, computed by the user's own Python in a process of its own.
//!
//! | file | holds |
//! |---|---|
//! | `spec.rs` | [`GymSpec`]: id, arguments and wrappers of an environment |
//! | `bridge.py` | the Python side, which says what the frames are; it is part of the program |
//! | `link.rs` | the process, and the frames to it and from it |
//! | `failure.rs` | what can fail, in words |
//! | `environment.rs` | [`GymEnv`] |
//! | `journal.rs` | an episode as its seed and its actions, from which it can be played again |
//!
//! The bridge is for systems with Unix sockets.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

#[cfg(unix)]
mod environment;
#[cfg(unix)]
mod failure;
mod journal;
#[cfg(unix)]
mod link;
mod spec;

#[cfg(unix)]
pub use environment::GymEnv;
pub use journal::{Journal, Recorded};
pub use spec::{Arguments, GymSpec, Wrapper, Wrappers};

/// What the names of Gymnasium's environments begin with, as in `gym:HalfCheetah-v5`.
pub const PREFIX: &str = "gym:";

/// How Gymnasium's environments are run: a matter of the machine, not of the training.
#[derive(Clone, Debug)]
pub struct GymOptions {
    /// The Python interpreter, by path or by a name that is looked up in `PATH`.
    pub python: PathBuf,
    /// How long a call of the environment may take; the start may take a minute even where this is less.
    pub timeout: Duration,
    /// Whether the environment is to be looked at: made with `render_mode="rgb_array"`.
    pub draw: bool,
    /// Lets the module of an id `module:name` lie in the current folder. Otherwise it is one that is installed, or in a
    /// folder that the variable PYTHONPATH names. Code of a module is run: set it where a person named the module, and
    /// not where a file from elsewhere does.
    pub trusts_current_folder: bool,
    /// Ends the replay of an episode with [`EnvError::Interrupted`](crate::env::EnvError::Interrupted) once another thread
    /// sets it.
    pub interrupted: Arc<AtomicBool>,
}

impl Default for GymOptions {
    /// `python3`, a minute, and no module from the current folder.
    fn default() -> Self {
        Self {
            python: "python3".into(),
            timeout: Duration::from_secs(60),
            draw: false,
            trusts_current_folder: false,
            interrupted: Arc::default(),
        }
    }
}
