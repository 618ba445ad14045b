//! # 05 · The Boltzmann policy
//!
//! `π*(a) = exp(Q(a)/α) / Z` with `Z = Σₐ exp(Q(a)/α)`. Values may be large: think of hole 03.
//!
//! Chapter: `docs/src/boltzmann.md`.

/// The probability of each action under the best policy for the values `q`.
pub fn boltzmann(q: &[f64], alpha: f64) -> Vec<f64> {
    todo!("exponentials that add up to 1")
}
