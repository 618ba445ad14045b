//! The soft maximum, at any size of values.

#[cfg_attr(not(feature = "solutions"), path = "../holes/03_soft_maximum.rs")]
#[cfg_attr(feature = "solutions", path = "../solutions/03_soft_maximum.rs")]
mod hole;

use std::f64::consts::LN_2;

use hole::soft_maximum;
use softac_holes::claims::number;

#[test]
fn two_values_alike_are_worth_a_coin_more() {
    let known = [(3.0, "α log 2 is missing: both values have to be in the sum.")];
    number(
        "the soft maximum of (3, 3) at α = ½",
        soft_maximum(&[3.0; 2], 0.5),
        3.0 + 0.5 * LN_2,
        &known,
    );
}

#[test]
fn large_values_do_not_overflow() {
    let expected = 1000.0 + (-1.0_f64).exp().ln_1p();
    let known = [(
        f64::INFINITY,
        "e¹⁰⁰⁰ is more than any number that the computer has. A constant can be taken out of the logarithm: which one keeps \
         every exponential at 1 or less?",
    )];
    number(
        "the soft maximum of (1000, 999) at α = 1",
        soft_maximum(&[1000.0, 999.0], 1.0),
        expected,
        &known,
    );
}

#[test]
fn very_negative_values_do_not_vanish() {
    let expected = -1000.0 + (-1.0_f64).exp().ln_1p();
    let known = [(
        f64::NEG_INFINITY,
        "All exponentials became 0. Take out the largest value, not the largest size: one exponential then is 1.",
    )];
    number(
        "the soft maximum of (−1000, −1001) at α = 1",
        soft_maximum(&[-1000.0, -1001.0], 1.0),
        expected,
        &known,
    );
}

#[test]
fn as_the_temperature_falls_it_becomes_the_maximum() {
    let q = [3.0, 1.0, 2.5];
    for alpha in [1e-2, 1e-3, 1e-6] {
        number(
            &format!("the soft maximum of {q:?} at α = {alpha}"),
            soft_maximum(&q, alpha),
            3.0,
            &[],
        );
    }
}

#[test]
fn a_constant_can_be_taken_out() {
    let (q, moved) = ([0.3, -0.7, 1.1], [5.3, 4.3, 6.1]);
    number(
        "the soft maximum of values that are 5 higher",
        soft_maximum(&moved, 0.2),
        soft_maximum(&q, 0.2) + 5.0,
        &[],
    );
}
