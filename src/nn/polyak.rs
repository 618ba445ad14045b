//! Polyak averaging of target networks.

use crate::Scalar;
use crate::kernel::vectorised;

/// Moves the target parameters a step of τ towards the online ones.
///
/// # Formula
/// `θ̄ ← τ θ + (1 − τ) θ̄`, Haarnoja et al., *Soft Actor-Critic Algorithms and Applications* (2018),
/// Algorithm 1. An average below [`Scalar::NEGLIGIBLE`] becomes 0.
///
/// # Panics
/// If the two have different lengths.
///
/// ```
/// let mut target = [0.0, 10.0];
/// softac::nn::polyak(&mut target, &[1.0, 20.0], 0.25);
/// assert_eq!(target, [0.25, 12.5]);
/// ```
// ANCHOR: polyak
pub fn polyak<T: Scalar>(target: &mut [T], online: &[T], tau: T) {
    assert_eq!(target.len(), online.len(), "target and online network have one layout");
    vectorised!(|| {
        for (target, &online) in target.iter_mut().zip(online) {
            *target = average(*target, online, tau);
        }
    });
}
// ANCHOR_END: polyak

/// One parameter of it.
// ANCHOR: average
#[inline(always)]
pub(super) fn average<T: Scalar>(target: T, online: T, tau: T) -> T {
    (tau * online + (T::one() - tau) * target).zero_below(T::NEGLIGIBLE)
}
// ANCHOR_END: average

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_moves_by_its_share_of_the_way() {
        let mut target = [1.0, -2.0];
        polyak(&mut target, &[3.0, 2.0], 0.25);
        assert_eq!(target, [1.5, -1.0]);
    }

    #[test]
    fn the_target_of_a_parameter_that_is_zero_reaches_zero_and_is_never_denormal() {
        let mut target = [1.0_f32, -1.0];
        for _ in 0..20_000 {
            polyak(&mut target, &[0.0, 0.0], 0.005);
            assert!(target.iter().all(|x| *x == 0.0 || x.is_normal()), "{target:?}");
        }
        assert_eq!(target, [0.0; 2]);
    }
}
