//! Observations and rewards brought to a common scale by running statistics.
//!
//! As `VecNormalize` of Stable-Baselines3: statistics are of the observations that the policy acts on, and of
//! the discounted return; the replay buffer keeps what the environment gave, and a minibatch is standardised
//! by the statistics of its time.

use alloc::vec;
use alloc::vec::Vec;

use num_traits::Float;

use crate::Scalar;
use crate::replay::Batch;
use crate::state::{StateError, Visitor, visit_as_many};

pub use crate::moments::Moments;

/// Added to variances before their root is taken.
const EPSILON: f64 = 1e-8;

/// `clip((x − m) / √(v + ε), −c, c)` with statistics that stand still: what a policy that was trained so does
/// to its observations.
#[derive(Clone, Debug, PartialEq)]
pub struct Standardisation<T> {
    mean: Vec<T>,
    /// 1 / √(v + ε)
    scale: Vec<T>,
    clip: T,
}

impl<T: Scalar> Standardisation<T> {
    /// By these moments, to at most `clip` in size.
    #[must_use]
    pub fn new(moments: &Moments, clip: f64) -> Self {
        let mut standardisation = Self { mean: Vec::new(), scale: Vec::new(), clip: T::of(clip) };
        standardisation.follow(moments);
        standardisation
    }

    /// With this mean and `scale = 1 / √(v + ε)` of each component.
    ///
    /// # Panics
    /// If they have different lengths.
    #[must_use]
    pub fn of_parts(mean: Vec<T>, scale: Vec<T>, clip: T) -> Self {
        assert_eq!(mean.len(), scale.len(), "one scale for each mean");
        Self { mean, scale, clip }
    }

    /// Mean, scale and bound.
    #[must_use]
    pub fn parts(&self) -> (&[T], &[T], T) {
        (&self.mean, &self.scale, self.clip)
    }

    /// Standardises a vector, or several one after another.
    pub fn apply(&self, x: &mut [T]) {
        for x in x.chunks_exact_mut(self.mean.len()) {
            for ((x, &mean), &scale) in x.iter_mut().zip(&self.mean).zip(&self.scale) {
                *x = clip((*x - mean) * scale, self.clip);
            }
        }
    }

    fn follow(&mut self, moments: &Moments) {
        self.mean.clear();
        self.mean.extend(moments.mean().iter().map(|&mean| T::of(mean)));
        self.scale.clear();
        self.scale
            .extend(moments.variance().iter().map(|&v| T::of(1.0 / Float::sqrt(v + EPSILON))));
    }
}

/// What a training does to observations and rewards before it learns from them: nothing, or either.
#[derive(Clone, Debug)]
pub struct Normaliser<T> {
    observations: Option<(Moments, Standardisation<T>)>,
    returns: Option<Returns>,
    clip_reward: T,
}

/// The discounted return so far in each environment, `R ← γ R + r`, by whose spread rewards are divided.
#[derive(Clone, Debug)]
struct Returns {
    moments: Moments,
    gamma: f64,
    so_far: Vec<f64>,
}

impl<T: Scalar> Normaliser<T> {
    /// For observations of S numbers, from so many environments. A bound means that it is done, and to which
    /// size it is clipped.
    #[must_use]
    pub fn new(
        s: usize,
        num_envs: usize,
        clip_obs: Option<f64>,
        clip_reward: Option<f64>,
        gamma: f64,
    ) -> Self {
        let moments = Moments::new(s);
        let returns = Returns { moments: Moments::new(1), gamma, so_far: vec![0.0; num_envs] };
        Self {
            observations: clip_obs
                .map(|clip| (moments.clone(), Standardisation::new(&moments, clip))),
            returns: clip_reward.map(|_| returns),
            clip_reward: T::of(clip_reward.unwrap_or(0.0)),
        }
    }

    /// What is done to observations, by the statistics so far.
    #[must_use]
    pub fn observations(&self) -> Option<&Standardisation<T>> {
        self.observations.as_ref().map(|(_, standardisation)| standardisation)
    }

    /// The statistics of observations so far.
    #[must_use]
    pub fn moments(&self) -> Option<&Moments> {
        self.observations.as_ref().map(|(moments, _)| moments)
    }

    /// Takes note of an observation that the policy is going to act on.
    ///
    /// # Panics
    /// If it is not of S numbers.
    pub fn see_observation(&mut self, observation: &[T]) {
        if let Some((moments, standardisation)) = &mut self.observations {
            moments.update(observation.iter().map(|x| x.as_f64()));
            standardisation.follow(moments);
        }
    }

    /// Takes note of a reward in an environment, and of the end of its episode.
    ///
    /// # Panics
    /// If there are no more environments than `lane`.
    pub fn see_reward(&mut self, lane: usize, reward: f64, done: bool) {
        if let Some(returns) = &mut self.returns {
            let so_far = &mut returns.so_far[lane];
            *so_far = (returns.gamma * *so_far + reward).zero_below(f64::NEGLIGIBLE);
            returns.moments.update([*so_far].into_iter());
            if done {
                *so_far = 0.0;
            }
        }
    }

    /// Gives the episode under way in an environment up.
    ///
    /// # Panics
    /// If there are no more environments than `lane`.
    pub fn abandon_episode(&mut self, lane: usize) {
        if let Some(returns) = &mut self.returns {
            returns.so_far[lane] = 0.0;
        }
    }

    /// Standardises a minibatch, in place: observations as [`Standardisation`] does, rewards to
    /// `clip(r / √(v_R + ε), −c, c)` with the variance v_R of the discounted return.
    pub fn apply(&self, batch: &mut Batch<T>) {
        if let Some((_, standardisation)) = &self.observations {
            for observations in [&mut batch.observations, &mut batch.next_observations] {
                standardisation.apply(observations.as_slice_mut().unwrap_or_default());
            }
        }
        if let Some(returns) = &self.returns {
            let scale = T::of(1.0 / Float::sqrt(returns.moments.variance()[0] + EPSILON));
            batch.rewards.mapv_inplace(|r| clip(r * scale, self.clip_reward));
        }
    }

    /// Shows the statistics.
    ///
    /// # Errors
    /// What the visitor said, or if what it gave is of other observations.
    pub fn visit(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        if let Some((moments, standardisation)) = &mut self.observations {
            moments.visit("normaliser.observations", visitor)?;
            standardisation.follow(moments);
        }
        if let Some(returns) = &mut self.returns {
            returns.moments.visit("normaliser.returns", visitor)?;
            let mut words = returns.so_far.iter().map(|x| x.to_bits()).collect();
            visit_as_many(visitor, "normaliser.return_so_far", &mut words)?;
            returns.so_far.iter_mut().zip(words).for_each(|(x, word)| *x = f64::from_bits(word));
        }
        Ok(())
    }
}

fn clip<T: Scalar>(x: T, bound: T) -> T {
    x.max(-bound).min(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_observation_of_a_minibatch_is_standardised_and_clipped_and_so_is_every_next_one() {
        let mut normaliser = Normaliser::<f64>::new(5, 1, Some(1.5), Some(0.75), 0.9);
        let seen = |i: usize| [0.0, 1.0, 2.0, 3.0, 4.0].map(|j| 10.0 * j + (i as f64 + j) % 7.0);
        (0..70).for_each(|i| normaliser.see_observation(&seen(i)));
        (0..70).for_each(|i| normaliser.see_reward(0, (i % 5) as f64 - 2.0, i % 10 == 9));
        let mut raw = Batch::new(4, 5, 1);
        for (i, x) in raw.observations.iter_mut().chain(&mut raw.next_observations).enumerate() {
            *x = 10.0 * (i % 5) as f64 + (i * i % 11) as f64 - 2.0;
        }
        raw.rewards.iter_mut().zip([-9.0, -0.5, 0.25, 9.0]).for_each(|(r, x)| *r = x);
        let mut batch = raw.clone();
        normaliser.apply(&mut batch);
        let moments = normaliser.moments().unwrap();
        let shown = |x: f64, j: usize| {
            let deviation = libm::sqrt(moments.variance()[j] + EPSILON);
            ((x - moments.mean()[j]) / deviation).clamp(-1.5, 1.5)
        };
        let pairs = [
            (&batch.observations, &raw.observations),
            (&batch.next_observations, &raw.next_observations),
        ];
        for (found, raw) in pairs {
            for ((place, &found), &x) in found.indexed_iter().zip(raw) {
                let expected = shown(x, place.1);
                assert!((found - expected).abs() < 1e-12, "{place:?}: {found}, {expected}");
            }
            assert!([-1.5, 1.5].iter().all(|bound| found.iter().any(|x| x == bound)));
            assert!(found.iter().any(|x| x.abs() < 1.5));
        }
        let rewards: Vec<f64> = batch.rewards.iter().copied().collect();
        assert_eq!([rewards[0], rewards[3]], [-0.75, 0.75]);
        assert!((rewards[1] + 2.0 * rewards[2]).abs() < 1e-12 && rewards[2] > 0.0, "{rewards:?}");
    }

    #[test]
    fn standardised_numbers_have_mean_0_and_variance_1_and_are_clipped() {
        let mut moments = Moments::new(1);
        let samples: Vec<f64> = (0..1000).map(|i| 50.0 + 3.0 * f64::from(i % 7)).collect();
        samples.iter().for_each(|&x| moments.update([x].into_iter()));
        let standardisation = Standardisation::<f64>::new(&moments, 1.2);
        let mut x = samples.clone();
        standardisation.apply(&mut x);
        assert!(x.iter().sum::<f64>().abs() / 1000.0 < 1e-2);
        assert_eq!(x.iter().copied().fold(0.0, f64::max), 1.2);
        let mut unclipped = samples;
        Standardisation::<f64>::new(&moments, 10.0).apply(&mut unclipped);
        let variance = unclipped.iter().map(|x| x * x).sum::<f64>() / 1000.0;
        assert!((variance - 1.0).abs() < 1e-2, "{variance}");
    }
}
