//! # 16 · The temperature's loss
//!
//! `J(α) = E[−α (log π(a|s) + H̄)]` with `α = exp(log α)`, as a function of log α. log π is held constant: the policy has a loss
//! of its own.
//!
//! Chapter: `docs/src/temperature-loss.md`.

use softac::tape::Var;

/// The loss, from `log_alpha: [1, 1]` and `log_pi: [B, 1]`, `[1, 1]`.
pub fn temperature_loss<'t>(
    log_alpha: Var<'t, f64>,
    log_pi: Var<'t, f64>,
    target_entropy: f64,
) -> Var<'t, f64> {
    todo!("the price, times what is missing or too much")
}
