//! What a group of runs comes to, and how two groups compare.

use std::collections::BTreeSet;

use serde::Serialize;

use super::groups::Group;
use super::options::Options;
use super::tasks::Tasks;
use crate::statistics::{Bootstrap, Scores, probability_of_improvement, profile, profile_band};

/// The most resamples behind the band of a learning curve, at each of its points. The ends of an interval
/// come from the 50 least and the 50 greatest of them, which is enough for a picture.
const CURVE_RESAMPLES: usize = 2_000;

/// How many places a performance profile is computed at.
const TAUS: usize = 201;

/// A number, and the interval that it comes with where there are several runs of every task.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Its bootstrap interval.
    pub interval: Option<(f64, f64)>,
}

/// What a run scored.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunScore {
    /// The run's folder.
    pub folder: String,
    /// Its environment.
    pub env: String,
    /// Its seed.
    pub seed: u64,
    /// The mean return of its final evaluation.
    pub mean_reward: f64,
    /// That as a score.
    pub score: f64,
    /// The share of its final evaluation's episodes that succeeded, if the environment told.
    pub success_rate: Option<f64>,
}

/// A place of a performance profile.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ProfilePoint {
    /// A score.
    pub tau: f64,
    /// The share of the runs above it.
    #[serde(flatten)]
    pub share: Estimate,
}

/// A place of a learning curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Environment steps.
    pub timesteps: u64,
    /// The interquartile mean of the runs' scores after them.
    #[serde(flatten)]
    pub iqm: Estimate,
}

/// What a group of runs comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupSummary {
    /// The group.
    pub name: String,
    /// Interquartile mean of all scores.
    pub iqm: Estimate,
    /// Mean of the environments' means.
    pub mean: Estimate,
    /// Median of the environments' means.
    pub median: Estimate,
    /// How far scores stay below the target on average.
    pub optimality_gap: Option<Estimate>,
    /// Mean of the environments' mean success rates in the final evaluations, if every run has one.
    pub success_rate: Option<Estimate>,
    /// Each run.
    pub runs: Vec<RunScore>,
    /// The share of runs that score above τ, at the same places for all groups.
    pub profile: Vec<ProfilePoint>,
    /// The interquartile mean wherever all runs were evaluated.
    pub curve: Vec<CurvePoint>,
}

/// One group against another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Improvement {
    /// A group.
    pub x: String,
    /// Another one.
    pub y: String,
    /// The probability that a run of `x` scores more than one of `y`.
    #[serde(flatten)]
    pub probability: Estimate,
}

pub(super) fn summarise_group(
    group: &Group,
    scores: &Scores,
    tasks: &Tasks,
    taus: &[f64],
    options: &Options,
) -> GroupSummary {
    // Without a target, whatever stands in for it is not asked for.
    let gamma = options.target.unwrap_or(0.0);
    let aggregates = |x: &Scores| [x.iqm(), x.mean(), x.median(), x.optimality_gap(gamma)];
    let [iqm, mean, median, gap] = estimates(&options.bootstrap, [scores], |[x]| aggregates(x));
    let confidence = options.bootstrap.confidence;
    let share = |tau| Estimate {
        value: profile(scores, tau),
        interval: profile_band(scores, tau, confidence),
    };
    let runs = group.runs.iter().map(|run| RunScore {
        folder: run.name(),
        env: run.env().to_string(),
        seed: run.config.run.seed,
        mean_reward: run.score(),
        score: tasks.score(run),
        success_rate: run.success_rate(),
    });
    let success_rate = tasks.success_rates(group).map(|rates| {
        let [mean] = estimates(&options.bootstrap, [&rates], |[x]| [x.mean()]);
        mean
    });
    GroupSummary {
        name: group.name.clone(),
        iqm,
        mean,
        median,
        optimality_gap: options.target.map(|_| gap),
        success_rate,
        runs: runs.collect(),
        profile: taus.iter().map(|&tau| ProfilePoint { tau, share: share(tau) }).collect(),
        curve: curve(group, tasks, &options.bootstrap),
    }
}

/// Each group against each later one.
pub(super) fn improvements(
    groups: &[Group],
    scores: &[Scores],
    bootstrap: &Bootstrap,
) -> Vec<Improvement> {
    let named: Vec<_> = groups.iter().map(|group| &group.name).zip(scores).collect();
    let pairs = (0..named.len()).flat_map(|i| (i + 1..named.len()).map(move |j| (i, j)));
    let improvement = |(i, j): (usize, usize)| {
        let ((x, of_x), (y, of_y)) = (named[i], named[j]);
        let probability = |[x, y]: &[Scores; 2]| {
            [probability_of_improvement(x, y).expect("groups have the same tasks")]
        };
        let [probability] = estimates(bootstrap, [of_x, of_y], probability);
        Improvement { x: x.clone(), y: y.clone(), probability }
    };
    pairs.map(improvement).collect()
}

/// Where profiles are computed: equally far apart, from just below the least score to just above the greatest.
pub(super) fn taus(scores: &[Scores]) -> Vec<f64> {
    let all = || scores.iter().flat_map(Scores::all);
    let (low, high) =
        (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    // Where all scores are equal, the profile is a step in the middle.
    let margin = if low < high { 0.05 * (high - low) } else { 0.1 * low.abs().max(1.0) };
    let (low, high) = (low - margin, high + margin);
    let share = |i| i as f64 / (TAUS - 1) as f64;
    (0..TAUS).map(|i| low + share(i) * (high - low)).collect()
}

/// The interquartile mean at every step where all runs of the group were evaluated.
fn curve(group: &Group, tasks: &Tasks, bootstrap: &Bootstrap) -> Vec<CurvePoint> {
    let resamples = bootstrap.resamples.min(CURVE_RESAMPLES);
    // The seed is the same at every step, so that whole runs are drawn.
    let bootstrap = Bootstrap { resamples, ..*bootstrap };
    let steps: BTreeSet<_> = group.runs[0].evaluations.iter().map(|row| row.timesteps).collect();
    let point = |timesteps| {
        let scores = tasks.scores_after(group, timesteps)?;
        let [iqm] = estimates(&bootstrap, [&scores], |[x]| [x.iqm()]);
        Some(CurvePoint { timesteps, iqm })
    };
    steps.into_iter().filter_map(point).collect()
}

/// Statistics of scores, each with its interval.
pub(in super::super) fn estimates<const G: usize, const K: usize>(
    bootstrap: &Bootstrap,
    algorithms: [&Scores; G],
    statistics: impl Fn(&[Scores; G]) -> [f64; K],
) -> [Estimate; K] {
    let values = statistics(&algorithms.map(Clone::clone));
    let intervals = bootstrap.intervals(algorithms, statistics);
    std::array::from_fn(|i| Estimate {
        value: values[i],
        interval: intervals.map(|intervals| intervals[i]),
    })
}
