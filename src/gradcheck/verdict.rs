//! What is said about one component of a gradient.

use core::fmt;

use super::oracle::Estimate;
use super::reason::Reason;

/// The verdict on one component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "std", derive(serde::Serialize))]
#[cfg_attr(feature = "std", serde(rename_all = "snake_case"))]
pub enum Verdict {
    /// Analytic and numeric derivative agree within a bound that is tight enough to mean it.
    Pass,
    /// They differ by more than the bound on the oracle's error.
    Mismatch,
    /// Nothing can be said, for this reason.
    Unchecked(Reason),
    /// The function cannot be checked at this point at all.
    Invalid(Reason),
}

impl Verdict {
    /// Judges an analytic derivative by the oracle's.
    #[must_use]
    pub fn of(analytic: f64, oracle: Result<Estimate, Reason>) -> Self {
        match oracle {
            _ if !analytic.is_finite() => Self::Invalid(Reason::NotFinite),
            Err(reason) => Self::Unchecked(reason),
            Ok(estimate) if !estimate.value.is_finite() => Self::Unchecked(Reason::NotFinite),
            Ok(estimate) if (analytic - estimate.value).abs() > estimate.bound() => Self::Mismatch,
            Ok(estimate) if !estimate.is_resolved() => Self::Unchecked(Reason::Unresolved),
            Ok(_) => Self::Pass,
        }
    }

    /// Whether analytic and numeric derivative were compared, with whatever outcome.
    #[must_use]
    pub fn is_adjudicated(self) -> bool {
        matches!(self, Self::Pass | Self::Mismatch)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass => write!(f, "pass"),
            Self::Mismatch => write!(f, "MISMATCH"),
            Self::Unchecked(reason) => write!(f, "unchecked: {reason}"),
            Self::Invalid(reason) => write!(f, "INVALID: {reason}"),
        }
    }
}
