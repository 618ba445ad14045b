//! The runs of several configurations side by side: what they score, how sure that is, and how fast they
//! came to it.
//!
//! The score of a run is the mean return of its final evaluation. Everything else is in
//! [`statistics`](super::statistics).
//!
//! | file | holds |
//! |---|---|
//! | `runs.rs`, `groups.rs` | which runs there are, and which belong together |
//! | `tasks.rs` | what a score is in each environment |
//! | `summary.rs` | what a group of runs comes to, and how two groups compare |
//! | `charts.rs` | learning curves and performance profiles |
//! | `curves.rs` | [`Curve`]: learning curves as files, from elsewhere too |
//! | `error.rs` | [`CompareError`] |

mod charts;
mod curves;
mod error;
mod groups;
mod runs;
mod summary;
mod tasks;

use std::path::PathBuf;

use serde::Serialize;

pub(super) use self::charts::series;
pub use self::curves::Curve;
pub use self::error::CompareError;
pub(super) use self::summary::estimates;
pub use self::summary::{CurvePoint, Estimate, GroupSummary, Improvement, ProfilePoint, RunScore};
use self::tasks::Tasks;
pub use self::tasks::{Range, Task};
use super::statistics::Bootstrap;

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

/// What a number of runs come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The environments, in the order of their names.
    pub tasks: Vec<Task>,
    /// The target of the optimality gap.
    pub target: Option<f64>,
    /// How many resamples the intervals are of.
    pub resamples: usize,
    /// The seed of the resamples.
    pub seed: u64,
    /// The share of the resamples that an interval holds.
    pub confidence: f64,
    /// The folders of runs that are not finished, and not counted.
    pub left_out: Vec<String>,
    /// Each group of runs.
    pub groups: Vec<GroupSummary>,
    /// Each group against each later one.
    pub improvements: Vec<Improvement>,
}

/// Compares the runs at these paths: run folders, and folders with run folders in them at any depth.
///
/// # Errors
/// [`CompareError`]: runs that cannot be read, that are not finished, or that do not belong together.
pub fn compare(paths: &[PathBuf], options: &Options) -> Result<Comparison, CompareError> {
    let (groups, left_out) = groups::groups(paths, &options.by, options.allow_unfinished)?;
    let tasks = Tasks::new(groups::environments(&groups), &options.ranges)?;
    let scores: Vec<_> =
        groups.iter().map(|group| tasks.scores(group)).collect::<Result<_, _>>()?;
    let taus = summary::taus(&scores);
    let summaries = groups.iter().zip(&scores);
    let summaries = summaries
        .map(|(group, scores)| summary::summarise_group(group, scores, &tasks, &taus, options));
    Ok(Comparison {
        groups: summaries.collect(),
        improvements: summary::improvements(&groups, &scores, &options.bootstrap),
        tasks: tasks.into_list(),
        target: options.target,
        resamples: options.bootstrap.resamples,
        seed: options.bootstrap.seed,
        confidence: options.bootstrap.confidence,
        left_out,
    })
}
