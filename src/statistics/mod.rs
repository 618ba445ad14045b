//! What a handful of runs says about the runs that were not made.
//!
//! Deep reinforcement learning is usually judged by few seeds, so every number here comes with
//! an interval, as Agarwal et al., "Deep Reinforcement Learning at the Edge of the Statistical
//! Precipice" (NeurIPS 2021, arXiv:2108.13264), ask for.
//!
//! | file | holds |
//! |---|---|
//! | `mod.rs` | mean, standard deviation and Student's interval; the interquartile mean |
//! | `scores.rs` | [`Scores`]: runs of several tasks, and what they come to together |
//! | `bootstrap.rs` | [`Bootstrap`]: intervals by resampling every task's runs |
//! | `profile.rs` | [`profile()`]: how many runs score above τ |
//!
//! ```
//! use softac::statistics::{bootstrap_ci, interquartile_mean, summarise};
//!
//! let returns = [-150.0, -142.0, -161.0, -148.0, -610.0];
//! let summary = summarise(&returns).ok_or("no runs")?;
//! assert_eq!(summary.mean, -242.2);
//! assert_eq!(interquartile_mean(&returns), Some(-153.0));
//!
//! let iqm = |sample: &[f64]| interquartile_mean(sample).unwrap_or(f64::NAN);
//! let (low, high) = bootstrap_ci(&returns, iqm, 2_000, 7).ok_or("no runs")?;
//! assert!(low <= -153.0 && -153.0 <= high);
//! # Ok::<(), &str>(())
//! ```

mod bootstrap;
mod profile;
mod scores;

pub use bootstrap::{Bootstrap, bootstrap_ci};
pub use profile::{profile, profile_band};
pub use scores::{Scores, ScoresError, probability_of_improvement};

use statrs::distribution::{ContinuousCDF as _, StudentsT};

/// Mean and spread of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// The number of values.
    pub n: usize,
    /// The mean `x̄ = Σ xᵢ / n`.
    pub mean: f64,
    /// The sample standard deviation `s = √(Σ (xᵢ − x̄)² / (n − 1))`; 0 for a single value.
    pub std: f64,
    /// The 95 % confidence interval of the mean, `x̄ ± t · s / √n` with `t` the 97.5 % quantile
    /// of Student's distribution of `n − 1` degrees of freedom (Student 1908).
    ///
    /// For a single value, which says nothing about its own spread, it is the whole real line.
    pub ci95: (f64, f64),
}

/// The [`Summary`] of `values`, or `None` of none. A NaN among them makes every result NaN.
#[must_use]
pub fn summarise(values: &[f64]) -> Option<Summary> {
    if values.is_empty() {
        return None;
    }
    let n = values.len();
    let mean = mean(values);
    let freedom = (n - 1) as f64;
    let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
    let std = if n == 1 { 0.0 } else { (squares / freedom).sqrt() };
    let half_width = match StudentsT::new(0.0, 1.0, freedom) {
        Ok(student) => student.inverse_cdf(0.975) * std / (n as f64).sqrt(),
        // Without a degree of freedom there is no distribution.
        Err(_) => f64::INFINITY,
    };
    Some(Summary { n, mean, std, ci95: (mean - half_width, mean + half_width) })
}

/// The interquartile mean: the mean of what remains without the `⌊n / 4⌋` least and the
/// `⌊n / 4⌋` greatest values, or `None` of no values.
///
/// A whole number of values is dropped from each end, with no weights at the quartiles. This is
/// `scipy.stats.trim_mean(values, 0.25)`, which Agarwal et al. (2021) compute in their
/// `rliable` library. They recommend it over the median, which ignores all but one or two
/// values, and over the mean, which a single outlier can move anywhere.
#[must_use]
pub fn interquartile_mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let cut = sorted.len() / 4;
    Some(mean(&sorted[cut..sorted.len() - cut]))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const SAMPLE: [f64; 7] = [3.1, -2.0, 7.5, 0.25, 4.0, 11.0, -5.5];

    #[test]
    fn summary_is_that_of_scipy() {
        // x = [3.1, -2.0, 7.5, 0.25, 4.0, 11.0, -5.5]
        // np.mean(x), np.std(x, ddof=1), scipy.stats.ttest_1samp(x, 0).confidence_interval(0.95)
        let summary = summarise(&SAMPLE).unwrap();
        assert_eq!(summary.n, 7);
        assert_relative_eq!(summary.mean, 2.6214285714285714, max_relative = 1e-15);
        assert_relative_eq!(summary.std, 5.613514729565392, max_relative = 1e-15);
        assert_relative_eq!(summary.ci95.0, -2.5702066593306987, max_relative = 1e-9);
        assert_relative_eq!(summary.ci95.1, 7.813063802187841, max_relative = 1e-9);
    }

    #[test]
    fn half_widths_follow_students_quantiles() {
        // scipy.stats.t.ppf(0.975, [1, 4, 30])
        for (n, expected) in [(2, 12.70620474), (5, 2.77644511), (31, 2.04227246)] {
            let values: Vec<f64> = (0..n).map(f64::from).collect();
            let summary = summarise(&values).unwrap();
            let standard_error = summary.std / f64::from(n).sqrt();
            let quantile = (summary.ci95.1 - summary.mean) / standard_error;
            assert_relative_eq!(quantile, expected, max_relative = 1e-8);
        }
    }

    #[test]
    fn one_value_bounds_nothing_and_none_has_no_summary() {
        let alone = summarise(&[4.0]).unwrap();
        assert_eq!((alone.n, alone.mean, alone.std), (1, 4.0, 0.0));
        assert_eq!(alone.ci95, (f64::NEG_INFINITY, f64::INFINITY));
        assert_eq!(summarise(&[]), None);
        assert_eq!(interquartile_mean(&[]), None);
        assert_eq!(bootstrap_ci(&[], mean, 10, 0), None);
        assert_eq!(bootstrap_ci(&[1.0], mean, 0, 0), None);
    }

    #[test]
    fn interquartile_mean_is_the_trim_mean_of_scipy() {
        // [scipy.stats.trim_mean([k * k for k in range(1, n + 1)], 0.25) for n in range(1, 10)]
        let expected =
            [1.0, 2.5, 4.666666666666667, 6.5, 9.666666666666666, 13.5, 18.0, 21.5, 27.0];
        for (n, expected) in (1..).zip(expected) {
            let squares: Vec<f64> = (1..=n).rev().map(|k| f64::from(k * k)).collect();
            assert_relative_eq!(interquartile_mean(&squares).unwrap(), expected);
        }
    }

    proptest! {
        #[test]
        fn order_does_not_matter(
            (values, shuffled) in vec(-1e6..1e6_f64, 1..40)
                .prop_flat_map(|values| (Just(values.clone()), Just(values).prop_shuffle()))
        ) {
            let (a, b) = (summarise(&values).unwrap(), summarise(&shuffled).unwrap());
            prop_assert!((a.mean - b.mean).abs() < 1e-8);
            prop_assert!((a.std - b.std).abs() < 1e-8);
            prop_assert_eq!(interquartile_mean(&values), interquartile_mean(&shuffled));
        }

        #[test]
        fn intervals_contain_their_centre(values in vec(-1e6..1e6_f64, 1..40)) {
            let summary = summarise(&values).unwrap();
            prop_assert!(summary.ci95.0 <= summary.mean && summary.mean <= summary.ci95.1);
            prop_assert!(summary.std >= 0.0);
        }

        #[test]
        fn results_move_with_the_values(
            values in vec(-1e3..1e3_f64, 2..20),
            shift in -1e3..1e3_f64,
            seed: u64,
        ) {
            let moved: Vec<f64> = values.iter().map(|x| x + shift).collect();
            let (a, b) = (summarise(&values).unwrap(), summarise(&moved).unwrap());
            let close = |x: f64, y: f64| (x + shift - y).abs() < 1e-8;
            prop_assert!(close(a.mean, b.mean));
            prop_assert!(close(a.ci95.0, b.ci95.0) && close(a.ci95.1, b.ci95.1));
            let [a, b] = [&values, &moved].map(|x| interquartile_mean(x).unwrap());
            prop_assert!(close(a, b));
            let [a, b] = [&values, &moved].map(|x| bootstrap_ci(x, mean, 50, seed).unwrap());
            prop_assert!(close(a.0, b.0) && close(a.1, b.1));
        }
    }
}
