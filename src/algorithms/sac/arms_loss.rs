//! The loss of a policy over two actions.

use crate::tape::Var;

// ANCHOR: arms_loss
/// The loss of a policy over two arms with the logit `x: [1, 1] → [1, 1]`, for rewards `r: [1, 2]`.
///
/// # Formula
/// `J(x) = Σₖ π(k) (α log π(k) − rₖ)` with `log π(1) = −softplus(−x)` and `log π(2) = −softplus(x)`: Haarnoja et al.
/// (2018b), eq. (7), whose expectation over two actions is a sum. Its least value is `−V`, at `x = Δ/α`.
#[must_use]
pub fn arms_loss<'t>(x: Var<'t, f64>, r: Var<'t, f64>, alpha: f64) -> Var<'t, f64> {
    let log_pi = (-(-x).softplus()).concat(-x.softplus()); // [1, 2]
    (log_pi.exp() * (log_pi * alpha - r.detach())).sum()
}
// ANCHOR_END: arms_loss

#[cfg(test)]
mod tests {
    use ndarray::arr2;

    use super::*;
    use crate::elementary::sigmoid;
    use crate::env::TwoArms;
    use crate::gradcheck::{gradcheck, named};
    use crate::tape::Tape;

    #[test]
    fn the_gradient_of_the_loss_is_right() {
        for (rewards, alpha) in [([1.0, 0.0], 0.3), ([-2.0, 1.5], 2.0), ([0.5, 0.5], 0.0)] {
            for logit in [-3.0, 0.2, 1.0] {
                let (x, r) = (arr2(&[[logit]]), arr2(&[rewards]));
                let report = gradcheck(
                    |_, p| arms_loss(p[0], p[1], alpha),
                    &[&named("x", &x), &named("r", &r)],
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
            let loss = |x: f64| {
                let x = [x];
                let tape = Tape::new();
                let loss = arms_loss(tape.params(&x), tape.constant(&r), alpha);
                loss.item().unwrap()
            };
            let x = arms.logit(alpha);
            assert!((loss(x) + arms.soft_value(alpha)).abs() < 1e-12);
            // Elsewhere it lies above by α KL(π‖π*).
            for other in [x - 0.5, x + 0.5] {
                let (p, q) = (sigmoid(other), sigmoid(x));
                let divergence = p * (p / q).ln() + (1.0 - p) * ((1.0 - p) / (1.0 - q)).ln();
                assert!((loss(other) - loss(x) - alpha * divergence).abs() < 1e-12);
            }
        }
    }
}
