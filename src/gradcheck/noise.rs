//! The noise of a function's values, measured.

use super::oracle::{Probe, magnitude};
use super::reason::Reason;

/// Places of the measured values, in units of the spacing. At equal distances, errors of rounding can
/// repeat and cancel.
const PLACES: [f64; 9] = [-331.0, -241.0, -170.0, -83.0, 0.0, 71.0, 166.0, 257.0, 322.0];
/// The number of values that are combined, such that a polynomial of degree four vanishes.
const COMBINED: usize = 6;
/// The largest error is taken to be so many standard deviations.
const LARGEST: f64 = 3.0;
/// The first spacing, in units of [`magnitude`]: the places are exact. It is widened by an odd factor where
/// it shows no change, so that it does not become a multiple of the spacing of coarser numbers.
const SPACING: f64 = 1.0 / (1_u64 << 50) as f64;
const WIDER: f64 = 241.0;
const WIDENINGS: usize = 5;

/// The largest error of the values around `x`; 0 where they show none.
///
/// At a tiny spacing a smooth function is a polynomial of low degree, and what is left of it after such
/// a polynomial is noise (with equal distances: Moré and Wild, *Estimating computational noise*, SIAM
/// Journal on Scientific Computing 33 (2011) 1292–1314). Where most neighbours are equal, the spacing is
/// finer than the steps of the values, and is widened.
pub(super) fn noise(x: f64, probe: &mut impl FnMut(f64) -> Result<Probe, Reason>) -> f64 {
    let mut spacing = SPACING * magnitude(x);
    for _ in 0..WIDENINGS {
        let mut values = [0.0; PLACES.len()];
        for (value, place) in values.iter_mut().zip(PLACES) {
            match probe(x + place * spacing) {
                Ok(probe) => *value = probe.value,
                Err(_) => return 0.0,
            }
        }
        let changes = values.windows(2).filter(|pair| pair[0] != pair[1]).count();
        if 2 * changes >= PLACES.len() {
            let combined = PLACES.windows(COMBINED).zip(values.windows(COMBINED));
            return combined.map(|(places, values)| error(places, values)).fold(0.0, f64::max);
        }
        spacing *= WIDER;
    }
    0.0
}

/// The divided difference of the values in units of its own standard deviation, that of one value being
/// 1, as a bound on their errors.
fn error(places: &[f64], values: &[f64]) -> f64 {
    let (mut difference, mut variance) = (0.0, 0.0);
    for (i, (place, value)) in places.iter().zip(values).enumerate() {
        let others = places.iter().enumerate().filter(|(j, _)| *j != i);
        let weight = 1.0 / others.map(|(_, other)| place - other).product::<f64>();
        difference += weight * value;
        variance += weight * weight;
    }
    LARGEST * difference.abs() / libm::sqrt(variance)
}
