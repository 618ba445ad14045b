//! Polyak averaging of target networks.

use crate::Scalar;

/// Moves the target parameters a step of τ towards the online ones.
///
/// # Formula
/// `θ̄ ← τ θ + (1 − τ) θ̄`, Haarnoja et al., *Soft Actor-Critic Algorithms and Applications* (2018),
/// Algorithm 1.
///
/// # Panics
/// If the two have different lengths.
///
/// ```
/// let mut target = [0.0, 10.0];
/// softac::nn::polyak(&mut target, &[1.0, 20.0], 0.25);
/// assert_eq!(target, [0.25, 12.5]);
/// ```
pub fn polyak<T: Scalar>(target: &mut [T], online: &[T], tau: T) {
    assert_eq!(target.len(), online.len(), "target and online network have one layout");
    let keep = T::one() - tau;
    for (target, &online) in target.iter_mut().zip(online) {
        *target = tau * online + keep * *target;
    }
}

#[cfg(test)]
mod tests {
    use super::polyak;

    #[test]
    fn tau_zero_keeps_and_tau_one_copies() {
        let mut target = [1.0, -2.0];
        polyak(&mut target, &[5.0, 7.0], 0.0);
        assert_eq!(target, [1.0, -2.0]);
        polyak(&mut target, &[5.0, 7.0], 1.0);
        assert_eq!(target, [5.0, 7.0]);
    }

    #[test]
    fn the_distance_to_a_constant_shrinks_by_one_minus_tau_a_step() {
        let mut target = [1.0_f64];
        for _ in 0..50 {
            polyak(&mut target, &[0.0], 0.02);
        }
        assert!((target[0] - 0.98_f64.powi(50)).abs() < 1e-15);
    }
}
