//! The comparison as a whole.

use std::path::PathBuf;

use serde::Serialize;

use super::error::CompareError;
use super::groups;
use super::options::Options;
use super::summary::{self, GroupSummary, Improvement};
use super::tasks::{Task, Tasks};

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
