//! The soft target of the critics.

use crate::Scalar;
use crate::tape::Var;

/// The target `y` that the critics are drawn to, all arguments `[B, 1]` and `γ` a number.
///
/// # Formula
/// `y = r + γ (1 − d)(min_Q′ − α log π(a′|s′))`, Haarnoja et al. (2018b), eq. (2), (3) and (5), with the
/// minimum over the target critics in place of Q.
///
/// `d` is 1 where the task terminated, and only there: a truncated episode still has a future. The
/// entropy stands inside the mask, so that `y = r` exactly where `d = 1`. The target is a constant to
/// whatever is computed from it.
// ANCHOR: soft_target
#[must_use]
pub fn soft_target<'t, T: Scalar>(
    r: Var<'t, T>,
    d: Var<'t, T>,
    q_min_next: Var<'t, T>,
    alpha: Var<'t, T>,
    log_pi_next: Var<'t, T>,
    gamma: T,
) -> Var<'t, T> {
    let soft_value = q_min_next - alpha.broadcast_like(log_pi_next) * log_pi_next;
    (r + d.one_minus() * soft_value * gamma).detach()
}
// ANCHOR_END: soft_target
