//! # 13 · Polyak averaging
//!
//! `θ̄ ← τ θ + (1 − τ) θ̄`. Something is the wrong way round. Repair it.
//!
//! Chapter: `docs/src/target-networks.md`.

/// Moves the target parameters θ̄ a step of τ towards the critic's parameters θ.
pub fn polyak(target: &mut [f64], online: &[f64], tau: f64) {
    for (target, online) in target.iter_mut().zip(online) {
        *target = tau * *target + (1.0 - tau) * online;
    }
}
