//! # 15 · The policy's loss: what is constant in it
//!
//! `J_π(φ) = E[α log π_φ(a|s) − minᵢ Q_θᵢ(s, a)]`. Its gradient moves φ, and φ alone: α and θᵢ are held constant. It reaches φ on
//! two ways, through log π and through the action into the critics.
//!
//! The value below is right. One `detach` is in the wrong place, and others are missing. Repair it.
//!
//! Chapter: `docs/src/actor-loss.md`.

use softac::nn::Mlp;
use softac::policy::Sample;
use softac::tape::Var;

/// The loss, `[1, 1]`.
///
/// `critic.forward(theta, s_a)` is a critic with the parameters `theta: [1, P]` at the states and actions `s_a: [B, S + A]`;
/// `sample` has the action `[B, A]` and log π `[B, 1]`; `alpha` is `[1, 1]`.
pub fn actor_loss<'t>(
    critic: &Mlp,
    thetas: [Var<'t, f64>; 2],
    s: Var<'t, f64>,
    sample: Sample<'t, f64>,
    alpha: Var<'t, f64>,
) -> Var<'t, f64> {
    let s_a = s.concat(sample.action.detach()); // [B, S + A]
    let [q1, q2] = thetas.map(|theta| critic.forward(theta, s_a)); // [B, 1]
    (alpha.broadcast_like(sample.log_pi) * sample.log_pi - q1.min(q2)).mean()
}
