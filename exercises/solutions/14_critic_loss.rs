//! # 14 · The critics' loss, filled

use softac::tape::Var;

/// The loss of one critic, `[B, 1], [B, 1] → [1, 1]`.
pub fn critic_loss<'t>(q: Var<'t, f64>, y: Var<'t, f64>) -> Var<'t, f64> {
    (q - y.detach()).square().mean() * 0.5
}
