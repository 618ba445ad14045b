//! A named case of the suite.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::fmt;

use crate::gradcheck::checker::Checker;
use crate::gradcheck::report::Report;
use crate::tape::{Shape, TapeError};

/// What kind of thing a case checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "std", derive(serde::Serialize))]
#[cfg_attr(feature = "std", serde(rename_all = "lowercase"))]
pub enum Group {
    /// One operation of the tape.
    Op,
    /// A layer or a perceptron.
    Network,
    /// The policy and its log-probability.
    Policy,
    /// One equation of an algorithm.
    Loss,
    /// A loss with all networks that it is computed from, as an update composes them.
    Update,
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Op => "op",
            Self::Network => "network",
            Self::Policy => "policy",
            Self::Loss => "loss",
            Self::Update => "update",
        })
    }
}

/// One check of the suite.
pub struct Case {
    /// What kind of thing is checked.
    pub group: Group,
    /// Its name.
    pub name: String,
    /// The shape it is checked at: batch size and dimension.
    pub shape: Shape,
    check: Box<Check>,
}

type Check = dyn Fn(&Checker) -> Result<Report, TapeError>;

impl Case {
    pub(super) fn new(
        group: Group,
        name: impl Into<String>,
        shape: Shape,
        check: impl Fn(&Checker) -> Result<Report, TapeError> + 'static,
    ) -> Self {
        Self { group, name: name.into(), shape, check: Box::new(check) }
    }

    /// The name with group and shape: `op/tanh/3x7`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}/{}x{}", self.group, self.name, self.shape[0], self.shape[1])
    }

    /// Runs the check with the default seed.
    ///
    /// # Errors
    /// If the tape refuses something: never, in this suite.
    pub fn run(&self) -> Result<Report, TapeError> {
        self.run_with(&Checker::new())
    }

    /// Runs the check; points and cotangents come from the checker's seed.
    ///
    /// # Errors
    /// If the tape refuses something: never, in this suite.
    pub fn run_with(&self, checker: &Checker) -> Result<Report, TapeError> {
        (self.check)(checker)
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Case").field(&self.id()).finish()
    }
}
