//! # 11 · The soft target, filled

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
pub fn soft_target<'t>(next: Next<'t>, gamma: f64) -> Var<'t, f64> {
    let Next { r, d, q_min, log_pi, alpha } = next;
    let soft_value = q_min - alpha.broadcast_like(log_pi) * log_pi; // [B, 1]
    (r + d.one_minus() * soft_value * gamma).detach()
}
