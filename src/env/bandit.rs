//! A two-armed bandit with a continuum of actions in between.

use alloc::vec;
use alloc::vec::Vec;

use super::error::EnvError;
use super::gate::Gate;
use super::quadrature::soft_maximum;
use super::space::BoxSpace;
use super::squashed::SquashedNormal;
use super::{Env, Step};
use crate::elementary::exp;

/// An arm: height, place and width of a Gaussian bump in the reward.
const ARMS: [(f64, f64, f64); 2] = [(0.7, -0.5, 0.12), (1.0, 0.4, 0.35)];

/// A task of one state and one step, whose reward has two peaks:
///
/// ```text
/// r(a) = 0.7 exp(−½ ((a + 0.5)/0.12)²) + exp(−½ ((a − 0.4)/0.35)²)
/// ```
///
/// for actions clipped to `[-1, 1]`: a narrow, lower arm at `−0.5` and a broad, higher one at `0.4`.
/// The observation is `[1]`. With neither states nor bootstrapping, what is left of Soft
/// Actor-Critic is its trade of reward against entropy, and its answer is known:
/// [`TwoArmedBandit::solve`].
///
/// A squashed Gaussian has one mode in `u`, so it cannot follow both arms, and what it does depends
/// on the temperature. For `α` from 0.2 to 1 the objective has a single maximum: near 0.2 a policy on
/// the broad arm, from about 0.3 on one that spreads over both; in between it changes fast, though
/// without a jump, so that `α = 0.2` or `0.5` make steadier tests than 0.28. For `α` of 0.15 and
/// below there are two local maxima, one on each arm, and a learner that begins on the narrow one
/// may stay there; the broad arm's is the higher, by about 0.3 or more.
///
/// Bandits as the one-state case: Sutton & Barto, "Reinforcement Learning: An Introduction", 2nd
/// edition, chapter 2, <http://incompleteideas.net/book/the-book-2nd.html>.
#[derive(Clone, Debug)]
pub struct TwoArmedBandit {
    gate: Gate,
}

/// The answer to the [`TwoArmedBandit`] at one temperature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BanditSolution {
    /// The temperature `α`.
    pub alpha: f64,
    /// The soft value `V = α ln ∫₋₁¹ exp(r(a)/α) da`, which no policy exceeds.
    pub soft_value: f64,
    /// The squashed Gaussian that comes nearest to the optimal density.
    pub policy: SquashedNormal,
    /// What that policy attains, `E[r(a)] + α H`: below the soft value by `α KL(policy ‖ π*)`.
    pub policy_value: f64,
    /// The mean of that policy's actions.
    pub mean: f64,
    /// The standard deviation of that policy's actions.
    pub std: f64,
}

impl BanditSolution {
    // ANCHOR: density
    /// The optimal density `π*(a) = exp((r(a) − V)/α)` for `a` in `[-1, 1]`.
    #[must_use]
    pub fn density(&self, action: f64) -> f64 {
        exp((TwoArmedBandit::reward(action) - self.soft_value) / self.alpha)
    }
    // ANCHOR_END: density
}

impl TwoArmedBandit {
    /// The bandit before its first episode.
    #[must_use]
    pub fn new() -> Self {
        Self { gate: Gate::new(BoxSpace::constant([0.0], [1.0]), 1.0) }
    }

    // ANCHOR: reward
    /// The reward `r(a)`.
    #[must_use]
    pub fn reward(action: f64) -> f64 {
        let bump = |(height, place, width): (f64, f64, f64)| {
            let z = (action - place) / width;
            height * exp(-0.5 * z * z)
        };
        ARMS.map(bump).iter().sum()
    }
    // ANCHOR_END: reward

    /// The optimal density and the best squashed Gaussian at the temperature `alpha`.
    ///
    /// ```
    /// use softac::env::TwoArmedBandit;
    /// let solution = TwoArmedBandit::solve(0.5)?;
    /// assert!((solution.mean - 0.168).abs() < 1e-3 && (solution.std - 0.471).abs() < 1e-3);
    /// # Ok::<(), softac::env::EnvError>(())
    /// ```
    ///
    /// # Errors
    /// [`EnvError::InvalidParameter`] unless `alpha` is finite and above 0.
    pub fn solve(alpha: f64) -> Result<BanditSolution, EnvError> {
        let policy = SquashedNormal::fit(Self::reward, alpha)?;
        Ok(BanditSolution {
            alpha,
            soft_value: soft_maximum(Self::reward, alpha)?,
            policy,
            policy_value: policy.objective(Self::reward, alpha),
            mean: policy.mean(),
            std: policy.std(),
        })
    }
}

impl Default for TwoArmedBandit {
    fn default() -> Self {
        Self::new()
    }
}

impl Env for TwoArmedBandit {
    fn name(&self) -> &str {
        "TwoArmedBandit-v0"
    }

    fn observation_space(&self) -> &BoxSpace {
        self.gate.observation_space()
    }

    fn action_space(&self) -> &BoxSpace {
        self.gate.action_space()
    }

    fn reset(&mut self, _seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.gate.open(observation)?;
        observation.fill(1.0);
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let action = self.gate.admit(action, observation)?.clamp(-1.0, 1.0);
        self.gate.close();
        observation.fill(1.0);
        Ok(Step { reward: Self::reward(action), terminated: true, truncated: false })
    }

    fn state(&self) -> Option<Vec<u64>> {
        Some(vec![self.gate.word()])
    }

    fn restore(&mut self, state: &[u64]) -> Result<(), EnvError> {
        let invalid = EnvError::invalid_state(self.name());
        let &[gate] = state else { return Err(invalid) };
        self.gate.restore(gate, true).ok_or(invalid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::quadrature::nodes;

    #[test]
    fn the_optimal_density_integrates_to_one_and_attains_the_soft_value() {
        for alpha in [0.05, 0.2, 1.0] {
            let solution = TwoArmedBandit::solve(alpha).unwrap();
            let mean = |f: &dyn Fn(f64) -> f64| -> f64 {
                nodes(-1.0, 1.0).map(|(a, w)| w * solution.density(a) * f(a)).sum()
            };
            assert!((mean(&|_| 1.0) - 1.0).abs() < 1e-10);
            let entropy = mean(&|a| -solution.density(a).ln());
            let value = mean(&TwoArmedBandit::reward) + alpha * entropy;
            assert!((value - solution.soft_value).abs() < 1e-10);
        }
    }

    #[test]
    fn the_value_lost_by_the_squashed_gaussian_is_its_divergence() {
        let solution = TwoArmedBandit::solve(0.5).unwrap();
        let entropy = solution.policy.entropy();
        let cross = solution.policy.expect(|a| -solution.density(a).ln());
        let loss = solution.soft_value - solution.policy_value;
        assert!((loss - 0.5 * (cross - entropy)).abs() < 1e-9 && loss > 0.0);
    }

    #[test]
    fn a_cold_policy_takes_the_broad_arm_and_a_warm_one_spreads() {
        // Mean and standard deviation, found with SciPy's Nelder-Mead on quadrature by panels of
        // 40 nodes.
        let reference = [
            (0.05, 0.399_354, 0.081_061),
            (0.2, 0.386_100, 0.187_381),
            (0.5, 0.167_516, 0.470_795),
            (1.0, 0.087_687, 0.533_589),
        ];
        for (alpha, mean, std) in reference {
            let solution = TwoArmedBandit::solve(alpha).unwrap();
            assert!((solution.mean - mean).abs() < 2e-6, "{solution:?}");
            assert!((solution.std - std).abs() < 2e-6, "{solution:?}");
        }
    }

    /// The local maxima of the objective on a fine grid over `(μ, ln σ)`.
    fn peaks(alpha: f64) -> usize {
        let score = |i: i32, j: i32| {
            let (mu, log_sigma) = (f64::from(i) * 0.05, f64::from(j) * 0.1);
            SquashedNormal { mu, sigma: log_sigma.exp() }.objective(TwoArmedBandit::reward, alpha)
        };
        let (rows, columns) = (-25..=25, -35..=2);
        let scores: alloc::vec::Vec<alloc::vec::Vec<f64>> =
            rows.map(|i| columns.clone().map(|j| score(i, j)).collect()).collect();
        let is_peak = |i: usize, j: usize| {
            let around = (i - 1..=i + 1).flat_map(|k| (j - 1..=j + 1).map(move |l| (k, l)));
            around.filter(|&at| at != (i, j)).all(|(k, l)| scores[k][l] < scores[i][j])
        };
        let inner =
            (1..scores.len() - 1).flat_map(|i| (1..scores[i].len() - 1).map(move |j| (i, j)));
        inner.filter(|&(i, j)| is_peak(i, j)).count()
    }

    #[test]
    fn the_objective_has_one_peak_when_warm_and_two_when_cold() {
        for alpha in [0.2, 0.5, 1.0] {
            assert_eq!(peaks(alpha), 1, "alpha = {alpha}");
        }
        for alpha in [0.05, 0.1, 0.15] {
            assert_eq!(peaks(alpha), 2, "alpha = {alpha}");
        }
    }
}
