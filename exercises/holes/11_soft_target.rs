//! # 11 · The soft target
//!
//! `y = r + γ (1 − d)(min Q̄(s′, a′) − α log π(a′|s′))`, a constant to whatever is computed from it.
//!
//! Chapter: `docs/src/target-networks.md`.

use softac::tape::Var;

/// What a target is made of, each `[B, 1]` but for α.
#[derive(Clone, Copy)]
pub struct Next<'t> {
    /// r
    pub r: Var<'t, f64>,
    /// 1 where the task terminated, else 0
    pub d: Var<'t, f64>,
    /// min Q̄(s′, a′)
    pub q_min: Var<'t, f64>,
    /// log π(a′|s′)
    pub log_pi: Var<'t, f64>,
    /// α, `[1, 1]`
    pub alpha: Var<'t, f64>,
}

/// The target, `[B, 1]`.
///
/// Nothing is broadcast silently on this tape: `alpha.broadcast_like(x)` has the shape of `x`. `x.one_minus()` is 1 − x, and
/// `x.detach()` counts as constant.
pub fn soft_target<'t>(next: Next<'t>, gamma: f64) -> Var<'t, f64> {
    let Next { r, d, q_min, log_pi, alpha } = next;
    todo!("the reward, and what the next state is worth")
}
