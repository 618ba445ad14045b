//! The loss of a critic.

use crate::Scalar;
use crate::tape::Var;

/// The loss of one critic, `[B, 1], [B, 1] → [1, 1]`.
///
/// # Formula
/// `J_Q(θ) = E[(Q_θ(s, a) − y)²]`, Fujimoto et al. (2018), Algorithm 1; without SAC's factor ½.
///
/// The target is held constant.
// ANCHOR: critic_loss
#[must_use]
pub fn critic_loss<'t, T: Scalar>(q: Var<'t, T>, y: Var<'t, T>) -> Var<'t, T> {
    (q - y.detach()).square().mean()
}
// ANCHOR_END: critic_loss
