//! The loss of the policy.

use crate::Scalar;
use crate::tape::Var;

/// The loss of the policy; `log_pi` and `q_min` are `[B, 1]`, `alpha` is `[1, 1]`.
///
/// # Formula
/// `J_π(φ) = E[α log π_φ(a|s) − minᵢ Q_θᵢ(s, a)]` with `a = f_φ(ξ; s)`, Haarnoja et al. (2018b),
/// eq. (7) to (9).
///
/// The gradient reaches φ on two ways: through log π, and through the action into the critics. The
/// temperature is held constant here; the critics' parameters are held constant by passing them
/// detached, so that no gradient is ever computed for them.
// ANCHOR: actor_loss
#[must_use]
pub fn actor_loss<'t, T: Scalar>(
    alpha: Var<'t, T>,
    log_pi: Var<'t, T>,
    q_min: Var<'t, T>,
) -> Var<'t, T> {
    (alpha.detach().broadcast_like(log_pi) * log_pi - q_min).mean()
}
// ANCHOR_END: actor_loss
