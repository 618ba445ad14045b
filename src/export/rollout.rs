//! What the policy sees when it acts.

use rand::{Rng, RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::error::ExportError;
use super::reference::{Reference, Single, Status};
use crate::Scalar;
use crate::env::Env;
use crate::random::{Purpose, stream};
use crate::train::SavedPolicy;

/// Observations of the exported policy acting in its environment, in single precision.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollout {
    observations: Vec<f32>,
    dim: usize,
    /// The greatest difference between an action of the trained policy and one of the exported policy, in the
    /// environment's units: 0 for a policy that was trained in single precision with portable numerics, but for
    /// the rounding of its observations.
    pub deviation: f64,
}

impl Rollout {
    /// Plays `steps` steps (at least one) in `env`, from the start states that evaluations with this seed have.
    ///
    /// # Errors
    /// A policy and an environment with other spaces, and what the environment refused.
    pub fn of<T: Scalar>(
        env: &mut dyn Env,
        trained: &mut SavedPolicy<T>,
        exported: &mut Single,
        seed: u64,
        steps: usize,
    ) -> Result<Self, ExportError> {
        trained.check_spaces(env)?;
        let mut starts = stream(seed, Purpose::Evaluation);
        let dim = env.observation_space().len();
        let (mut seen, mut single) = (vec![0.0; dim], vec![0.0; dim]);
        let mut actions = [(); 2].map(|()| vec![0.0; env.action_space().len()]);
        let mut action = vec![0.0; env.action_space().len()];
        let mut rollout =
            Self { observations: Vec::with_capacity(steps * dim), dim, deviation: 0.0 };
        let mut done = true;
        while rollout.len() < steps.max(1) {
            if done {
                env.reset(starts.next_u64(), &mut seen)?;
            }
            single.iter_mut().zip(&seen).for_each(|(to, &x)| *to = x as f32);
            let status = exported.act(&single, &mut action);
            trained.act(&seen, &mut actions[0]);
            actions[1].iter_mut().zip(&action).for_each(|(to, &a)| *to = f64::from(a));
            if status == Status::Ok {
                rollout.observations.extend(&single);
                let [trained, exported] = &actions;
                let differences = trained.iter().zip(exported).map(|(a, b)| (a - b).abs());
                rollout.deviation = differences.fold(rollout.deviation, f64::max);
            }
            done = env.step(&actions[1], &mut seen)?.done();
        }
        Ok(rollout)
    }

    /// How many there are.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "there is at least one")]
    pub fn len(&self) -> usize {
        self.observations.len() / self.dim
    }

    /// One after another.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.observations.chunks_exact(self.dim)
    }

    /// So many of them, evenly spread; some of them more than once where there are fewer.
    pub fn spread(&self, count: usize) -> impl Iterator<Item = &[f32]> {
        let at = move |i| i * self.len() / count;
        (0..count).map(move |i| &self.observations[at(i) * self.dim..][..self.dim])
    }

    /// As many random observations as were met: each component uniform in twice the range of what was met.
    #[must_use]
    pub fn random(&self, seed: u64) -> Vec<Vec<f32>> {
        let (ranges, mut stream) = (self.ranges(), ChaCha8Rng::seed_from_u64(seed));
        let mut component = |&(middle, half): &(f32, f32)| {
            middle + 2.0 * half * (2.0 * stream.random::<f32>() - 1.0)
        };
        (0..self.len()).map(|_| ranges.iter().map(&mut component).collect()).collect()
    }

    /// The middle of the range of each component, and half the range; at least the least normal number, so that there
    /// is something beside the middle.
    #[must_use]
    pub fn ranges(&self) -> Vec<(f32, f32)> {
        let component = |j: usize| self.observations[j..].iter().step_by(self.dim).copied();
        let range = |j: usize| {
            let low = component(j).fold(f32::INFINITY, f32::min);
            let high = component(j).fold(f32::NEG_INFINITY, f32::max);
            (0.5 * low + 0.5 * high, (0.5 * high - 0.5 * low).max(f32::MIN_POSITIVE))
        };
        (0..self.dim).map(range).collect()
    }
}
