//! # 16 · The temperature's loss, filled

use softac::tape::Var;

/// The loss, from `log_alpha: [1, 1]` and `log_pi: [B, 1]`, `[1, 1]`.
pub fn temperature_loss<'t>(
    log_alpha: Var<'t, f64>,
    log_pi: Var<'t, f64>,
    target_entropy: f64,
) -> Var<'t, f64> {
    let gap = (log_pi.detach() + target_entropy).mean();
    -(log_alpha.exp() * gap)
}
