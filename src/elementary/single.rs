//! The functions in `f32`, branch-free. Every selection is between values that are computed already, and no
//! integer arithmetic panics on the bits of a NaN, so that a loop has no reason not to become a vector loop.
//!
//! The coefficients are from `scripts/fit_elementary.py`, which says how they are fitted.

/// ln 2 in two parts. The first has ten bits, so that its product with an exponent is exact.
const LN_2_HIGH: f32 = 355.0 / 512.0;
const LN_2_LOW: f32 = (core::f64::consts::LN_2 - 355.0 / 512.0) as f32;

/// `(eʳ − 1 − r) / r²` for |r| ≤ ½ ln 2; relative error of eʳ: 2^−28.3.
const EXP: [f32; 5] = [0.49999994, 0.16666521, 0.041668255, 0.008368663, 0.001382147];

/// `(ln(1 + f) − f + ½ f²) / f³` for −¼ ≤ f ≤ ½; relative error of the logarithm: 2^−27.6.
const LN: [f32; 8] = [
    0.3333345,
    -0.2500011,
    0.19990848,
    -0.16646878,
    0.1447763,
    -0.13163936,
    0.10472551,
    -0.04515227,
];

/// `(tanh(x) / x − 1) / s` with s = x², for |x| ≤ 0.7; relative error of tanh: 2^−30.4.
const TANH: [f32; 6] = [-0.33333325, 0.13333, -0.053922288, 0.02157591, -0.007891555, 0.0019009875];

/// What another program needs to repeat [`tanh`].
#[cfg(feature = "std")]
#[derive(serde::Serialize)]
pub struct Constants {
    near: [f32; 6],
    exp: [f32; 5],
    log2_e: f32,
    ln_2_high: f32,
    ln_2_low: f32,
}

/// See [`Constants`].
#[cfg(feature = "std")]
pub fn constants() -> Constants {
    let (log2_e, ln_2_high, ln_2_low) = (core::f32::consts::LOG2_E, LN_2_HIGH, LN_2_LOW);
    Constants { near: TANH, exp: EXP, log2_e, ln_2_high, ln_2_low }
}

/// `e^x = (high + low) · 2ⁿ`, where `high` is rounded to nearest and `low` is what that lost.
struct Power {
    high: f32,
    low: f32,
    n: i32,
}

/// For |x| ≤ 104.
#[inline(always)]
fn power(x: f32) -> Power {
    // Numbers near 1.5 · 2²³ are integers: the addition rounds, and leaves n in the last bits.
    const ROUND: f32 = 12_582_912.0;
    let shifted = x * core::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    // r = x − n ln 2 = near − rest. `near` is exact, `r` is rounded: only small terms are computed from it.
    let near = x - n * LN_2_HIGH;
    let rest = n * LN_2_LOW;
    let r = near - rest;
    // 1 + near = sum + lost, exactly.
    let sum = 1.0 + near;
    let lost = near - (sum - 1.0);
    let [c0, c1, c2, c3, c4] = EXP;
    let tail = r * r * (c0 + r * (c1 + r * (c2 + r * (c3 + r * c4)))) + (lost - rest);
    let high = sum + tail;
    let low = tail - (high - sum);
    Power { high, low, n: (shifted.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32) }
}

/// `y · 2ⁿ` for −252 ≤ n ≤ 254. In two halves, neither of which leaves the range of exponents, so that
/// only the second one can overflow or round to a subnormal number.
#[inline(always)]
fn scaled(y: f32, n: i32) -> f32 {
    let half = n >> 1;
    y * power_of_two(half) * power_of_two(n.wrapping_sub(half))
}

/// `2ⁿ` for −126 ≤ n ≤ 127.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

/// Below this, eˣ is less than half the smallest subnormal number. The scaling rounds it to 0 by itself.
const LOWEST: f32 = -104.0;
/// Above this, eˣ is beyond the greatest number. The scaling overflows by itself.
const HIGHEST: f32 = 89.0;

#[inline(always)]
pub fn exp(x: f32) -> f32 {
    // A NaN passes both.
    let x = if x > HIGHEST { HIGHEST } else { x };
    let x = if x < LOWEST { LOWEST } else { x };
    let Power { high, n, .. } = power(x);
    scaled(high, n)
}

#[inline(always)]
pub fn ln(x: f32) -> f32 {
    let subnormal = x < f32::MIN_POSITIVE;
    let normal = if subnormal { x * power_of_two(23) } else { x };
    // x = 2ᵏ m with ¾ ≤ m < 1½: m has the bits of x, but for an exponent that is k lower.
    let bits = normal.to_bits() as i32;
    let k = bits.wrapping_sub(0.75_f32.to_bits() as i32) >> 23;
    let m = f32::from_bits(bits.wrapping_sub(k << 23) as u32);
    let k = k as f32 - if subnormal { 23.0 } else { 0.0 };
    let y = ln_of_product(k, m - 1.0, 0.0);
    let y = if x < f32::INFINITY { y } else { x };
    let edge = if x == 0.0 { f32::NEG_INFINITY } else { f32::NAN };
    if x > 0.0 { y } else { edge }
}

/// `k ln 2 + ln(1 + f) + small`, for integers k and −¼ ≤ f ≤ ½.
#[inline(always)]
fn ln_of_product(k: f32, f: f32, small: f32) -> f32 {
    let multiple = k * LN_2_HIGH;
    // multiple + f = sum + lost, exactly: |multiple| ≥ |f|, unless it is 0.
    let sum = multiple + f;
    let lost = f - (sum - multiple);
    let [c0, c1, c2, c3, c4, c5, c6, c7] = LN;
    let cubic = c0 + f * (c1 + f * (c2 + f * (c3 + f * (c4 + f * (c5 + f * (c6 + f * c7))))));
    let tail = f * f * (f * cubic - 0.5);
    sum + (lost + (tail + (k * LN_2_LOW + small)))
}

#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let magnitude = x.abs();
    // Beyond 9.02 the result is 1. A NaN passes.
    let a = if magnitude > 10.0 { 10.0 } else { magnitude };
    let s = a * a;
    let [c0, c1, c2, c3, c4, c5] = TANH;
    let near_zero = a + a * (s * (c0 + s * (c1 + s * (c2 + s * (c3 + s * (c4 + s * c5))))));
    let Power { high, n, .. } = power(2.0 * a);
    let far = 1.0 - 2.0 / (high * power_of_two(n) + 1.0);
    let y = if a < 0.7 { near_zero } else { far };
    // The sign of x, that of −0 too.
    y.copysign(x)
}

#[inline(always)]
pub fn softplus(x: f32) -> f32 {
    // Not `max(0, x)`: that would turn a NaN into 0 and hide it.
    let positive_part = if x < 0.0 { 0.0 } else { x };
    let x = -x.abs();
    let x = if x < LOWEST { LOWEST } else { x };
    let Power { high, low, n } = power(x);
    // e^{−|x|} = u + du; ln(1 + u + du) = ln(1 + u) + du / (1 + u), where 1 − ½ u is near enough to
    // the quotient for a du that is half a unit in the last place at most.
    let (u, du) = (scaled(high, n), scaled(low, n));
    let correction = du - 0.5 * u * du;
    // 1 + u = 2ᵏ (1 + f), exactly. The sign of an integer difference gives the k of u > ½: a second
    // selection by one condition becomes a branch, of which a vector loop does both sides.
    let halved = 0.5 * (u - 1.0);
    let f = if u > 0.5 { halved } else { u };
    let k = (0.5_f32.to_bits().wrapping_sub(u.to_bits()) >> 31) as i32 as f32;
    positive_part + ln_of_product(k, f, correction)
}

#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    let decay = exp(-x.abs());
    let far_side = if x < 0.0 { decay } else { 1.0 };
    // Instead of `far_side / (1 + decay)`: what rounds in the sum then counts for half at most.
    far_side - far_side * (decay / (1.0 + decay))
}
