//! Why a run cannot begin, go on, or be read.

use std::io;
use std::path::{Path, PathBuf};

use crate::agent::settings::ConfigError;
use crate::env::{EnvError, ExternalFault};
use crate::files::FileError;
use crate::learner::LearnerError;
use crate::replay::ReplayError;

/// What went wrong in training or evaluating, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A setting with a value that cannot be.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A setting that does not exist.
    #[error("there is no setting `{key}`; {}`softac settings` lists all", hint(nearest.as_deref()))]
    UnknownKey {
        /// The name that was given.
        key: String,
        /// The name that was meant, perhaps.
        nearest: Option<String>,
    },
    /// A setting of another algorithm.
    #[error("`{key}` is a setting of {owners}, not of {algo}; remove it, or choose another `algo`")]
    OtherAlgo {
        /// The setting.
        key: String,
        /// The algorithms that have it.
        owners: String,
        /// The run's algorithm.
        algo: String,
    },
    /// An algorithm that does not exist.
    #[error("there is no algorithm `{name}`; `algo` must be one of: {known}")]
    UnknownAlgo {
        /// The name that was given.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A configuration that is no TOML, or has values of the wrong type.
    #[error("{origin}: {reason}")]
    ConfigSyntax {
        /// The file or flag.
        origin: String,
        /// What the parser said.
        reason: String,
    },
    /// Settings that name another environment than the run's.
    #[error(
        "the settings are for `{settings}`, not for `{env}`; train in that, or remove their `env`"
    )]
    OtherEnv {
        /// The environment that the settings name.
        settings: String,
        /// The environment of the run.
        env: String,
    },
    /// The environment refused a call, or there is none of this name.
    #[error(transparent)]
    Env(#[from] EnvError),
    /// The learner stopped.
    #[error(transparent)]
    Learner(#[from] LearnerError),
    /// A training that met a NaN or an infinity, and what is needed to find it again.
    #[error("{source}; `softac replay-fault {folder}` finds it again", folder = folder.display())]
    Fault {
        /// What was met.
        source: Box<TrainError>,
        /// Where it is kept: see [`Fault`](super::Fault).
        folder: PathBuf,
    },
    /// A run folder that would be written over.
    #[error(
        "{0} exists already and nothing is overwritten; go on with what is there by \
         `softac resume {0}`, or choose another folder with --out DIR"
    )]
    RunExists(PathBuf),
    /// A run in whose folder another process is training.
    #[error("another process is training in {0}; wait for it, or stop it")]
    Busy(PathBuf),
    /// A run none of whose checkpoints is good.
    #[error(
        "no checkpoint of {folder} can be used: {reason}; to begin the run anew, remove its \
         checkpoints folder"
    )]
    NoGoodCheckpoint {
        /// The run's folder.
        folder: PathBuf,
        /// What is wrong with each, the youngest first.
        reason: String,
    },
    /// A run whose configuration was changed after its last checkpoint.
    #[error(
        "`{key}` is {now} in the configuration, but the checkpoint was made with {then}: a run is the same \
         all the way; put it back, or begin another run"
    )]
    ConfigChanged {
        /// The setting.
        key: String,
        /// Its value in the checkpoint.
        then: String,
        /// Its value in `config.toml` or on the command line.
        now: String,
    },
    /// A run that a training cannot begin with.
    #[error(
        "cannot begin with what {folder} learned: {reason}; algorithm, precision, net_arch, n_critics, norm_obs, norm_reward \
         and an automatic ent_coef must be the same, for its replay buffer also num_envs, and buffer_size must not be lower"
    )]
    OtherStart {
        /// The run's folder.
        folder: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// A folder that is no run.
    #[error("{folder} is no run folder: it has no {missing}")]
    NotARun {
        /// The folder.
        folder: PathBuf,
        /// The file that every run folder has.
        missing: &'static str,
    },
    /// A file that does not hold what it should.
    #[error("{path} is damaged or no file of softac: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A policy file of a format that this version does not know.
    #[error(
        "{path} has the format `{found}`, which softac {version} does not know; update softac",
        version = env!("CARGO_PKG_VERSION")
    )]
    UnknownPolicyFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: String,
    },
    /// A policy file with a policy of a kind that this version does not know.
    #[error(
        "{path} holds a policy of the kind `{found}`, which softac {version} does not know; update softac",
        version = env!("CARGO_PKG_VERSION")
    )]
    UnknownPolicyKind {
        /// The file.
        path: PathBuf,
        /// Its kind.
        found: String,
    },
    /// A policy and an environment with other spaces.
    #[error("the policy was trained in {trained}; its spaces are not those of {env}: {difference}")]
    OtherSpaces {
        /// The environment of the policy.
        trained: String,
        /// The environment that it was to act in.
        env: String,
        /// The first difference, with both values.
        difference: String,
    },
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
}

impl TrainError {
    /// Wraps what the system said about a path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { action, path, source }
    }

    /// Wraps what is wrong with a file's contents.
    pub(crate) fn damaged(path: &Path, reason: impl ToString) -> Self {
        let reason = reason.to_string().trim_end().to_string();
        Self::Damaged { path: path.to_path_buf(), reason }
    }

    /// Wraps what is wrong with a configuration.
    pub(crate) fn syntax(origin: &str, reason: impl ToString) -> Self {
        let reason = reason.to_string().trim_end().to_string();
        Self::ConfigSyntax { origin: origin.to_string(), reason }
    }

    /// Whether it is the environment that failed in a training, so that all until then was saved.
    #[must_use]
    pub fn is_of_an_environment(&self) -> bool {
        match self {
            Self::Fault { source, .. } => source.is_of_an_environment(),
            Self::Env(_) | Self::Learner(LearnerError::Env(_) | LearnerError::NotFinite { .. }) => {
                true
            }
            _ => false,
        }
    }

    /// Whether the fault lies in how the program was called, rather than in what it met.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Config(_)
                | Self::UnknownKey { .. }
                | Self::OtherAlgo { .. }
                | Self::UnknownAlgo { .. }
                | Self::ConfigSyntax { .. }
                | Self::OtherEnv { .. }
                | Self::RunExists(_)
                | Self::ConfigChanged { .. }
                | Self::OtherStart { .. }
                | Self::Env(
                    EnvError::Unknown { .. }
                        | EnvError::External {
                            fault: ExternalFault::Unknown | ExternalFault::Unsupported,
                            ..
                        }
                )
                | Self::Learner(
                    LearnerError::Config(_) | LearnerError::Replay(ReplayError::TooLarge { .. })
                )
        )
    }
}

impl From<FileError> for TrainError {
    fn from(FileError { action, path, source }: FileError) -> Self {
        Self::Io { action, path, source }
    }
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("did you mean `{name}`? "))
}
