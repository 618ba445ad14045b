//! # 01 · Entropy
//!
//! `H = −Σₖ pₖ log pₖ`, in nats. A term with `pₖ = 0` counts as 0.
//!
//! Chapter: `docs/src/entropy.md`.

/// The entropy of outcomes with the probabilities `p`.
pub fn entropy(p: &[f64]) -> f64 {
    todo!("the expected surprise, over all outcomes")
}
