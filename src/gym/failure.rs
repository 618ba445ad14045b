//! What can fail between this program and Python, in words that say what to do.

use std::io;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use crate::env::{EnvError, ExternalFault};

/// What has failed, and what to do about it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Failure {
    fault: ExternalFault,
    message: String,
}

impl Failure {
    fn new(fault: ExternalFault, message: String) -> Self {
        Self { fault, message }
    }

    /// As the error of the environment of this name.
    pub fn of(self, env: &str) -> EnvError {
        EnvError::External { env: env.into(), fault: self.fault, message: self.message }
    }

    /// Whether the environment can begin another episode after it.
    pub fn leaves_the_process(&self) -> bool {
        self.fault == ExternalFault::Raised
    }

    /// The interpreter cannot be started.
    pub fn no_interpreter(python: &Path, error: &io::Error) -> Self {
        let message = format!(
            "cannot start the Python interpreter `{}` ({error}); name another one with \
             `--python PATH`, or in the variable SOFTAC_PYTHON",
            python.display()
        );
        Self::new(ExternalFault::Unavailable, message)
    }

    /// There is no gymnasium, or a package is missing that the environment needs.
    pub fn no_package(python: &Path, text: &str) -> Self {
        let python = python.display();
        let advice = match package(text) {
            // Gymnasium often says itself what is to be installed.
            _ if text.contains("pip install") => format!("there, pip is `{python} -m pip`"),
            Some(package) => format!("install it there with `{python} -m pip install {package}`"),
            None => format!(
                "install what provides it with `{python} -m pip`, or, where it is a module of your own, name its \
                 folder in the variable PYTHONPATH"
            ),
        };
        let message = format!(
            "`{python}` lacks a package ({text}); {advice}, or name another interpreter with `--python PATH`"
        );
        Self::new(ExternalFault::Unavailable, message)
    }

    /// There is no module of the name that the id begins with.
    pub fn no_module(module: &str, trusts_current_folder: bool) -> Self {
        let advice = if trusts_current_folder {
            "it is neither in the current folder nor installed; go to its folder, or name that in the variable PYTHONPATH"
        } else {
            "it is not installed, and the current folder was not searched, since a file names it and its code would be \
             run; if you trust it, say `--trust`, or name its folder in the variable PYTHONPATH"
        };
        Self::new(
            ExternalFault::Unavailable,
            format!("there is no Python module `{module}`: {advice}"),
        )
    }

    /// Gymnasium does not make this environment.
    pub fn unknown(python: &Path, text: &str) -> Self {
        let message = format!(
            "gymnasium does not make this environment ({text}); `{} -c \"import gymnasium; \
             gymnasium.pprint_registry()\"` lists those that are installed",
            python.display()
        );
        Self::new(ExternalFault::Unknown, message)
    }

    /// A space that is no box; Python says what to do.
    pub fn unsupported(text: &str) -> Self {
        Self::new(ExternalFault::Unsupported, text.into())
    }

    /// The environment does not take its arguments, or a wrapper does not go around it; Python says which and why.
    pub fn not_made(text: &str) -> Self {
        Self::new(ExternalFault::Unknown, text.into())
    }

    /// There is no picture of the environment.
    pub fn undrawn(python: &Path, text: &str) -> Self {
        let advice = if text.contains("pygame") {
            format!("`{} -m pip install pygame` installs what draws it", python.display())
        } else {
            "those that OpenGL draws, MuJoCo's among them, need OpenGL where there is no screen, too: MUJOCO_GL=egl, \
             on Debian after `apt-get install libegl1 libgl1`"
                .into()
        };
        Self::new(ExternalFault::Unavailable, format!("it cannot be drawn: {text}; {advice}"))
    }

    /// An exception in the environment.
    pub fn raised(text: &str) -> Self {
        let message = format!("the environment raised {text}; its traceback is on standard error");
        Self::new(ExternalFault::Raised, message)
    }

    /// The process has ended.
    pub fn died(status: Option<ExitStatus>) -> Self {
        let status = status.map_or("it closed its end".into(), |status| status.to_string());
        let message = format!(
            "the Python process is gone ({status}); what it said last is on standard error; if it was \
             killed, the system may have run out of memory"
        );
        Self::new(ExternalFault::Died, message)
    }

    /// No answer in time.
    pub fn timed_out(timeout: Duration) -> Self {
        let message = format!(
            "the environment did not answer within {} s, and its Python process was ended; if it needs \
             longer, allow it with `--env-timeout SECONDS`",
            timeout.as_secs_f64()
        );
        Self::new(ExternalFault::TimedOut, message)
    }

    /// Whatever answers does not speak the protocol.
    pub fn no_bridge(python: &Path, what: &str) -> Self {
        let message = format!(
            "`{}` does not answer as softac's bridge ({what}); name a Python interpreter with \
             `--python PATH`",
            python.display()
        );
        Self::new(ExternalFault::Malformed, message)
    }

    /// An answer that contradicts what was agreed.
    pub fn malformed(text: &str) -> Self {
        let message = format!("{text}; mend the environment, `softac check-env` helps");
        Self::new(ExternalFault::Malformed, message)
    }

    /// The same seed and actions gave another episode.
    pub fn not_reproduced() -> Self {
        let message = "played again with the same seed and actions, the episode was another one; \
                       `softac check-env` tells where";
        Self::new(ExternalFault::NotReproduced, message.into())
    }
}

/// The package that is missing, as pip calls it, of those that Gymnasium's own environments need.
fn package(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    let known = [
        ("mujoco", "\"gymnasium[mujoco]\""),
        ("box2d", "\"gymnasium[box2d]\""),
        ("pygame", "pygame"),
        ("'numpy'", "numpy"),
        ("'gymnasium'", "\"gymnasium[mujoco]\""),
    ];
    known.into_iter().find_map(|(name, package)| text.contains(name).then_some(package))
}
