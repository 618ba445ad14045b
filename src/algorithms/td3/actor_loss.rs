//! The loss of the policy.

use crate::Scalar;
use crate::tape::Var;

/// The loss of the policy, a function of the first critic's values at the policy's actions: `[B, 1] → [1, 1]`.
///
/// # Formula
/// `J_π(φ) = −E[Q₁(s, a_φ(s))]`, Fujimoto et al. (2018), Algorithm 1. Its gradient is the deterministic policy gradient
/// `−E[∇ₐ Q₁(s, a) ∇_φ a_φ(s)]` at `a = a_φ(s)` (Silver et al., *Deterministic Policy Gradient Algorithms* (2014), eq. (9)).
///
/// The critic's parameters are held constant by passing them frozen.
// ANCHOR: actor_loss
#[must_use]
pub fn actor_loss<T: Scalar>(q: Var<'_, T>) -> Var<'_, T> {
    -q.mean()
}
// ANCHOR_END: actor_loss
