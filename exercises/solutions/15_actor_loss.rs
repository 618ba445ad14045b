//! # 15 · The policy's loss: what is constant in it, filled

use softac::nn::Mlp;
use softac::policy::Sample;
use softac::tape::Var;

/// The loss, `[1, 1]`.
pub fn actor_loss<'t>(
    critic: &Mlp,
    thetas: [Var<'t, f64>; 2],
    s: Var<'t, f64>,
    sample: Sample<'t, f64>,
    alpha: Var<'t, f64>,
) -> Var<'t, f64> {
    let s_a = s.concat(sample.action); // [B, S + A]
    let [q1, q2] = thetas.map(|theta| critic.forward(theta.detach(), s_a)); // [B, 1]
    let alpha = alpha.detach().broadcast_like(sample.log_pi); // [B, 1]
    (alpha * sample.log_pi - q1.min(q2)).mean()
}
