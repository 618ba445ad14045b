//! # 03 · The soft maximum
//!
//! `α log Σₐ exp(Q(a)/α)`, for finitely many actions. The line below is this formula, and the computer still gets it
//! wrong. Repair it.
//!
//! Chapter: `docs/src/soft-bellman.md`.

/// The soft maximum of the values `q` at the temperature `alpha`.
pub fn soft_maximum(q: &[f64], alpha: f64) -> f64 {
    let sum: f64 = q.iter().map(|q| (q / alpha).exp()).sum();
    alpha * sum.ln()
}
