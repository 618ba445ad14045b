//! Environments by name, wherever they are computed.

use crate::env::{self, Env, EnvError, EnvSpec};
use crate::gym::{self, GymOptions, GymSpec};

/// An environment that can be trained in: one of this crate's, or one of Gymnasium's.
///
/// ```
/// use softac::train::Task;
/// assert_eq!(Task::find("pendulum")?.name(), "Pendulum-v1");
/// assert_eq!(Task::find("gym:HalfCheetah-v5")?.name(), "gym:HalfCheetah-v5");
/// # Ok::<(), softac::env::EnvError>(())
/// ```
#[derive(Clone, Debug)]
pub enum Task {
    /// One of [`env::registry`].
    Native(&'static EnvSpec),
    /// One of Gymnasium's.
    Gymnasium(GymSpec),
}

impl Task {
    /// The environment of this id or alias, or behind `gym:` that of this id in Gymnasium. Whether there is one
    /// is known only when it is made.
    ///
    /// # Errors
    /// [`EnvError::Unknown`], which lists the names there are.
    pub fn find(name: &str) -> Result<Self, EnvError> {
        if name.strip_prefix(gym::PREFIX).is_some_and(|id| !id.is_empty()) {
            return Ok(Self::Gymnasium(GymSpec::new(name)));
        }
        env::find(name).map(Self::Native).map_err(|error| match error {
            EnvError::Unknown { name, known } => {
                let known = format!("{known}; and every one of Gymnasium's, as gym:HalfCheetah-v5");
                EnvError::Unknown { name, known }
            }
            other => other,
        })
    }

    /// The name by which a configuration names it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Native(spec) => spec.id,
            Self::Gymnasium(spec) => spec.name(),
        }
    }

    /// A new environment of this kind, within its time limit.
    ///
    /// # Errors
    /// What Gymnasium refused; none for those of this crate.
    pub fn make(&self, options: &GymOptions) -> Result<Box<dyn Env>, EnvError> {
        match self {
            Self::Native(spec) => Ok(spec.make()),
            Self::Gymnasium(spec) => start(spec, options),
        }
    }
}

impl From<&'static EnvSpec> for Task {
    fn from(spec: &'static EnvSpec) -> Self {
        Self::Native(spec)
    }
}

#[cfg(unix)]
fn start(spec: &GymSpec, options: &GymOptions) -> Result<Box<dyn Env>, EnvError> {
    Ok(Box::new(gym::GymEnv::start(spec.clone(), options)?))
}

#[cfg(not(unix))]
fn start(spec: &GymSpec, _options: &GymOptions) -> Result<Box<dyn Env>, EnvError> {
    let message =
        "Gymnasium's environments need a system with Unix sockets; on Windows, WSL is one";
    let fault = env::ExternalFault::Unavailable;
    Err(EnvError::External { env: spec.name().into(), fault, message: message.into() })
}
