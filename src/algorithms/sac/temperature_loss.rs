//! The loss of the temperature.

use crate::Scalar;
use crate::tape::Var;

/// The loss of the temperature, a function of `log α`: `[1, 1], [B, 1] → [1, 1]`.
///
/// # Formula
/// `J(α) = E[−α (log π(a|s) + H̄)]`, Haarnoja et al. (2018b), eq. (18), with `α = exp(log α)`, which keeps
/// α positive. Its slope in log α is `α (Ĥ − H̄)`: entropy below the target makes α rise, above it makes
/// α fall.
///
/// log π is held constant.
// ANCHOR: temperature_loss
#[must_use]
pub fn temperature_loss<'t, T: Scalar>(
    log_alpha: Var<'t, T>,
    log_pi: Var<'t, T>,
    target_entropy: T,
) -> Var<'t, T> {
    let gap = (log_pi.detach() + target_entropy).mean();
    -(log_alpha.exp() * gap)
}
// ANCHOR_END: temperature_loss
