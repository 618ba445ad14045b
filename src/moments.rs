//! Running mean and variance.

use alloc::vec;
use alloc::vec::Vec;

use crate::state::{StateError, Visitor, visit_as_many};

/// Mean and variance of every component of the vectors seen so far.
///
/// Each vector x moves them by
/// `δ = x − m`, `m ← m + δ/(n+1)`, `v ← (n v + δ² n/(n+1)) / (n+1)`, `n ← n + 1`
/// (Chan, Golub and LeVeque, *Algorithms for computing the sample variance* (1983), for one more sample).
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    mean: Vec<f64>,
    variance: Vec<f64>,
    count: f64,
}

impl Moments {
    /// Of vectors of this dimension, before the first one. They begin at mean 0 and variance 1, with the weight of a
    /// ten-thousandth of a sample, as those of Stable-Baselines3.
    #[must_use]
    pub fn new(dim: usize) -> Self {
        Self { mean: vec![0.0; dim], variance: vec![1.0; dim], count: 1e-4 }
    }

    /// Of vectors of this dimension alone, without a first guess.
    #[must_use]
    pub fn of_samples(dim: usize) -> Self {
        Self { mean: vec![0.0; dim], variance: vec![0.0; dim], count: 0.0 }
    }

    /// Takes one more vector into account.
    ///
    /// # Panics
    /// If it has another dimension.
    pub fn update(&mut self, x: impl ExactSizeIterator<Item = f64>) {
        assert_eq!(x.len(), self.mean.len(), "one number for each component");
        let (n, total) = (self.count, self.count + 1.0);
        for ((mean, variance), x) in self.mean.iter_mut().zip(&mut self.variance).zip(x) {
            let delta = x - *mean;
            *mean += delta / total;
            *variance = (*variance * n + delta * delta * n / total) / total;
        }
        self.count = total;
    }

    /// The means.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The variances.
    #[must_use]
    pub fn variance(&self) -> &[f64] {
        &self.variance
    }

    /// Shows all of it, under names that begin so.
    pub(crate) fn visit<T>(
        &mut self,
        prefix: &str,
        visitor: &mut dyn Visitor<T>,
    ) -> Result<(), StateError> {
        let numbers = self.mean.iter().chain(&self.variance).chain([&self.count]);
        let mut words: Vec<_> = numbers.map(|x| x.to_bits()).collect();
        visit_as_many(visitor, prefix, &mut words)?;
        let numbers = self.mean.iter_mut().chain(&mut self.variance).chain([&mut self.count]);
        numbers.zip(words).for_each(|(x, word)| *x = f64::from_bits(word));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_go_on_moving_after_thousands_of_samples() {
        // As many again, far away: the mean of all is half way there.
        let mut moments = Moments::new(1);
        for x in [0.0, 8.0] {
            (0..5_000).for_each(|_| moments.update([x].into_iter()));
        }
        assert!((moments.mean()[0] - 4.0).abs() < 1e-6, "{moments:?}");
        assert!((moments.variance()[0] - 16.0).abs() < 1e-5, "{moments:?}");
    }

    #[test]
    fn moments_are_those_of_all_samples_and_of_a_faint_first_guess() {
        let samples = [[1.0, -3.0], [2.0, 5.0], [4.0, 0.5], [-1.0, 0.25]];
        let mut moments = Moments::new(2);
        samples.iter().for_each(|x| moments.update(x.iter().copied()));
        for i in 0..2 {
            // The guess: weight 10⁻⁴, mean 0, variance 1.
            let weights = || samples.iter().map(|x| (1.0, x[i])).chain([(1e-4, 0.0)]);
            let total: f64 = weights().map(|(w, _)| w).sum();
            let mean = weights().map(|(w, x)| w * x).sum::<f64>() / total;
            let squares: f64 = weights().map(|(w, x)| w * (x - mean) * (x - mean)).sum();
            let variance = (squares + 1e-4 * 1.0) / total;
            assert!((moments.mean()[i] - mean).abs() < 1e-14);
            assert!((moments.variance()[i] - variance).abs() < 1e-12);
        }
    }

    #[test]
    fn moments_of_samples_are_those_of_the_samples_alone() {
        let samples = [5.82e6, 5.82e6 + 0.25, 5.82e6 - 0.5];
        let mut moments = Moments::of_samples(1);
        samples.iter().for_each(|&x| moments.update([x].into_iter()));
        let mean = 5.82e6 - 0.25 / 3.0;
        let variance = samples.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 3.0;
        assert!((moments.mean()[0] - mean).abs() < 1e-8);
        assert!((moments.variance()[0] - variance).abs() < 1e-8);
    }
}
