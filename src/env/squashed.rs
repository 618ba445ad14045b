//! The best squashed Gaussian: what a Soft Actor-Critic policy can at most learn in one state.

use core::f64::consts::{LN_2, PI};

use num_traits::Float;

use super::error::EnvError;
use super::quadrature::nodes;
use crate::elementary::{exp, ln, softplus, tanh};

/// Beyond nine standard deviations lies less than `1e-18` of a Gaussian.
const REACH: f64 = 9.0;

/// The distribution of `a = tanh u`, `u ~ N(μ, σ²)`, by which Soft Actor-Critic acts.
///
/// Its density follows from that of `u` by the change of variables
///
/// ```text
/// p(a) = N(atanh a; μ, σ²) / (1 − a²)
/// ```
///
/// (Haarnoja et al. 2018, "Soft Actor-Critic", appendix C, <https://arxiv.org/abs/1801.01290>).
/// Expectations are integrals over `z = (u − μ)/σ` by quadrature, without sampling error: the
/// reference that a learnt policy is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SquashedNormal {
    /// The mean `μ` of `u`, before the squashing.
    pub mu: f64,
    /// The standard deviation `σ` of `u`, above 0.
    pub sigma: f64,
}

impl SquashedNormal {
    /// `E[f(a)]`.
    #[must_use]
    pub fn expect(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.expect_unsquashed(|u| f(tanh(u)))
    }

    /// The mean of the action `a`, which is not `tanh μ` unless `μ = 0`.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.expect(|a| a)
    }

    /// The standard deviation of the action `a`.
    #[must_use]
    pub fn std(&self) -> f64 {
        let mean = self.mean();
        Float::sqrt(self.expect(|a| (a - mean) * (a - mean)))
    }

    // ANCHOR: entropy
    /// The differential entropy of the action, `½ ln(2πe σ²) + E[ln(1 − tanh² u)]`.
    #[must_use]
    pub fn entropy(&self) -> f64 {
        // The form of ln(1 − tanh² u) that stays finite where 1 − tanh² u rounds to zero.
        let log_slope = |u: f64| 2.0 * (LN_2 - u - softplus(-2.0 * u));
        let gaussian = 0.5 * (1.0 + ln(2.0 * PI)) + ln(self.sigma);
        gaussian + self.expect_unsquashed(log_slope)
    }
    // ANCHOR_END: entropy

    // ANCHOR: objective
    /// The entropy-regularised objective `E[f(a)] + α H[p]`.
    #[must_use]
    pub fn objective(&self, f: impl Fn(f64) -> f64, alpha: f64) -> f64 {
        self.expect(f) + alpha * self.entropy()
    }
    // ANCHOR_END: objective

    /// The squashed Gaussian with the largest [objective](Self::objective), which is also the one
    /// with the smallest Kullback–Leibler divergence from `π*(a) ∝ exp(f(a)/α)`:
    ///
    /// ```text
    /// KL(p ‖ π*) = ln ∫ exp(f(a)/α) da − (E[f(a)] + α H[p])/α
    /// ```
    ///
    /// This is the projection of policy improvement in Soft Actor-Critic (Haarnoja et al. 2018,
    /// equation 4). The search takes the best point of a grid over `(μ, ln σ)`, with `|μ| ≤ 2` and
    /// `ln σ` in `[−4.5, 0.5]`, and refines it by a compass search, to about `1e-7` in both.
    ///
    /// # Errors
    /// [`EnvError::InvalidParameter`] unless the temperature `alpha` is finite and above 0.
    pub fn fit(f: impl Fn(f64) -> f64, alpha: f64) -> Result<Self, EnvError> {
        EnvError::require_temperature(alpha)?;
        Ok(Self::nearest(f, alpha))
    }

    /// [`SquashedNormal::fit`] for a temperature that has been checked.
    pub(super) fn nearest(f: impl Fn(f64) -> f64, alpha: f64) -> Self {
        let at = |[mu, log_sigma]: [f64; 2]| Self { mu, sigma: exp(log_sigma) };
        let score = |point| at(point).objective(&f, alpha);
        let grid = (-16..=16).flat_map(|mu| {
            (-18..=2).map(move |log_sigma| [f64::from(mu) * 0.125, f64::from(log_sigma) * 0.25])
        });
        let best =
            grid.map(|point| (score(point), point)).fold((f64::NEG_INFINITY, [0.0; 2]), better);
        at(compass_search(score, best))
    }

    /// `E[f(u)]` over the Gaussian before the squashing.
    fn expect_unsquashed(&self, f: impl Fn(f64) -> f64) -> f64 {
        let density = |z: f64| exp(-0.5 * z * z) / Float::sqrt(2.0 * PI);
        nodes(-REACH, REACH).map(|(z, w)| w * density(z) * f(self.mu + self.sigma * z)).sum()
    }
}

/// A point and its score.
type Scored = (f64, [f64; 2]);

/// The one with the higher score; the first where they are level.
fn better(first: Scored, second: Scored) -> Scored {
    if second.0 > first.0 { second } else { first }
}

/// Climbs to a local maximum: tries a step each way along each axis and halves it where none helps
/// (Kolda, Lewis & Torczon 2003, "Optimization by Direct Search",
/// <https://doi.org/10.1137/S003614450242889>).
fn compass_search(score: impl Fn([f64; 2]) -> f64, mut best: Scored) -> [f64; 2] {
    let mut stride = 0.125;
    while stride > 1e-9 {
        let [x, y] = best.1;
        let around = [[x + stride, y], [x - stride, y], [x, y + stride], [x, y - stride]];
        let next = around.into_iter().map(|point| (score(point), point)).fold(best, better);
        if next.0 > best.0 {
            best = next;
        } else {
            stride /= 2.0;
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The density of the action, by the formula of the documentation.
    fn density(policy: SquashedNormal, a: f64) -> f64 {
        let z = (a.atanh() - policy.mu) / policy.sigma;
        (-0.5 * z * z).exp() / (policy.sigma * (2.0 * PI).sqrt()) / (1.0 - a * a)
    }

    #[test]
    fn entropy_is_the_mean_of_the_negative_log_density() {
        let policy = SquashedNormal { mu: 0.3, sigma: 0.4 };
        let entropy = policy.expect(|a| -density(policy, a).ln());
        assert!((policy.entropy() - entropy).abs() < 1e-9);
    }

    #[test]
    fn moments_agree_with_the_density() {
        let policy = SquashedNormal { mu: -0.4, sigma: 0.3 };
        let integral = |f: &dyn Fn(f64) -> f64| -> f64 {
            nodes(-1.0, 1.0).map(|(a, w)| w * density(policy, a) * f(a)).sum()
        };
        let mean = integral(&|a| a);
        let variance = integral(&|a| (a - mean).powi(2));
        assert!((integral(&|_| 1.0) - 1.0).abs() < 1e-10);
        assert!((policy.mean() - mean).abs() < 1e-10);
        assert!((policy.std() - variance.sqrt()).abs() < 1e-10);
    }

    #[test]
    fn a_squashed_gaussian_is_recovered_from_its_own_log_density() {
        for (mu, sigma) in [(0.0, 1.0), (0.83, 0.21), (-1.3, 0.5)] {
            let target = SquashedNormal { mu, sigma };
            // With f = α ln p the divergence vanishes at p itself.
            let alpha = 0.3;
            let log_density = |a: f64| {
                let a = a.clamp(-1.0 + 1e-15, 1.0 - 1e-15);
                let z = (a.atanh() - mu) / sigma;
                alpha * (-0.5 * z * z - (1.0 - a * a).ln())
            };
            let found = SquashedNormal::fit(log_density, alpha).unwrap();
            assert!((found.mu - target.mu).abs() < 1e-6, "{found:?}");
            assert!((found.sigma - target.sigma).abs() < 1e-6, "{found:?}");
        }
    }
}
