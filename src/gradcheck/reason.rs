//! Reasons why a component is not judged.

use core::fmt;

/// Why a component could not be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "std", derive(serde::Serialize))]
#[cfg_attr(feature = "std", serde(rename_all = "snake_case"))]
pub enum Reason {
    /// Every step, however small, changed the piece on which this operation is: the point lies at a
    /// kink.
    KinkCrossed {
        /// `relu`, `clamp`, `min`, …
        operation: &'static str,
    },
    /// The perturbed function recorded other operations: its code branches on values.
    StructureChanged,
    /// The oracle's bound is too wide for agreement to mean anything.
    Unresolved,
    /// Estimates from larger and smaller steps contradict each other by more than their bounds, or fail to
    /// predict the value one tiny step away, and the smallest steps are too inexact to decide.
    Contradictory,
    /// A value or gradient is infinite or not a number.
    NotFinite,
    /// Two evaluations at the same point gave different values: the function draws random numbers,
    /// say.
    NotRepeatable,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KinkCrossed { operation } => write!(f, "at a kink of {operation}"),
            Self::StructureChanged => write!(f, "the code branches on values here"),
            Self::Unresolved => write!(f, "differences are too inexact here"),
            Self::Contradictory => write!(f, "differences of several steps contradict each other"),
            Self::NotFinite => write!(f, "not a finite number"),
            Self::NotRepeatable => write!(f, "the same point gave two values"),
        }
    }
}
