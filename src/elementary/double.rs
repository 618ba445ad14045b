//! The logarithm in `f64` without a branch, for loops that are to become vector loops.

/// ln 2 in two parts; the first has so few bits that its product with an exponent is exact.
const LN_2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];

/// `(ln((1 + s) / (1 − s)) − 2s) / s³`, in powers of s²: the coefficients of fdlibm's `e_log.c`.
const LG: [f64; 7] = [
    6.666_666_666_666_735e-1,
    3.999_999_999_940_942e-1,
    2.857_142_874_366_239e-1,
    2.222_219_843_214_978_4e-1,
    1.818_357_216_161_805e-1,
    1.531_383_769_920_937_3e-1,
    1.479_819_860_511_658_6e-1,
];

/// `ln x` for a normal number x > 0, with the bits of `libm::log`: the same operations in the same order (Sun
/// Microsystems' fdlibm, `e_log.c`), without the cases that such a number does not meet.
#[inline(always)]
pub fn ln_of_normal(x: f64) -> f64 {
    /// Where the mantissa is cut, just below √½, and the way from there to 1.
    const CUT: u64 = 0x3fe6_a09e << 32;
    const TO_ONE: u64 = (0x3ff0_0000 << 32) - CUT;
    /// Numbers from 2⁵² on are integers, which stand in their last bits.
    const INTEGERS: f64 = (1_u64 << 52) as f64;
    let shifted = x.to_bits() + TO_ONE;
    let exponent = f64::from_bits((shifted >> 52) | INTEGERS.to_bits()) - (INTEGERS + 1023.0);
    let f = f64::from_bits((shifted & ((1 << 52) - 1)) + CUT) - 1.0;
    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (LG[1] + w * (LG[3] + w * LG[5]));
    let odd = z * (LG[0] + w * (LG[2] + w * (LG[4] + w * LG[6])));
    let rest = s * (half_square + (odd + even)) + exponent * LN_2[1];
    rest - half_square + f + exponent * LN_2[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_are_those_of_libm() {
        // A stride of the golden ratio through all positive normal numbers, and the ends.
        let normal = |i: u64| {
            let (first, last) = (f64::MIN_POSITIVE.to_bits(), f64::MAX.to_bits());
            f64::from_bits(first + i.wrapping_mul(0x9e37_79b9_7f4a_7c15) % (last - first + 1))
        };
        let unit = |i: u32| f64::from(i) / 1e5;
        let ends = [f64::MIN_POSITIVE, 1.0_f64.next_down(), 1.0, 1.0_f64.next_up(), f64::MAX];
        let numbers = (0..200_000).map(normal).chain((1..200_000).map(unit)).chain(ends);
        for x in numbers {
            assert_eq!(ln_of_normal(x).to_bits(), libm::log(x).to_bits(), "{x:e}");
        }
    }
}
