//! The Boltzmann policy of two arms, in closed form at every temperature.

use core::f64::consts::LN_2;

use crate::elementary::{sigmoid, softplus};

/// Two arms with known rewards, and one choice between them.
///
/// Every function of the temperature `α` takes all of `[0, ∞]`, with its limits at both ends: no division is made
/// that could give a NaN, and nothing overflows that is finite. With `Δ = r₁ − r₂` and `z = Δ/α`, all of them
/// follow from `z`, which is 0 where the arms are equal, whatever `α`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoArms {
    rewards: [f64; 2],
}

/// Rewards that no bandit can have.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "the rewards {0} and {1} must be finite numbers, and so must their difference and their sum"
)]
pub struct RewardsError(pub f64, pub f64);

impl TwoArms {
    /// Arms with the rewards `r₁` and `r₂`.
    ///
    /// # Errors
    /// Unless both are finite, their difference and their sum too.
    pub fn new([r1, r2]: [f64; 2]) -> Result<Self, RewardsError> {
        let possible = [r1, r2, r1 - r2, r1 + r2].iter().all(|x| x.is_finite());
        if possible { Ok(Self { rewards: [r1, r2] }) } else { Err(RewardsError(r1, r2)) }
    }

    /// `r₁, r₂`
    #[must_use]
    pub fn rewards(&self) -> [f64; 2] {
        self.rewards
    }

    /// The greater reward, which the greedy policy gets.
    #[must_use]
    pub fn max(&self) -> f64 {
        self.rewards[0].max(self.rewards[1])
    }

    /// The mean reward, which the uniform policy gets.
    #[must_use]
    pub fn mean(&self) -> f64 {
        0.5 * (self.rewards[0] + self.rewards[1])
    }

    /// `Δ = r₁ − r₂`
    #[must_use]
    pub fn gap(&self) -> f64 {
        self.rewards[0] - self.rewards[1]
    }

    /// The logit of the first arm, `z = log π*(1) − log π*(2) = Δ/α`: infinite at `α = 0`, and 0 at `α = ∞` and
    /// for equal arms.
    ///
    /// # Panics
    /// If `alpha` is below 0 or NaN, as do all functions of it.
    #[must_use]
    pub fn logit(&self, alpha: f64) -> f64 {
        assert!(alpha >= 0.0, "a temperature is 0 or more, not {alpha}");
        // 0/0 is met as a limit of policies that are all uniform.
        if self.gap() == 0.0 { 0.0 } else { self.gap() / alpha }
    }

    /// The Boltzmann policy `π*(i) = exp(rᵢ/α) / Σⱼ exp(rⱼ/α)` of the first arm: `1 / (1 + exp(−Δ/α))`.
    ///
    /// Greedy at `α = 0`, with ½ for equal arms; uniform at `α = ∞`.
    #[must_use]
    pub fn probability(&self, alpha: f64) -> f64 {
        sigmoid(self.logit(alpha))
    }

    /// What that policy gets, `Σᵢ π*(i) rᵢ`: from the greater reward at `α = 0` down to the mean at `α = ∞`.
    #[must_use]
    pub fn expected_reward(&self, alpha: f64) -> f64 {
        // The share of the worse arm, which keeps its digits where it is small.
        self.max() - self.gap().abs() * sigmoid(-self.logit(alpha).abs())
    }

    /// Its entropy `−Σᵢ π*(i) log π*(i)` in nats, `softplus(−|z|) + |z| σ(−|z|)`: from 0 (or log 2 for equal arms) at
    /// `α = 0` up to log 2 at `α = ∞`.
    #[must_use]
    pub fn entropy(&self, alpha: f64) -> f64 {
        let z = self.logit(alpha).abs();
        // σ(−z) is 0 long before the product could be ∞ · 0.
        let entropy = if z.is_infinite() { 0.0 } else { softplus(-z) + z * sigmoid(-z) };
        // Not even by rounding is it more than that of the uniform policy.
        entropy.min(LN_2)
    }

    /// The soft value `V = α log Σᵢ exp(rᵢ/α) = max_π E_π[r] + α H(π)`.
    ///
    /// It rises from the greater reward at `α = 0` to ∞ at `α = ∞`, for the entropy is worth more and more:
    /// `max r ≤ V ≤ max r + α log 2`.
    #[must_use]
    pub fn soft_value(&self, alpha: f64) -> f64 {
        if alpha == 0.0 {
            return self.max();
        }
        self.max() + alpha * softplus(-self.logit(alpha).abs())
    }

    /// The soft value less what the entropy of the uniform policy is worth,
    /// `V − α log 2 = α log(½ Σᵢ exp(rᵢ/α))`: the exponential mean of the rewards.
    ///
    /// It falls from the greater reward at `α = 0` to the mean at `α = ∞`, and lies between the two. It is
    /// computed as `r̄ + α log cosh(Δ/2α)` where `α` is large, since the difference of two large numbers would have
    /// no digits left.
    #[must_use]
    pub fn exponential_mean(&self, alpha: f64) -> f64 {
        let z = self.logit(alpha).abs();
        if z >= 1.0 {
            return self.max() + alpha * (softplus(-z) - LN_2);
        }
        if z == 0.0 {
            return self.mean();
        }
        // cosh x = 1 + 2 sinh²(x/2)
        let sinh = libm::sinh(0.25 * z);
        self.mean() + alpha * libm::log1p(2.0 * sinh * sinh)
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::gradcheck::{Probe, ridders};

    const TIE: [f64; 2] = [0.3, 0.3];
    const CASES: [[f64; 2]; 5] = [[1.0, 0.0], [0.0, 1.0], [-2.0, 5.0], [1e-3, 2e-3], TIE];
    const ALPHAS: [f64; 9] = [1e-300, 1e-9, 0.01, 0.3, 1.0, 7.0, 1e3, 1e9, 1e300];

    fn arms(rewards: [f64; 2]) -> TwoArms {
        TwoArms::new(rewards).unwrap()
    }

    /// Everything that is a function of the temperature.
    fn all(arms: &TwoArms, alpha: f64) -> [f64; 5] {
        [
            arms.probability(alpha),
            arms.expected_reward(alpha),
            arms.entropy(alpha),
            arms.soft_value(alpha),
            arms.exponential_mean(alpha),
        ]
    }

    #[test]
    fn the_boltzmann_policy_is_that_of_its_definition() {
        for rewards in CASES {
            let arms = arms(rewards);
            for alpha in [0.05, 0.3, 1.0, 4.0, 20.0] {
                let weights = rewards.map(|r| ((r - arms.max()) / alpha).exp());
                let sum: f64 = weights.iter().sum();
                let pi = weights.map(|w| w / sum);
                let reward = pi[0] * rewards[0] + pi[1] * rewards[1];
                let terms = pi.map(|p| if p > 0.0 { -p * p.ln() } else { 0.0 });
                let value = arms.max() + alpha * sum.ln();
                let mean = value - alpha * LN_2;
                let expected = [pi[0], reward, terms[0] + terms[1], value, mean];
                for (found, expected) in all(&arms, alpha).into_iter().zip(expected) {
                    assert_relative_eq!(found, expected, epsilon = 1e-12, max_relative = 1e-12);
                }
                // V is attained: E[r] + α H.
                assert_relative_eq!(
                    arms.soft_value(alpha),
                    reward + alpha * (terms[0] + terms[1]),
                    epsilon = 1e-12
                );
            }
        }
    }

    #[test]
    fn at_both_ends_stand_the_greedy_and_the_uniform_policy() {
        for rewards in CASES {
            let arms = arms(rewards);
            let greedy = match arms.gap() {
                gap if gap > 0.0 => 1.0,
                gap if gap < 0.0 => 0.0,
                _ => 0.5,
            };
            let entropy = if arms.gap() == 0.0 { LN_2 } else { 0.0 };
            let (max, mean) = (arms.max(), arms.mean());
            assert_eq!(all(&arms, 0.0), [greedy, max, entropy, max, max], "{rewards:?}");
            let infinity = f64::INFINITY;
            let last = all(&arms, infinity);
            assert_eq!(last[..4], [0.5, mean, LN_2, infinity], "{rewards:?}");
            assert_eq!(last[4], mean, "{rewards:?}");
        }
    }

    #[test]
    fn no_temperature_gives_a_nan_or_leaves_the_bounds() {
        for rewards in CASES.into_iter().chain([[1e300, -1e300], [5e-324, 0.0], [1e308, -7e307]]) {
            let arms = arms(rewards);
            let (max, mean) = (arms.max(), arms.mean());
            let slack = 1e-15 * (max.abs() + mean.abs());
            let mut before = f64::INFINITY;
            for alpha in [&[0.0, 5e-324][..], &ALPHAS].concat() {
                let [probability, reward, entropy, value, exponential] = all(&arms, alpha);
                assert!((0.0..=1.0).contains(&probability) && (0.0..=LN_2).contains(&entropy));
                for x in [reward, exponential] {
                    assert!(mean - slack <= x && x <= max + slack, "{rewards:?}, {alpha}: {x}");
                }
                assert!(
                    max <= value && value <= max + alpha * LN_2 + slack,
                    "{rewards:?}, {alpha}"
                );
                assert!(exponential <= before + slack, "it falls: {rewards:?}, {alpha}");
                before = exponential;
            }
        }
    }

    #[test]
    fn the_slope_of_the_soft_value_is_the_entropy() {
        for rewards in CASES {
            let arms = arms(rewards);
            for alpha in [0.2, 1.0, 3.0, 40.0] {
                let probe = |alpha| {
                    let value = arms.soft_value(alpha);
                    Ok(Probe { value, rounding: 4.0 * f64::EPSILON * value.abs() })
                };
                let slope = ridders(alpha, 0.1, probe).unwrap();
                assert!((slope.value - arms.entropy(alpha)).abs() <= slope.bound(), "{slope:?}");
            }
        }
    }

    #[test]
    fn hot_arms_keep_the_digits_of_their_exponential_mean() {
        // α log cosh(Δ/2α) = Δ²/8α − Δ⁴/192α³ + …
        let arms = arms([1.0, -1.0]);
        for alpha in [1e2, 1e4, 1e8] {
            let series = 4.0 / (8.0 * alpha) - 16.0 / (192.0 * f64::powi(alpha, 3));
            assert_relative_eq!(arms.exponential_mean(alpha), series, max_relative = 1e-8);
        }
        // Both ways of computing it meet where the one is left for the other.
        let (below, above) = (arms.exponential_mean(2.0 + 1e-12), arms.exponential_mean(2.0));
        assert_relative_eq!(below, above, max_relative = 1e-11);
    }

    #[test]
    fn exchanged_arms_exchange_their_probabilities() {
        for alpha in ALPHAS {
            let (one, other) = (arms([0.4, 2.0]), arms([2.0, 0.4]));
            assert_relative_eq!(one.probability(alpha) + other.probability(alpha), 1.0);
            assert_eq!(all(&one, alpha)[1..], all(&other, alpha)[1..]);
        }
    }

    #[test]
    fn rewards_that_are_no_numbers_are_refused() {
        for rewards in [[f64::NAN, 0.0], [0.0, f64::INFINITY], [1e308, -1e308], [1e308, 1e308]] {
            let message = TwoArms::new(rewards).unwrap_err().to_string();
            assert!(message.contains("must be finite numbers"), "{message}");
        }
    }
}
