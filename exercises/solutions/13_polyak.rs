//! # 13 · Polyak averaging, filled

/// Moves the target parameters θ̄ a step of τ towards the critic's parameters θ.
pub fn polyak(target: &mut [f64], online: &[f64], tau: f64) {
    for (target, online) in target.iter_mut().zip(online) {
        *target = tau * online + (1.0 - tau) * *target;
    }
}
