//! What a score is in each environment.

use std::collections::BTreeSet;

use serde::Serialize;

use super::error::CompareError;
use super::groups::Group;
use super::runs::Run;
use crate::statistics::Scores;

/// The returns in an environment that count as 0 and as 1: `score = (return − low) / (high − low)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// The environment's name, or none if all runs are of one.
    pub env: Option<String>,
    /// The return that counts as 0, such as that of random actions.
    pub low: f64,
    /// The return that counts as 1.
    pub high: f64,
}

/// An environment, and the returns that count as 0 and as 1 there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Task {
    /// Its name.
    pub env: String,
    /// The two returns; without them a score is a return.
    pub range: Option<(f64, f64)>,
}

impl Task {
    fn score(&self, reward: f64) -> f64 {
        match self.range {
            Some((low, high)) => (reward - low) / (high - low),
            None => reward,
        }
    }
}

/// All environments.
pub(super) struct Tasks(Vec<Task>);

impl Tasks {
    /// These environments, all of them with a range or none.
    pub fn new(envs: BTreeSet<&str>, ranges: &[Range]) -> Result<Self, CompareError> {
        let refused = CompareError::Range;
        for range in ranges {
            check(range, &envs).map_err(refused)?;
        }
        let task = |env: &str| {
            let is_for = |range: &&Range| range.env.as_deref().is_none_or(|of| of == env);
            let mut found = ranges.iter().filter(is_for);
            let range = found.next().map(|range| (range.low, range.high));
            match (range, found.next()) {
                (_, Some(_)) => Err(format!("there are several ranges for {env}")),
                (None, _) if !ranges.is_empty() => Err(format!(
                    "there is no range for {env}: scores of several environments can only be pooled if all are \
                     normalised, or none"
                )),
                _ => Ok(Task { env: env.to_string(), range }),
            }
        };
        let tasks: Result<_, _> = envs.into_iter().map(task).collect();
        tasks.map(Self).map_err(refused)
    }

    /// The success rates of a group's final evaluations, if every run has one.
    pub fn success_rates(&self, group: &Group) -> Option<Scores> {
        self.of_runs(group, |_, run| run.success_rate())
    }

    /// The scores of a group's final evaluations.
    pub fn scores(&self, group: &Group) -> Result<Scores, CompareError> {
        let scores = self.scores_by(group, |run| Some(run.score()));
        let too_narrow = || CompareError::Range("a range is too narrow for these returns".into());
        scores.ok_or_else(too_narrow)
    }

    /// The scores of a group's evaluations after so many steps, if every run has one.
    pub fn scores_after(&self, group: &Group, timesteps: u64) -> Option<Scores> {
        self.scores_by(group, |run| {
            // Of the last step there may be two, the final one behind the other.
            let row = run.evaluations.iter().rfind(|row| row.timesteps == timesteps);
            row.map(|row| row.mean_reward)
        })
    }

    fn scores_by(&self, group: &Group, reward: impl Fn(&Run) -> Option<f64>) -> Option<Scores> {
        // Quotients of finite numbers overflow where a range is next to nothing.
        self.of_runs(group, |task, run| Some(task.score(reward(run)?)))
    }

    /// A number of each run, by environments, if every run has a finite one.
    fn of_runs(&self, group: &Group, of: impl Fn(&Task, &Run) -> Option<f64>) -> Option<Scores> {
        let of_task = |task: &Task| -> Option<Vec<f64>> {
            let runs = group.runs.iter().filter(|run| run.env() == task.env);
            runs.map(|run| of(task, run)).collect()
        };
        let tasks: Option<_> = self.0.iter().map(of_task).collect();
        Scores::new(tasks?).ok()
    }

    pub fn score(&self, run: &Run) -> f64 {
        let task = self.0.iter().find(|task| task.env == run.env());
        task.expect("the tasks are those of the runs").score(run.score())
    }

    pub fn into_list(self) -> Vec<Task> {
        self.0
    }
}

/// What is wrong with a range for one of these environments.
fn check(range: &Range, envs: &BTreeSet<&str>) -> Result<(), String> {
    let Range { env, low, high } = range;
    if !(low < high && (high - low).is_finite()) {
        return Err(format!("the range {low},{high} must be of two numbers, the lower first"));
    }
    match env {
        None if envs.len() > 1 => {
            Err(format!("the range {low},{high} must name its environment: ENV={low},{high}"))
        }
        Some(env) if !envs.contains(env.as_str()) => {
            Err(format!("there is a range for {env}, but no run in it"))
        }
        _ => Ok(()),
    }
}
