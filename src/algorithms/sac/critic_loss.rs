//! The loss of a critic.

use crate::Scalar;
use crate::tape::Var;

/// The loss of one critic, `[B, 1], [B, 1] → [1, 1]`.
///
/// # Formula
/// `J_Q(θ) = E[½ (Q_θ(s, a) − y)²]`, Haarnoja et al. (2018b), eq. (5). The factor ½ is part of it. Twin
/// critics have the sum of their losses; because they share no parameters, each can be minimised alone.
///
/// The target is held constant.
// ANCHOR: critic_loss
#[must_use]
pub fn critic_loss<'t, T: Scalar>(q: Var<'t, T>, y: Var<'t, T>) -> Var<'t, T> {
    (q - y.detach()).square().mean() * T::of(0.5)
}
// ANCHOR_END: critic_loss
