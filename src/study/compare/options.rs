//! Settings of a comparison.

use super::tasks::Range;
use crate::statistics::Bootstrap;

/// How runs are compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Settings by whose values the runs are grouped. Without any, a folder of runs is a group, and of runs that
    /// are given on their own those of one configuration are.
    pub by: Vec<String>,
    /// Scores of environments that count as 0 and as 1. Without any, scores are returns.
    pub ranges: Vec<Range>,
    /// The score below which the optimality gap is counted.
    pub target: Option<f64>,
    /// How intervals are computed.
    pub bootstrap: Bootstrap,
    /// Whether runs that are not finished are left out, instead of refused.
    pub allow_unfinished: bool,
}
