//! The target of the critics, and the action that it is computed for.

use crate::Scalar;
use crate::tape::Var;

/// The target policy's action with smoothing noise: `a_φ̄(s′)` and `ξ` are `[B, A]`.
///
/// # Formula
/// `ã = clip(a_φ̄(s′) + clip(σ ξ, −c, c), −1, 1)`, Fujimoto et al. (2018), eq. (14) and Algorithm 1.
///
/// Actions lie in `[−1, 1]ᴬ`, so that σ and c are in half ranges of the environment's box. Each number of each transition
/// has noise of its own.
// ANCHOR: smoothed_action
#[must_use]
pub fn smoothed_action<'t, T: Scalar>(a: Var<'t, T>, xi: Var<'t, T>, sigma: T, c: T) -> Var<'t, T> {
    let epsilon = (xi * sigma).clamp(-c, c); // [B, A]
    (a + epsilon).clamp(-T::one(), T::one())
}
// ANCHOR_END: smoothed_action

/// The target `y` of the critics, all arguments `[B, 1]` and `γ` a number.
///
/// # Formula
/// `y = r + γ (1 − d) minᵢ Q̄ᵢ(s′, ã)`, Fujimoto et al. (2018), eq. (10) and Algorithm 1.
///
/// `d` is 1 where the task terminated, and only there: a truncated episode still has a future. The target is a constant to
/// whatever is computed from it.
// ANCHOR: target
#[must_use]
pub fn target<'t, T: Scalar>(
    r: Var<'t, T>,
    d: Var<'t, T>,
    q_min_next: Var<'t, T>,
    gamma: T,
) -> Var<'t, T> {
    (r + d.one_minus() * q_min_next * gamma).detach()
}
// ANCHOR_END: target
