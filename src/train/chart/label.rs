//! Numbers as tick labels: exact decimals, thousands separators, powers of ten.
//!
//! A tick stands at `digits · 10^exponent` with both integers, so a label is cut out of the
//! digits of an integer; no `0.30000000000000004` can arise.

use std::fmt::Write as _;

/// Magnitudes `10^k` that are written out; the others take the form `m×10ᵏ`.
const WRITTEN_OUT: std::ops::RangeInclusive<i32> = -4..=7;

/// `digits · 10^exponent`, on an axis whose largest number has the order of `10^magnitude`.
pub(super) fn number(digits: i64, exponent: i32, magnitude: i32) -> String {
    if digits == 0 || WRITTEN_OUT.contains(&magnitude) {
        return decimal(digits, exponent);
    }
    format!("{}×{}", decimal(digits, exponent - magnitude), power_of_ten(magnitude))
}

/// `10ᵏ` with a raised exponent.
pub(super) fn power_of_ten(exponent: i32) -> String {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raised = exponent
        .to_string()
        .chars()
        .map(|c| match c.to_digit(10) {
            Some(digit) => RAISED[digit as usize],
            None => '⁻',
        })
        .collect::<String>();
    format!("10{raised}")
}

/// `digits · 10^exponent` written out in full.
fn decimal(digits: i64, exponent: i32) -> String {
    let decimals = exponent.min(0).unsigned_abs() as usize;
    let zeros = exponent.max(0).unsigned_abs() as usize;
    let all = format!("{:0>width$}", digits.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = all.split_at(all.len() - decimals);
    let whole = if digits == 0 { "0".to_owned() } else { whole.to_owned() + &"0".repeat(zeros) };

    let mut text = String::new();
    if digits < 0 {
        text.push('−');
    }
    for (place, digit) in (0..whole.len()).rev().zip(whole.chars()) {
        text.push(digit);
        if place > 0 && place % 3 == 0 {
            text.push(',');
        }
    }
    if !fraction.is_empty() {
        // Writing to a `String` cannot fail.
        let _ = write!(text, ".{fraction}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        let cases = [
            ((0, -2, 0), "0.00"),
            ((3, -1, 0), "0.3"),
            ((-15, -1, 0), "−1.5"),
            ((2, 5, 6), "200,000"),
            ((12, 5, 6), "1,200,000"),
            ((-10_005, -1, 3), "−1,000.5"),
            ((5, -9, -8), "0.5×10⁻⁸"),
            ((0, 300, 300), "0"),
            ((-15, 299, 300), "−1.5×10³⁰⁰"),
        ];
        for ((digits, exponent, magnitude), expected) in cases {
            assert_eq!(number(digits, exponent, magnitude), expected);
        }
        assert_eq!(power_of_ten(-20), "10⁻²⁰");
    }
}
