//! Intervals by resampling.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::scores::Scores;

/// The stratified percentile bootstrap (Agarwal et al. 2021, section 4.1; Efron and Tibshirani, "An Introduction to
/// the Bootstrap", 1993, chapter 13).
///
/// Each of the resamples draws, for every task of every algorithm, as many of its scores as it has, with
/// replacement, and takes the statistics of them. The interval of a statistic reaches from the `(1 − c) / 2` to
/// the `(1 + c) / 2` quantile of what it came to.
///
/// ```
/// use softac::statistics::{Bootstrap, Scores};
///
/// let scores = Scores::new(vec![vec![-150.0, -142.0, -161.0, -148.0, -610.0]])?;
/// let bootstrap = Bootstrap { resamples: 2_000, ..Bootstrap::default() };
/// let [(low, high)] = bootstrap.intervals([&scores], |[scores]| [scores.iqm()]).ok_or("one run")?;
/// assert!(low <= scores.iqm() && scores.iqm() <= high);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// The number of resamples; 50,000 as in the authors' library rliable.
    pub resamples: usize,
    /// The same seed gives the same intervals, and draws the same runs of scores of the same shape.
    pub seed: u64,
    /// `c`, the share of the resamples that an interval holds, from 0 to 1.
    pub confidence: f64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { resamples: 50_000, seed: 0, confidence: 0.95 }
    }
}

impl Bootstrap {
    /// The intervals of `K` statistics of `G` algorithms, which are resampled independently of each other.
    ///
    /// `None` without resamples, and where a task has a single run: drawn from itself, it would look as if
    /// there were no others.
    pub fn intervals<const G: usize, const K: usize>(
        &self,
        algorithms: [&Scores; G],
        statistics: impl Fn(&[Scores; G]) -> [f64; K],
    ) -> Option<[(f64, f64); K]> {
        let mut tasks = algorithms.iter().flat_map(|scores| &scores.tasks);
        if self.resamples == 0 || tasks.any(|task| task.len() < 2) {
            return None;
        }
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let mut samples = algorithms.map(Clone::clone);
        let mut drawn = [(); K].map(|()| Vec::with_capacity(self.resamples));
        for _ in 0..self.resamples {
            for (sample, scores) in samples.iter_mut().zip(algorithms) {
                for (sample, scores) in sample.tasks.iter_mut().zip(&scores.tasks) {
                    draw(scores, sample, &mut rng);
                }
            }
            for (drawn, statistic) in drawn.iter_mut().zip(statistics(&samples)) {
                drawn.push(statistic);
            }
        }
        Some(drawn.map(|drawn| percentile_interval(drawn, self.confidence)))
    }
}

/// The share of the resamples below an interval, and above it.
pub(super) fn tail(confidence: f64) -> f64 {
    ((1.0 - confidence) / 2.0).clamp(0.0, 0.5)
}

/// Fills `sample` with values drawn with replacement.
fn draw(values: &[f64], sample: &mut [f64], rng: &mut ChaCha8Rng) {
    sample.fill_with(|| values[rng.random_range(0..values.len())]);
}

fn percentile_interval(mut drawn: Vec<f64>, confidence: f64) -> (f64, f64) {
    drawn.sort_by(f64::total_cmp);
    let tail = tail(confidence);
    (quantile(&drawn, tail), quantile(&drawn, 1.0 - tail))
}

/// The 95 % percentile bootstrap interval of a statistic (Efron and Tibshirani, "An
/// Introduction to the Bootstrap", 1993, chapter 13), or `None` without values or resamples.
///
/// Each of the `resamples` draws as many values as there are, with replacement, and takes the
/// `statistic` of them; the interval reaches from the 2.5 % to the 97.5 % quantile of these.
/// The same `seed` gives the same interval.
#[must_use]
pub fn bootstrap_ci(
    values: &[f64],
    statistic: impl Fn(&[f64]) -> f64,
    resamples: usize,
    seed: u64,
) -> Option<(f64, f64)> {
    if values.is_empty() || resamples == 0 {
        return None;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut sample = values.to_vec();
    let drawn = (0..resamples).map(|_| {
        draw(values, &mut sample, &mut rng);
        statistic(&sample)
    });
    Some(percentile_interval(drawn.collect(), 0.95))
}

/// The quantile at `share` of sorted values, interpolated linearly between the two nearest: type
/// 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages" (1996), NumPy's default.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    // Equal neighbours are not subtracted: they may be infinite.
    if below == above { below } else { below + place.fract() * (above - below) }
}

#[cfg(test)]
mod tests {
    use super::super::mean;
    use super::*;

    const SAMPLE: [f64; 7] = [3.1, -2.0, 7.5, 0.25, 4.0, 11.0, -5.5];

    #[test]
    fn bootstrap_agrees_with_scipy() {
        // scipy.stats.bootstrap((x,), np.mean, n_resamples=200000, method="percentile",
        //                       random_state=0).confidence_interval
        let (low, high) = bootstrap_ci(&SAMPLE, mean, 20_000, 1).unwrap();
        assert!((low - -1.1786).abs() < 0.15, "{low}");
        assert!((high - 6.4643).abs() < 0.15, "{high}");
        assert_eq!(bootstrap_ci(&SAMPLE, mean, 20_000, 1), Some((low, high)));
    }

    #[test]
    fn an_interval_leaves_out_as_much_below_as_above() {
        let drawn = || (0..=1000).rev().map(f64::from).collect();
        for (confidence, tail) in [(0.95, 25.0), (0.5, 250.0), (0.0, 500.0), (1.0, 0.0)] {
            let (low, high) = percentile_interval(drawn(), confidence);
            assert!((low - tail).abs() + (high - (1000.0 - tail)).abs() < 1e-9, "{low}, {high}");
        }
    }

    #[test]
    fn of_one_task_the_stratified_bootstrap_is_the_plain_one() {
        let scores = Scores::new(vec![SAMPLE.to_vec()]).unwrap();
        let bootstrap = Bootstrap { resamples: 500, seed: 3, ..Bootstrap::default() };
        let plain = bootstrap_ci(&SAMPLE, mean, 500, 3).unwrap();
        let [stratified] = bootstrap.intervals([&scores], |[x]| [x.mean()]).unwrap();
        assert!((plain.0 - stratified.0).abs() + (plain.1 - stratified.1).abs() < 1e-12);
    }

    #[test]
    fn every_task_keeps_its_number_of_runs_and_its_own_scores() {
        let scores = Scores::new(vec![vec![0.0, 1.0, 2.0], vec![10.0, 11.0]]).unwrap();
        let bootstrap = Bootstrap { resamples: 200, ..Bootstrap::default() };
        let is_sample = |[x]: &[Scores; 1]| {
            let [a, b] = x.tasks() else { return [0.0] };
            let right = a.len() == 3 && b.len() == 2;
            [f64::from(right && a.iter().all(|&x| x < 3.0) && b.iter().all(|&x| x >= 10.0))]
        };
        assert_eq!(bootstrap.intervals([&scores], is_sample), Some([(1.0, 1.0)]));
    }

    #[test]
    fn two_algorithms_are_resampled_independently() {
        let scores = Scores::new(vec![vec![0.0, 1.0]]).unwrap();
        let bootstrap = Bootstrap { resamples: 500, ..Bootstrap::default() };
        let difference = |[x, y]: &[Scores; 2]| [x.mean() - y.mean()];
        // Drawn together, the difference would always be 0.
        assert_eq!(bootstrap.intervals([&scores, &scores], difference), Some([(-1.0, 1.0)]));
    }

    #[test]
    fn a_single_run_of_any_task_has_no_interval() {
        let scores = Scores::new(vec![vec![1.0, 2.0], vec![3.0]]).unwrap();
        let of = |resamples: usize, scores| {
            let bootstrap = Bootstrap { resamples, ..Bootstrap::default() };
            bootstrap.intervals([scores], |[x]| [x.mean()])
        };
        assert_eq!(of(10, &scores), None);
        assert_eq!(of(0, &Scores::new(vec![vec![1.0, 2.0]]).unwrap()), None);
    }
}
