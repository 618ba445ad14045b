//! A chain of five states, small enough to be solved exactly.

use alloc::vec::Vec;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::error::EnvError;
use super::gate::Gate;
use super::quadrature::soft_maximum;
use super::space::BoxSpace;
use super::squashed::SquashedNormal;
use super::{Env, Step};
use crate::elementary::exp;
use crate::state::{stream_of, stream_words};

/// The number of states.
const STATES: usize = 5;

/// A random walk on five states in a row, steered by a continuous action.
///
/// From state `s ∈ {0, …, 4}` the action `a`, clipped to `[-1, 1]`, leads one to the right with
/// probability `(1 + a)/2` and one to the left otherwise; at either end the walk stays where it is
/// instead of leaving. The reward is `r(s, a) = s/4 − a²/2`: being right pays, steering costs. The
/// observation is one-hot. Episodes start in a uniformly random state and never terminate; the
/// registered environment is cut after 50 steps.
///
/// The task is tabular in its states, so that the soft optimum is known to rounding error
/// ([`Chain::soft_value_iteration`]), and with it what a learner's critic should say. It follows the
/// random-walk chains of Sutton & Barto, "Reinforcement Learning: An Introduction", 2nd edition,
/// example 6.2, <http://incompleteideas.net/book/the-book-2nd.html>.
#[derive(Clone, Debug)]
pub struct Chain {
    gate: Gate,
    state: usize,
    rng: ChaCha8Rng,
}

/// The soft-optimal values of the [`Chain`] for one discount and one temperature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChainSolution {
    gamma: f64,
    alpha: f64,
    values: [f64; STATES],
}

impl ChainSolution {
    /// The soft values `V(s)` of the five states.
    #[must_use]
    pub fn values(&self) -> [f64; STATES] {
        self.values
    }

    /// The soft action value `Q(s, a)` for `a` in `[-1, 1]`.
    ///
    /// # Panics
    /// If `state` is not below 5.
    #[must_use]
    pub fn q(&self, state: usize, action: f64) -> f64 {
        action_value(&self.values, self.gamma, state, action)
    }

    // ANCHOR: density
    /// The soft-optimal density `π*(a|s) = exp((Q(s, a) − V(s))/α)` for `a` in `[-1, 1]`.
    ///
    /// # Panics
    /// If `state` is not below 5.
    #[must_use]
    pub fn density(&self, state: usize, action: f64) -> f64 {
        exp((self.q(state, action) - self.values[state]) / self.alpha)
    }
    // ANCHOR_END: density

    /// The squashed Gaussian nearest to the soft-optimal density in `state`.
    ///
    /// # Panics
    /// If `state` is not below 5.
    #[must_use]
    pub fn policy(&self, state: usize) -> SquashedNormal {
        SquashedNormal::nearest(|action| self.q(state, action), self.alpha)
    }
}

impl Chain {
    /// The chain before its first episode.
    #[must_use]
    pub fn new() -> Self {
        let observations = BoxSpace::constant([0.0; STATES], [1.0; STATES]);
        Self { gate: Gate::new(observations, 1.0), state: 0, rng: ChaCha8Rng::seed_from_u64(0) }
    }

    /// Solves the chain by soft value iteration: the fixed point of
    ///
    /// ```text
    /// V(s)    = α ln ∫₋₁¹ exp(Q(s, a)/α) da
    /// Q(s, a) = s/4 − a²/2 + γ [(1 + a)/2 · V(right of s) + (1 − a)/2 · V(left of s)]
    /// ```
    ///
    /// (Haarnoja et al. 2017, theorem 3, <https://arxiv.org/abs/1702.08165>). The map contracts by
    /// `γ`; it is applied until the first guess weighs less than `1e-12`.
    ///
    /// `Q` is quadratic in `a`, so the optimal policy is a Gaussian of variance `α` around
    /// `γ (V(right) − V(left))/2`, cut off at the ends of the box. Where little is cut off, a squashed
    /// Gaussian comes near it: for `γ = 0.9` the best squashed Gaussians lose at most 0.008 of the
    /// value at `α = 0.02`, and 0.024 at `α = 0.05`, where the values are between 4.7 and 8. Most is
    /// lost in state 1, whose Gaussian is centred at 0.84.
    ///
    /// # Errors
    /// [`EnvError::InvalidParameter`] unless `gamma` is in `[0, 1)` and `alpha` finite and above 0.
    // ANCHOR: soft_value_iteration
    pub fn soft_value_iteration(gamma: f64, alpha: f64) -> Result<ChainSolution, EnvError> {
        EnvError::require_discount(gamma)?;
        EnvError::require_temperature(alpha)?;
        let mut values = [0.0; STATES];
        let mut weight_of_the_guess = 1.0;
        while weight_of_the_guess > 1e-12 {
            let previous = values;
            for (state, value) in values.iter_mut().enumerate() {
                *value = soft_maximum(|a| action_value(&previous, gamma, state, a), alpha)?;
            }
            weight_of_the_guess *= gamma;
        }
        Ok(ChainSolution { gamma, alpha, values })
    }
    // ANCHOR_END: soft_value_iteration

    fn observe(&self, observation: &mut [f64]) {
        observation.fill(0.0);
        observation[self.state] = 1.0;
    }
}

/// The states to the left and to the right.
fn neighbours(state: usize) -> (usize, usize) {
    (state.saturating_sub(1), (state + 1).min(STATES - 1))
}

/// The probability of a step to the right.
fn right_probability(action: f64) -> f64 {
    (1.0 + action) / 2.0
}

fn reward(state: usize, action: f64) -> f64 {
    // The index is below five and converts exactly.
    state as f64 / (STATES - 1) as f64 - action * action / 2.0
}

// ANCHOR: action_value
/// The expected return of `action` where the next state is worth what `values` says.
fn action_value(values: &[f64; STATES], gamma: f64, state: usize, action: f64) -> f64 {
    let (left, right) = neighbours(state);
    let p = right_probability(action);
    reward(state, action) + gamma * (p * values[right] + (1.0 - p) * values[left])
}
// ANCHOR_END: action_value

impl Default for Chain {
    fn default() -> Self {
        Self::new()
    }
}

impl Env for Chain {
    fn name(&self) -> &str {
        "Chain-v0"
    }

    fn observation_space(&self) -> &BoxSpace {
        self.gate.observation_space()
    }

    fn action_space(&self) -> &BoxSpace {
        self.gate.action_space()
    }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.gate.open(observation)?;
        self.rng = ChaCha8Rng::seed_from_u64(seed);
        self.state = self.rng.random_range(0..STATES);
        self.observe(observation);
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let action = self.gate.admit(action, observation)?.clamp(-1.0, 1.0);
        let reward = reward(self.state, action);
        let (left, right) = neighbours(self.state);
        let goes_right = self.rng.random_bool(right_probability(action));
        self.state = if goes_right { right } else { left };
        self.observe(observation);
        Ok(Step { reward, terminated: false, truncated: false })
    }

    fn state(&self) -> Option<Vec<u64>> {
        let own = [self.gate.word(), self.state as u64];
        Some(own.into_iter().chain(stream_words(&self.rng)).collect())
    }

    fn restore(&mut self, state: &[u64]) -> Result<(), EnvError> {
        let invalid = EnvError::invalid_state(self.name());
        let &[gate, state, ref stream @ ..] = state else { return Err(invalid) };
        let (Ok(stream), Ok(state)) = (stream.try_into(), usize::try_from(state)) else {
            return Err(invalid);
        };
        self.gate.restore(gate, state < STATES).ok_or(invalid)?;
        (self.state, self.rng) = (state, stream_of(stream));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::quadrature::nodes;

    #[test]
    fn without_a_future_the_soft_value_is_that_of_a_cut_off_gaussian() {
        // ∫₋₁¹ exp(−a²/2α) da = √(2πα) erf(1/√(2α)), and erf(5) = 1 − 1.5e-12.
        let alpha: f64 = 0.02;
        let bonus = alpha * (core::f64::consts::TAU * alpha).sqrt().ln();
        let values = Chain::soft_value_iteration(0.0, alpha).unwrap().values();
        for (state, value) in values.into_iter().enumerate() {
            assert!((value - (state as f64 / 4.0 + bonus)).abs() < 1e-12);
        }
    }

    #[test]
    fn the_solution_solves_the_soft_bellman_equation() {
        for (gamma, alpha) in [(0.9, 0.02), (0.9, 0.5), (0.99, 0.05)] {
            let solution = Chain::soft_value_iteration(gamma, alpha).unwrap();
            for (state, value) in solution.values().into_iter().enumerate() {
                let soft = soft_maximum(|a| solution.q(state, a), alpha).unwrap();
                assert!((soft - value).abs() < 1e-10);
                let mass: f64 = nodes(-1.0, 1.0).map(|(a, w)| w * solution.density(state, a)).sum();
                assert!((mass - 1.0).abs() < 1e-8);
            }
        }
    }

    /// Soft policy iteration among squashed Gaussians: their own optimal values.
    fn squashed_values(gamma: f64, alpha: f64) -> [f64; STATES] {
        let mut solution = Chain::soft_value_iteration(gamma, alpha).unwrap();
        for _ in 0..3 {
            let policies = [0, 1, 2, 3, 4].map(|state| solution.policy(state));
            // Q is quadratic in a, so mean, second moment and entropy say all about a policy.
            let moments = policies.map(|p| (p.mean(), p.expect(|a| a * a), p.entropy()));
            for _ in 0..(-30.0 / gamma.ln()) as u32 {
                let previous = solution.values;
                for (state, (mean, square, entropy)) in moments.into_iter().enumerate() {
                    let on_average = action_value(&previous, gamma, state, mean);
                    solution.values[state] =
                        on_average - (square - mean * mean) / 2.0 + alpha * entropy;
                }
            }
        }
        solution.values
    }

    #[test]
    fn squashed_gaussians_lose_little_of_the_value() {
        for (alpha, bound) in [(0.02, 0.009), (0.05, 0.025)] {
            let best = Chain::soft_value_iteration(0.9, alpha).unwrap();
            let squashed = squashed_values(0.9, alpha);
            for (unrestricted, restricted) in best.values().into_iter().zip(squashed) {
                let gap = unrestricted - restricted;
                assert!((0.0..bound).contains(&gap), "alpha = {alpha}: {gap}");
            }
        }
    }

    #[test]
    fn an_extreme_action_decides_where_the_walk_goes() {
        let (mut env, mut observation) = (Chain::new(), [0.0; STATES]);
        for seed in 0..20 {
            env.reset(seed, &mut observation).unwrap();
            for (action, end) in [(1.0, 4), (-3.0, 0)] {
                for _ in 0..4 {
                    env.step(&[action], &mut observation).unwrap();
                }
                assert_eq!(observation[end], 1.0);
                assert_eq!(observation.iter().sum::<f64>(), 1.0);
            }
        }
    }

    #[test]
    fn steps_go_right_as_often_as_the_action_says() {
        let (mut env, mut observation) = (Chain::new(), [0.0; STATES]);
        env.reset(3, &mut observation).unwrap();
        let rounds = 4000;
        let mut right = 0;
        for _ in 0..rounds {
            env.state = 2;
            env.step(&[0.5], &mut observation).unwrap();
            right += i32::from(observation[3] == 1.0);
        }
        // Five standard deviations of the frequency are 0.034.
        assert!((f64::from(right) / f64::from(rounds) - 0.75).abs() < 0.034);
    }
}
