//! The squashed Gaussian policy, `a = tanh(μ(s) + σ(s) ⊙ ξ)`, and its log-probability.

use core::f64::consts::{LN_2, PI};

use crate::Scalar;
use crate::elementary::{exp, ln, tanh};
use crate::nn::{Activation, Mlp, Scratch};
use crate::tape::Var;

use super::acting::{Kind, Policy};

/// Lower bound of log σ.
pub const LOG_SIGMA_MIN: f64 = -20.0;
/// Upper bound of log σ.
pub const LOG_SIGMA_MAX: f64 = 2.0;

/// Mean and logarithmic standard deviation of the Gaussian before squashing, each `[B, A]`.
#[derive(Clone, Copy)]
pub struct Gaussian<'t, T: Scalar> {
    /// μ
    pub mu: Var<'t, T>,
    /// log σ, clamped to `[LOG_SIGMA_MIN, LOG_SIGMA_MAX]`; outside, its gradient is exactly zero.
    pub log_sigma: Var<'t, T>,
}

/// A reparameterised action with its log-probability.
#[derive(Clone, Copy)]
pub struct Sample<'t, T: Scalar> {
    /// a, within `[−1, 1]`, `[B, A]`
    pub action: Var<'t, T>,
    /// log π(a | s), `[B, 1]`
    pub log_pi: Var<'t, T>,
}

// ANCHOR: squashed_gaussian
impl<'t, T: Scalar> Gaussian<'t, T> {
    // ANCHOR: sample
    /// Draws `a = tanh(u)`, `u = μ + σ ⊙ ξ`, for noise `ξ ~ N(0, 1)` of shape `[B, A]`.
    ///
    /// # Formula
    /// `log π(a|s) = Σⱼ [log N(uⱼ; μⱼ, σⱼ) − log(1 − tanh² uⱼ)]`: Haarnoja et al., *Soft Actor-Critic*
    /// (2018), Appendix C, eq. (21). It is the density of the action in `[−1, 1]ᴬ`; the map to the
    /// environment's box is left out (see [`ActionBox`](super::ActionBox)).
    #[must_use]
    pub fn sample(self, xi: Var<'t, T>) -> Sample<'t, T> {
        let u = self.mu + self.log_sigma.exp() * xi; // [B, A]
        let log_pi = gaussian_log_prob(xi, self.log_sigma) - log_tanh_jacobian(u); // [B, 1]
        Sample { action: u.tanh(), log_pi }
    }
    // ANCHOR_END: sample
}

// ANCHOR: gaussian_log_prob
/// Log-density of the Gaussian at `u = μ + σ ⊙ ξ`, summed over action dimensions: `[B, A] → [B, 1]`.
///
/// # Formula
/// `Σⱼ [−½ ξⱼ² − log σⱼ − ½ log 2π]`, because `(u − μ)/σ = ξ`.
#[must_use]
pub fn gaussian_log_prob<'t, T: Scalar>(xi: Var<'t, T>, log_sigma: Var<'t, T>) -> Var<'t, T> {
    let half_log_two_pi = T::of(0.5 * ln(2.0 * PI));
    (xi.square() * T::of(-0.5) - log_sigma - half_log_two_pi).sum_columns()
}
// ANCHOR_END: gaussian_log_prob

// ANCHOR: log_tanh_jacobian
/// `log |det ∂tanh(u)/∂u|`, summed over action dimensions: `[B, A] → [B, 1]`.
///
/// # Formula
/// `Σⱼ log(1 − tanh² uⱼ) = Σⱼ 2 (log 2 − uⱼ − softplus(−2uⱼ))`. The left side, as written, is −∞ in
/// `f32` from |u| ≈ 9 on; the right side is exact everywhere, and so is its slope, `−2 tanh u`.
#[must_use]
pub fn log_tanh_jacobian<T: Scalar>(u: Var<'_, T>) -> Var<'_, T> {
    ((-u - (u * T::of(-2.0)).softplus() + T::of(LN_2)) * T::of(2.0)).sum_columns()
}
// ANCHOR_END: log_tanh_jacobian

// ANCHOR: entropy
/// The entropy estimate `Ĥ = −E[log π(a|s)]` over a batch: `[B, 1] → [1, 1]`, in nats.
#[must_use]
pub fn entropy<T: Scalar>(log_pi: Var<'_, T>) -> Var<'_, T> {
    -log_pi.mean()
}
// ANCHOR_END: entropy
// ANCHOR_END: squashed_gaussian

/// A policy network: one perceptron with `2A` outputs, the first A are μ, the others log σ.
///
/// As [`Mlp`], it holds no parameters: φ comes in as an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SquashedGaussian {
    mlp: Mlp,
}

impl SquashedGaussian {
    /// A policy for observations and actions of these dimensions.
    #[must_use]
    pub fn new(
        observation_dim: usize,
        action_dim: usize,
        net_arch: &[usize],
        activation: Activation,
    ) -> Self {
        Self { mlp: Mlp::new(observation_dim, net_arch, 2 * action_dim, activation) }
    }

    /// The network behind μ and log σ.
    #[must_use]
    pub fn mlp(&self) -> &Mlp {
        &self.mlp
    }

    /// Number of action dimensions, A.
    #[must_use]
    pub fn action_dim(&self) -> usize {
        self.mlp.outputs() / 2
    }

    // ANCHOR: gaussian
    /// `μ(s), log σ(s)`: `φ: [1, P], s: [B, S] → [B, A]` each.
    #[must_use]
    pub fn gaussian<'t, T: Scalar>(&self, phi: Var<'t, T>, s: Var<'t, T>) -> Gaussian<'t, T> {
        let a = self.action_dim();
        let heads = self.mlp.forward(phi, s); // [B, 2A]
        let (low, high) = (T::of(LOG_SIGMA_MIN), T::of(LOG_SIGMA_MAX));
        let log_sigma = heads.columns(a..2 * a).clamp(low, high);
        Gaussian { mu: heads.columns(0..a), log_sigma }
    }
    // ANCHOR_END: gaussian

    /// `a ~ π(·|s)` with its log-probability, for given noise: `φ: [1, P], s: [B, S], ξ: [B, A]`.
    #[must_use]
    pub fn sample<'t, T: Scalar>(
        &self,
        phi: Var<'t, T>,
        s: Var<'t, T>,
        xi: Var<'t, T>,
    ) -> Sample<'t, T> {
        self.gaussian(phi, s).sample(xi)
    }
}

impl Policy for SquashedGaussian {
    fn kind(&self) -> Kind {
        Kind::SquashedGaussian
    }

    fn mlp(&self) -> &Mlp {
        &self.mlp
    }

    /// `tanh(μ)`, or `tanh(μ + σ ⊙ ξ)` with noise.
    // ANCHOR: act
    fn act<T: Scalar>(
        &self,
        phi: &[T],
        s: &[T],
        xi: Option<&[T]>,
        scratch: &mut Scratch<T>,
        action: &mut [T],
    ) {
        let a = self.action_dim();
        let heads = self.mlp.infer(phi, s, scratch); // [B, 2A]
        assert_eq!(2 * action.len(), heads.len(), "one number for each action dimension");
        let rows = || heads.chunks_exact(2 * a);
        for (u, heads) in action.chunks_exact_mut(a).zip(rows()) {
            u.copy_from_slice(&heads[..a]);
        }
        if let Some(xi) = xi {
            assert_eq!(xi.len(), action.len(), "one noise number for each action dimension");
            let (low, high) = (T::of(LOG_SIGMA_MIN), T::of(LOG_SIGMA_MAX));
            let noise = xi.chunks_exact(a).zip(rows());
            for (u, (xi, heads)) in action.chunks_exact_mut(a).zip(noise) {
                for ((u, &log_sigma), &xi) in u.iter_mut().zip(&heads[a..]).zip(xi) {
                    *u += exp(num_traits::clamp(log_sigma, low, high)) * xi;
                }
            }
        }
        action.iter_mut().for_each(|u| *u = tanh(*u));
    }
    // ANCHOR_END: act
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::Tape;
    use ndarray::array;

    #[test]
    fn the_entropy_estimate_is_minus_the_mean_of_log_pi() {
        let log_pi = array![[-1.0], [-3.0], [1.0]];
        let tape = Tape::new();
        assert_eq!(entropy(tape.constant(&log_pi)).item(), Ok(1.0));
    }
}
