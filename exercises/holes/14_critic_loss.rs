//! # 14 · The critics' loss
//!
//! `J_Q(θ) = E[½ (Q_θ(s, a) − y)²]`, where the expectation is the mean over the minibatch and y is held constant. There are
//! two mistakes below. Repair both.
//!
//! Chapter: `docs/src/critic-loss.md`.

use softac::tape::Var;

/// The loss of one critic, `[B, 1], [B, 1] → [1, 1]`.
pub fn critic_loss<'t>(q: Var<'t, f64>, y: Var<'t, f64>) -> Var<'t, f64> {
    (q - y).square().sum() * 0.5
}
