//! Runs of several tasks, and what they come to together.

use super::{interquartile_mean, mean};

/// The scores of one algorithm: for each task `m` those of its runs, `x₍ₘ,₁₎ … x₍ₘ,ₙ₎`.
///
/// Agarwal et al. (2021), section 2, have the same number of runs in every task. Here tasks may have different
/// numbers; a score of any task then counts as much as any other in the interquartile mean, the optimality gap
/// and the [`profile`](super::profile()), and a task as much as any other in mean and median.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    pub(super) tasks: Vec<Vec<f64>>,
}

impl Scores {
    /// The scores of each task's runs.
    ///
    /// # Errors
    /// No task, a task without runs, or a score that is not finite.
    pub fn new(tasks: Vec<Vec<f64>>) -> Result<Self, ScoresError> {
        if tasks.is_empty() {
            return Err(ScoresError::NoTasks);
        }
        for (task, scores) in tasks.iter().enumerate() {
            if scores.is_empty() {
                return Err(ScoresError::NoRuns { task });
            }
            if let Some(run) = scores.iter().position(|score| !score.is_finite()) {
                return Err(ScoresError::NotFinite { task, run, score: scores[run] });
            }
        }
        Ok(Self { tasks })
    }

    /// The scores, task by task.
    #[must_use]
    pub fn tasks(&self) -> &[Vec<f64>] {
        &self.tasks
    }

    /// All scores, whatever their task.
    pub fn all(&self) -> impl Iterator<Item = f64> {
        self.tasks.iter().flatten().copied()
    }

    /// The [interquartile mean](interquartile_mean) of all scores of all tasks (section 4.3, "IQM").
    #[must_use]
    pub fn iqm(&self) -> f64 {
        let all: Vec<_> = self.all().collect();
        interquartile_mean(&all).expect("there is a score")
    }

    /// The mean of the tasks' mean scores `x̄ₘ` (section 2).
    #[must_use]
    pub fn mean(&self) -> f64 {
        mean(&self.task_means())
    }

    /// The median of the tasks' mean scores `x̄ₘ` (section 2), of an even number of tasks the mean of the middle
    /// two. Of a single task it is the mean.
    #[must_use]
    pub fn median(&self) -> f64 {
        let mut means = self.task_means();
        means.sort_by(f64::total_cmp);
        let middle = means.len() / 2;
        if means.len() % 2 == 1 { means[middle] } else { mean(&means[middle - 1..=middle]) }
    }

    /// How far all scores of all tasks stay below the target `γ` on average, `γ − E[min(x, γ)]`: what exceeds it
    /// is no better than reaching it (section 4.3, "optimality gap").
    #[must_use]
    pub fn optimality_gap(&self, gamma: f64) -> f64 {
        let clipped: Vec<_> = self.all().map(|score| score.min(gamma)).collect();
        gamma - mean(&clipped)
    }

    fn task_means(&self) -> Vec<f64> {
        self.tasks.iter().map(|scores| mean(scores)).collect()
    }
}

/// The probability that a run of `x` scores more than one of `y` in the same task, on average over the tasks
/// (section 4.3, "average probability of improvement"), or `None` if they have different numbers of tasks:
///
/// `P(X > Y) = Σₘ P(Xₘ > Yₘ) / M`, `P(Xₘ > Yₘ) = Σᵢⱼ S(x₍ₘ,ᵢ₎, y₍ₘ,ⱼ₎) / (N K)`,
///
/// with `S` 1 for a greater score, ½ for an equal one and 0 for a lesser one: the statistic `U` of Mann and
/// Whitney (1947), divided by the number of pairs.
#[must_use]
pub fn probability_of_improvement(x: &Scores, y: &Scores) -> Option<f64> {
    if x.tasks.len() != y.tasks.len() {
        return None;
    }
    let tasks: Vec<_> = x.tasks.iter().zip(&y.tasks).map(|(x, y)| greater(x, y)).collect();
    Some(mean(&tasks))
}

fn greater(x: &[f64], y: &[f64]) -> f64 {
    // Halves are exact, so that the sum is, in any order.
    let score = |(x, y): (&f64, &f64)| match x.total_cmp(y) {
        _ if x == y => 0.5,
        std::cmp::Ordering::Greater => 1.0,
        _ => 0.0,
    };
    let u: f64 = x.iter().flat_map(|x| y.iter().map(move |y| (x, y))).map(score).sum();
    u / (x.len() * y.len()) as f64
}

/// Why numbers are no scores.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ScoresError {
    /// There is no task.
    #[error("there are no scores; give those of at least one task")]
    NoTasks,
    /// A task has no run.
    #[error("task {task} has no scores; leave it out, or give those of at least one run")]
    NoRuns {
        /// The task, from 0.
        task: usize,
    },
    /// A score is NaN or infinite.
    #[error("the score of run {run} in task {task} is {score}; it must be a finite number")]
    NotFinite {
        /// The task, from 0.
        task: usize,
        /// The run, from 0.
        run: usize,
        /// The number.
        score: f64,
    },
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn scores(tasks: &[&[f64]]) -> Scores {
        Scores::new(tasks.iter().map(|task| task.to_vec()).collect()).unwrap()
    }

    #[test]
    fn what_is_no_score_is_refused_with_its_place() {
        assert_eq!(Scores::new(vec![]), Err(ScoresError::NoTasks));
        assert_eq!(Scores::new(vec![vec![1.0], vec![]]), Err(ScoresError::NoRuns { task: 1 }));
        let message = Scores::new(vec![vec![1.0, f64::NAN]]).unwrap_err().to_string();
        assert!(message.starts_with("the score of run 1 in task 0 is NaN"), "{message}");
    }

    #[test]
    fn aggregates_are_as_computed_by_hand() {
        let scores = scores(&[&[0.0, 1.0], &[2.0, 4.0], &[3.0, 7.0, 8.0, 10.0]]);
        // Without the two least and the two greatest of eight.
        assert_eq!(scores.iqm(), (2.0 + 3.0 + 4.0 + 7.0) / 4.0);
        assert_eq!(scores.mean(), (0.5 + 3.0 + 7.0) / 3.0);
        assert_eq!(scores.median(), 3.0);
        assert_eq!(scores.optimality_gap(3.0), 3.0 - (0.0 + 1.0 + 2.0 + 5.0 * 3.0) / 8.0);
    }

    #[test]
    fn improvement_counts_pairs_and_halves_ties_task_by_task() {
        let x = scores(&[&[1.0, 3.0], &[0.0]]);
        let y = scores(&[&[1.0, 2.0, -0.0], &[-0.0]]);
        // 1 > 0, 1 = 1, 1 < 2 and 3 > all: 4.5 of 6; the zeros are equal.
        assert_eq!(probability_of_improvement(&x, &y), Some((4.5 / 6.0 + 0.5) / 2.0));
        assert_eq!(probability_of_improvement(&x, &scores(&[&[1.0]])), None);
    }

    proptest! {
        #[test]
        fn improvements_in_both_directions_add_up_to_one(
            x in vec(-3..3, 1..9),
            y in vec(-3..3, 1..9),
        ) {
            let [x, y] = [x, y].map(|x| {
                Scores::new(vec![x.into_iter().map(f64::from).collect()]).unwrap()
            });
            let there = probability_of_improvement(&x, &y).unwrap();
            let back = probability_of_improvement(&y, &x).unwrap();
            prop_assert!((there + back - 1.0).abs() < 1e-15);
            prop_assert_eq!(probability_of_improvement(&x, &x), Some(0.5));
        }

        #[test]
        fn of_a_single_task_mean_and_median_are_the_mean(values in vec(-1e3..1e3_f64, 1..20)) {
            let scores = Scores::new(vec![values.clone()]).unwrap();
            prop_assert_eq!(scores.mean(), mean(&values));
            prop_assert_eq!(scores.median(), mean(&values));
            prop_assert_eq!(Some(scores.iqm()), interquartile_mean(&values));
        }
    }
}
