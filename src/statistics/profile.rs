//! Performance profiles: how many runs score above τ.

use super::bootstrap::tail;
use super::scores::Scores;

/// The performance profile at `tau`: the share of all scores of all tasks above it,
///
/// `F̂(τ) = Σₘ Σₙ 1[x₍ₘ,ₙ₎ > τ] / Σₘ Nₘ`,
///
/// the run-score distribution of Agarwal et al. (2021), section 4.2.
#[must_use]
pub fn profile(scores: &Scores, tau: f64) -> f64 {
    let above = scores.all().filter(|&score| score > tau).count();
    above as f64 / scores.all().count() as f64
}

/// The percentile interval of the [`profile`] at `tau` under the stratified bootstrap, to which a
/// `confidence` from 0 to 1 of the resamples belong; `None` where a task has a single run.
///
/// Nothing is drawn for it. Of a resample of task `m`, the number of scores above `τ` is binomial with `Nₘ` trials
/// of probability `F̂ₘ(τ)`, independently of the other tasks; the distribution of their sum is computed, trial by
/// trial, and the interval lies between its quantiles: that of infinitely many resamples.
#[must_use]
pub fn profile_band(scores: &Scores, tau: f64, confidence: f64) -> Option<(f64, f64)> {
    if scores.tasks.iter().any(|task| task.len() < 2) {
        return None;
    }
    let runs = scores.all().count();
    // The probability of every number of scores above τ among those drawn so far.
    let mut counts = vec![0.0; runs + 1];
    counts[0] = 1.0;
    let mut drawn = 0;
    for task in &scores.tasks {
        let above = task.iter().filter(|&&score| score > tau).count();
        let p = above as f64 / task.len() as f64;
        for _ in task {
            drawn += 1;
            for k in (1..=drawn).rev() {
                counts[k] = counts[k] * (1.0 - p) + counts[k - 1] * p;
            }
            counts[0] *= 1.0 - p;
        }
    }
    let tail = tail(confidence);
    let low = quantile(counts.iter(), tail);
    // From above, the quantile has the same tail over it as the other one below: the rest of the sum
    // would have lost it to rounding.
    let high = runs - quantile(counts.iter().rev(), tail);
    Some((low as f64 / runs as f64, high as f64 / runs as f64))
}

/// The least place until which more than `tail` of the probability has been met.
fn quantile<'a>(mut probabilities: impl Iterator<Item = &'a f64>, tail: f64) -> usize {
    let mut sum = 0.0;
    let reached = |p: &f64| {
        sum += p;
        sum > tail
    };
    // They add up to 1, and a tail is no more than half; only of NaN there is none.
    probabilities.position(reached).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{Binomial, DiscreteCDF as _};

    use super::*;

    #[test]
    fn a_profile_falls_from_one_to_zero_in_steps_at_the_scores() {
        let scores = Scores::new(vec![vec![1.0, 2.0], vec![2.0, 5.0]]).unwrap();
        let at = [0.9, 1.0, 1.5, 2.0, 4.9, 5.0].map(|tau| profile(&scores, tau));
        assert_eq!(at, [1.0, 0.75, 0.75, 0.25, 0.25, 0.0]);
    }

    #[test]
    fn the_band_of_a_task_is_that_of_the_binomial_distribution() {
        for n in [2, 10, 37, 200] {
            let scores = Scores::new(vec![(0..n).map(f64::from).collect()]).unwrap();
            for above in [0, 1, n / 3, n - 1, n] {
                let tau = f64::from(n - above) - 0.5;
                let (low, high) = profile_band(&scores, tau, 0.95).unwrap();
                let n = f64::from(n);
                let binomial = Binomial::new(f64::from(above) / n, n as u64).unwrap();
                let quantile = |p| binomial.inverse_cdf(p) as f64 / n;
                assert_eq!((low, high), (quantile(0.025), quantile(0.975)), "{above} of {n}");
            }
        }
    }

    #[test]
    fn tasks_are_resampled_on_their_own() {
        // Whatever is drawn, all runs of the one task are above and none of the other.
        let scores = Scores::new(vec![vec![1.0, 1.0], vec![0.0, 0.0]]).unwrap();
        assert_eq!(profile_band(&scores, 0.5, 0.95), Some((0.5, 0.5)));
        // The same scores as one task could be drawn in any number.
        let pooled = Scores::new(vec![vec![1.0, 1.0, 0.0, 0.0]]).unwrap();
        assert_eq!(profile_band(&pooled, 0.5, 0.95), Some((0.0, 1.0)));
    }

    #[test]
    fn a_single_run_has_no_band() {
        let scores = Scores::new(vec![vec![1.0, 2.0], vec![3.0]]).unwrap();
        assert_eq!(profile_band(&scores, 2.5, 0.95), None);
    }
}
