//! What is found for one component.

use alloc::string::String;

use super::verdict::Verdict;

/// One component of the gradient.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "std", derive(serde::Serialize))]
pub struct Row {
    /// Which input, counted from 0.
    pub input: usize,
    /// Which element of it, row after row.
    pub element: usize,
    /// Its name: `phi.0.weight[2, 1]`, `p[0][0, 3]`.
    pub path: String,
    /// The derivative by the tape.
    pub analytic: f64,
    /// The derivative by the oracle; NaN where it has none.
    pub numeric: f64,
    /// The bound on the oracle's error; NaN where it has none.
    pub bound: f64,
    /// What follows.
    pub verdict: Verdict,
}
