//! Integrals over an interval, for the solutions that the small environments are compared with.

use super::error::EnvError;
use crate::elementary::{exp, ln};

/// Nodes and weights of the Gauss–Legendre rule of order 8 on `[-1, 1]`, positive half: exact for
/// polynomials up to degree 15 (Abramowitz & Stegun 1964, table 25.4).
const HALF_RULE: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_27),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

/// The panels an interval is cut into. With the actions' `[-1, 1]` in 64 of them, a Gaussian bump of
/// standard deviation 0.02 is integrated to about `1e-12` of its area.
const PANELS: u32 = 64;

/// The nodes and weights of the composite rule on `[low, high]`.
pub(super) fn nodes(low: f64, high: f64) -> impl Iterator<Item = (f64, f64)> {
    let half = (high - low) / f64::from(2 * PANELS);
    (0..PANELS).flat_map(move |panel| {
        let middle = low + f64::from(2 * panel + 1) * half;
        HALF_RULE.iter().flat_map(move |&(offset, weight)| {
            [-offset, offset].map(|x| (middle + half * x, half * weight))
        })
    })
}

/// The soft maximum over the actions, `α ln ∫₋₁¹ exp(f(a)/α) da`, for a temperature `α > 0`.
///
/// This is the value of the best stochastic policy, `max_π E_π[f] + α H[π]`, attained by the
/// density `π*(a) = exp((f(a) − value)/α)` (Haarnoja et al. 2017, "Reinforcement Learning with Deep
/// Energy-Based Policies", theorem 1, <https://arxiv.org/abs/1702.08165>). The largest `f` is taken
/// out of the exponential, which then cannot overflow.
// ANCHOR: soft_maximum
pub(super) fn soft_maximum(f: impl Fn(f64) -> f64, alpha: f64) -> Result<f64, EnvError> {
    EnvError::require_temperature(alpha)?;
    let actions = || nodes(-1.0, 1.0);
    let peak = actions().map(|(a, _)| f(a)).fold(f64::NEG_INFINITY, f64::max);
    let mass: f64 = actions().map(|(a, weight)| weight * exp((f(a) - peak) / alpha)).sum();
    Ok(peak + alpha * ln(mass))
}
// ANCHOR_END: soft_maximum

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_bump_is_integrated_exactly() {
        for (centre, width) in [(0.0, 0.5), (0.37, 0.05), (0.37, 0.02)] {
            let bump = |x: f64| (-0.5 * ((x - centre) / width).powi(2)).exp();
            let reach = 12.0 * width;
            let wide: f64 = nodes(centre - reach, centre + reach).map(|(x, w)| w * bump(x)).sum();
            let area = width * core::f64::consts::TAU.sqrt();
            assert!((wide / area - 1.0).abs() < 1e-12);
            if width <= 0.05 {
                let fixed: f64 = nodes(-1.0, 1.0).map(|(x, w)| w * bump(x)).sum();
                assert!((fixed / area - 1.0).abs() < 1e-12, "width {width}: {fixed} {area}");
            }
        }
    }

    #[test]
    fn the_soft_maximum_of_a_slope_is_known() {
        // α ln ∫ exp(ca/α) da = α ln(2α/c · sinh(c/α)), which for α = 0.01 takes in e^100.
        for (slope, alpha) in [(1.0_f64, 0.5_f64), (3.0, 0.1), (-2.0, 1.0), (1.0, 0.01)] {
            let exact = alpha * (2.0 * alpha / slope * (slope / alpha).sinh()).ln();
            let value = soft_maximum(|a| slope * a, alpha).unwrap();
            assert!((value - exact).abs() < 1e-10, "{value} {exact}");
        }
    }

    #[test]
    fn a_constant_passes_through_the_soft_maximum_without_overflow() {
        for constant in [-1e4, 0.0, 1e4] {
            let value = soft_maximum(|_| constant, 0.1).unwrap();
            assert!((value - constant - 0.1 * 2.0_f64.ln()).abs() < 1e-11);
        }
    }

    #[test]
    fn a_temperature_must_be_positive() {
        for alpha in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(soft_maximum(|a| a, alpha), Err(EnvError::InvalidParameter { .. })));
        }
    }
}
