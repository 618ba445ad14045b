//! The policy of two arms as it is learned: down the gradient of the soft objective, on the tape.

use ndarray::arr2;

use super::TwoArms;
use crate::elementary::sigmoid;
use crate::nn::{Adam, AdamConfig};
use crate::tape::{Gradients, Tape, TapeError, Var};
use crate::train::Schedule;

/// Steps of Adam.
const STEPS: u32 = 3_000;
/// Its first step size; from there it falls to zero along a cosine, so that the last steps are as fine as one likes.
const LEARNING_RATE: f64 = 0.05;
/// Adam remembers about ten squares: the gradient falls exponentially as the policy becomes sure of the better arm, and
/// a longer memory would measure it by what it was long ago.
const BETA2: f64 = 0.9;

// ANCHOR: discrete_loss
/// The loss of a policy over two arms with the logit `z: [1, 1] → [1, 1]`, for rewards `r: [1, 2]`.
///
/// # Formula
/// `J(z) = Σᵢ π(i) (α log π(i) − rᵢ)` with `log π(1) = −softplus(−z)` and `log π(2) = −softplus(z)`: Haarnoja et al.
/// (2018b), eq. (7), whose expectation over two actions is a sum. Its least value is `−V`, at `z = Δ/α`.
#[must_use]
pub fn discrete_loss<'t>(z: Var<'t, f64>, r: Var<'t, f64>, alpha: f64) -> Var<'t, f64> {
    let log_pi = (-(-z).softplus()).concat(-z.softplus()); // [1, 2]
    (log_pi.exp() * (log_pi * alpha - r.detach())).sum()
}
// ANCHOR_END: discrete_loss

/// The logit `z` of the first arm that is learned at the temperature `alpha`, from the uniform policy on.
///
/// Only `Δ/α` matters to a policy, so that rewards are centred and measured in units of `Δ`.
///
/// # Errors
/// What the tape refused, where a number is not finite.
///
/// # Panics
/// Unless `alpha` is finite and above 0: at the ends there is nothing to descend to.
pub(super) fn learn(arms: &TwoArms, alpha: f64) -> Result<f64, TapeError> {
    assert!(alpha > 0.0 && alpha.is_finite(), "a temperature between its ends, not {alpha}");
    let gap = arms.gap();
    let (unit, half) = if gap == 0.0 { (alpha, 0.0) } else { (gap.abs(), 0.5 * gap.signum()) };
    let r = arr2(&[[half, -half]]); // [1, 2]
    let mut z = [0.0];
    let config = AdamConfig { beta2: BETA2, ..AdamConfig::with_learning_rate(LEARNING_RATE) };
    let mut adam = Adam::new(1, config);
    let (mut kept, mut gradients) = (Tape::new(), Gradients::new());
    for step in 0..STEPS {
        let done = f64::from(step) / f64::from(STEPS);
        adam.set_learning_rate(LEARNING_RATE * Schedule::Cosine.factor(done));
        let tape = std::mem::take(&mut kept).recycle();
        let leaf = tape.params(&z);
        discrete_loss(leaf, tape.constant(&r), alpha / unit).backward_into(&mut gradients)?;
        let slope = gradients.wrt(leaf)[[0, 0]];
        kept = tape.recycle();
        adam.step(&mut z, &[slope]);
    }
    Ok(z[0])
}

/// The probability of the first arm that is learned; as [`learn`].
pub(super) fn learned_probability(arms: &TwoArms, alpha: f64) -> Result<f64, TapeError> {
    learn(arms, alpha).map(sigmoid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradcheck::{gradcheck, named};

    #[test]
    fn the_gradient_of_the_loss_is_right() {
        for (rewards, alpha) in [([1.0, 0.0], 0.3), ([-2.0, 1.5], 2.0), ([0.5, 0.5], 0.0)] {
            for logit in [-3.0, 0.2, 1.0] {
                let (z, r) = (arr2(&[[logit]]), arr2(&[rewards]));
                let report = gradcheck(
                    |_, p| discrete_loss(p[0], p[1], alpha),
                    &[&named("z", &z), &named("r", &r)],
                );
                report.unwrap().assert_ok();
            }
        }
    }

    #[test]
    fn the_least_loss_is_minus_the_soft_value() {
        let arms = TwoArms::new([1.0, -0.5]).unwrap();
        let r = arr2(&[arms.rewards()]);
        for alpha in [0.1, 1.0, 10.0] {
            let loss = |z: f64| {
                let z = [z];
                let tape = Tape::new();
                let loss = discrete_loss(tape.params(&z), tape.constant(&r), alpha);
                loss.item().unwrap()
            };
            let z = arms.logit(alpha);
            assert!((loss(z) + arms.soft_value(alpha)).abs() < 1e-12);
            // Elsewhere it lies above by α KL(π‖π*).
            for other in [z - 0.5, z + 0.5] {
                let (p, q) = (sigmoid(other), sigmoid(z));
                let divergence = p * (p / q).ln() + (1.0 - p) * ((1.0 - p) / (1.0 - q)).ln();
                assert!((loss(other) - loss(z) - alpha * divergence).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn what_is_learned_is_the_boltzmann_policy() {
        for rewards in [[1.0, 0.0], [-3e5, 2e5], [1e-9, 2e-9], [0.3, 0.3]] {
            let arms = TwoArms::new(rewards).unwrap();
            let unit = if arms.gap() == 0.0 { 1.0 } else { arms.gap().abs() };
            for alpha in [0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0] {
                let alpha = alpha * unit;
                let learned = learned_probability(&arms, alpha).unwrap();
                let error = learned - arms.probability(alpha);
                assert!(error.abs() < 1e-5, "{rewards:?}, {alpha}: {error}");
            }
        }
    }
}
