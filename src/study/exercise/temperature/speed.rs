//! How fast a run learned.

use serde::Serialize;

use super::super::onset::median;
use super::super::words::steps;
use crate::statistics::{Bootstrap, bootstrap_ci};
use crate::train::EvaluationRow;

/// The mean return between the first evaluation and the last: the area under the learning curve, by trapezia, divided
/// by its length. Of a single evaluation it is the return; NaN of none.
pub(super) fn area(evaluations: &[EvaluationRow]) -> f64 {
    let (Some(first), Some(last)) = (evaluations.first(), evaluations.last()) else {
        return f64::NAN;
    };
    let length = last.timesteps.saturating_sub(first.timesteps) as f64;
    if length == 0.0 {
        return last.mean_reward;
    }
    let trapezium = |pair: &[EvaluationRow]| {
        let width = pair[1].timesteps.saturating_sub(pair[0].timesteps) as f64;
        width / length * 0.5 * (pair[0].mean_reward + pair[1].mean_reward)
    };
    evaluations.windows(2).map(trapezium).sum()
}

/// The steps at the first evaluation with at least this mean return.
pub(super) fn first_at(evaluations: &[EvaluationRow], threshold: f64) -> Option<u64> {
    let reached = evaluations.iter().find(|row| row.mean_reward >= threshold);
    reached.map(|row| row.timesteps)
}

/// How many steps runs took to a return that some may never have reached.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StepsTo {
    /// How many runs reached it.
    pub reached: usize,
    /// How many runs there are.
    pub runs: usize,
    /// The median, a run that never reached it counting as infinite; JSON writes that as `null`.
    pub median: f64,
    /// The bootstrap interval of the median, where there are several runs; its ends may be infinite, too.
    pub interval: Option<(f64, f64)>,
}

impl StepsTo {
    pub(super) fn of(runs: impl Iterator<Item = Option<u64>>, bootstrap: &Bootstrap) -> Self {
        let steps: Vec<_> = runs.map(|steps| steps.map_or(f64::INFINITY, |n| n as f64)).collect();
        let middle = |steps: &[f64]| median(steps.to_vec());
        // Drawn from itself, a single run would look as if there were no others.
        let several = steps.len() > 1;
        let interval = several
            .then(|| bootstrap_ci(&steps, middle, bootstrap.resamples, bootstrap.seed))
            .flatten();
        Self {
            reached: steps.iter().filter(|steps| steps.is_finite()).count(),
            runs: steps.len(),
            median: middle(&steps),
            interval,
        }
    }

    /// `3,500 [3,000, never]`
    pub(super) fn cell(&self) -> String {
        let ends = |(low, high)| format!(" [{}, {}]", or_never(low), or_never(high));
        or_never(self.median) + &self.interval.map_or(String::new(), ends)
    }

    /// How a sentence about it goes on.
    pub(super) fn text(&self) -> String {
        let Self { reached, runs, .. } = self;
        match reached {
            0 => format!("never reaches it ({runs} runs)"),
            _ if self.median.is_finite() => {
                format!("reaches it after {} steps ({reached} of {runs} runs)", self.cell())
            }
            _ => format!("reaches it in {reached} of {runs} runs"),
        }
    }
}

fn or_never(n: f64) -> String {
    if n.is_finite() { steps(n) } else { "never".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluations(points: &[(u64, f64)]) -> Vec<EvaluationRow> {
        let row = |&(timesteps, mean_reward)| EvaluationRow {
            timesteps,
            mean_reward,
            ..EvaluationRow::default()
        };
        points.iter().map(row).collect()
    }

    #[test]
    fn the_mean_return_is_the_area_under_a_broken_line() {
        let rows = evaluations(&[(100, -10.0), (200, 0.0), (400, 10.0)]);
        // (100 · (−5) + 200 · 5) / 300
        assert!((area(&rows) - 500.0 / 300.0).abs() < 1e-12);
        assert_eq!(area(&evaluations(&[(100, 7.0); 3])), 7.0);
        // The last step may be evaluated twice.
        let twice = evaluations(&[(100, -10.0), (200, 0.0), (400, 10.0), (400, 30.0)]);
        assert!((area(&twice) - area(&rows)).abs() < 1e-12);
        assert_eq!(area(&evaluations(&[(5, 3.0)])), 3.0);
        assert!(area(&[]).is_nan());
    }

    #[test]
    fn the_threshold_is_reached_at_the_first_evaluation_that_is_no_lower() {
        let rows = evaluations(&[(1, -5.0), (2, 3.0), (3, 1.0), (4, 9.0)]);
        let cases = [(-9.0, Some(1)), (3.0, Some(2)), (3.1, Some(4)), (10.0, None)];
        for (threshold, expected) in cases {
            assert_eq!(first_at(&rows, threshold), expected);
        }
    }

    #[test]
    fn runs_that_never_reach_it_count_as_later_than_all() {
        let bootstrap = Bootstrap { resamples: 2_000, ..Bootstrap::default() };
        let of = |steps: &[Option<u64>]| StepsTo::of(steps.iter().copied(), &bootstrap);
        let some = of(&[Some(3_000), None, Some(1_000), Some(2_000), None]);
        assert_eq!((some.reached, some.runs, some.median), (3, 5, 3_000.0));
        let (low, high) = some.interval.unwrap();
        assert!((1_000.0..=3_000.0).contains(&low) && high == f64::INFINITY);
        assert!(some.text().contains("after 3,000 [") && some.text().ends_with("(3 of 5 runs)"));
        assert!(some.cell().ends_with(", never]"), "{}", some.cell());
        let few = of(&[Some(1), None, None]);
        assert_eq!((few.median, few.text().as_str()), (f64::INFINITY, "reaches it in 1 of 3 runs"));
        let none = of(&[None, None]);
        assert_eq!(
            (none.text().as_str(), none.cell().as_str()),
            ("never reaches it (2 runs)", "never [never, never]")
        );
        assert_eq!(of(&[Some(5)]).interval, None);
        assert_eq!(of(&[Some(5)]).cell(), "5");
    }
}
