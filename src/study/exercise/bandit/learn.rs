//! The policy of two arms as it is learned: down the gradient of the soft objective, on the tape.

use ndarray::arr2;

use crate::elementary::sigmoid;
use crate::env::TwoArms;
use crate::nn::{Adam, AdamConfig};
use crate::sac::arms_loss;
use crate::tape::{Gradients, Tape, TapeError};
use crate::train::Schedule;

/// Steps of Adam.
const STEPS: u32 = 3_000;
/// Its first step size; from there it falls to zero along a cosine, so that the last steps are as fine as one likes.
const LEARNING_RATE: f64 = 0.05;
/// Adam remembers about ten squares: the gradient falls exponentially as the policy becomes sure of the better arm, and
/// a longer memory would measure it by what it was long ago.
const BETA2: f64 = 0.9;

/// The logit `x` of the first arm that is learned at the temperature `alpha`, from the uniform policy on.
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
    let mut x = [0.0];
    let config = AdamConfig { beta2: BETA2, ..AdamConfig::with_learning_rate(LEARNING_RATE) };
    let mut adam = Adam::new(1, config);
    let (mut kept, mut gradients) = (Tape::new(), Gradients::new());
    for step in 0..STEPS {
        let done = f64::from(step) / f64::from(STEPS);
        adam.set_learning_rate(LEARNING_RATE * Schedule::Cosine.factor(done));
        let tape = std::mem::take(&mut kept).recycle();
        let leaf = tape.params(&x);
        arms_loss(leaf, tape.constant(&r), alpha / unit).backward_into(&mut gradients)?;
        let slope = gradients.wrt(leaf)[[0, 0]];
        kept = tape.recycle();
        adam.step(&mut x, &[slope]);
    }
    Ok(x[0])
}

/// The probability of the first arm that is learned; as [`learn`].
pub(super) fn learned_probability(arms: &TwoArms, alpha: f64) -> Result<f64, TapeError> {
    learn(arms, alpha).map(sigmoid)
}

#[cfg(test)]
mod tests {
    use super::*;

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
