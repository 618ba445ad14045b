//! Entropy of outcomes.

#[cfg_attr(not(feature = "solutions"), path = "../holes/01_entropy.rs")]
#[cfg_attr(feature = "solutions", path = "../solutions/01_entropy.rs")]
mod hole;

use std::f64::consts::LN_2;

use hole::entropy;
use softac_holes::claims::number;

#[test]
fn a_fair_coin_has_log_2() {
    let known = [
        (1.0, "That is in bits. Logarithms are natural in this book: `ln`, not `log2`."),
        (-LN_2, "p log p is negative, and entropy is its negative."),
        (2.0 * LN_2, "A surprise counts as often as it happens: multiply by p."),
    ];
    number("the entropy of a coin, p = (½, ½)", entropy(&[0.5, 0.5]), LN_2, &known);
}

#[test]
fn what_is_certain_has_none() {
    let known = [(
        f64::NAN,
        "0 · log 0 is NaN to the computer. In the limit it is 0: such a term is left out.",
    )];
    number("the entropy of what is certain, p = (1, 0)", entropy(&[1.0, 0.0]), 0.0, &known);
}

#[test]
fn a_loaded_die_has_the_entropy_of_the_first_exercise() {
    let die = [0.5, 0.1, 0.1, 0.1, 0.1, 0.1];
    let expected = 0.5 * LN_2 + 0.5 * 10.0_f64.ln();
    number("the entropy of the die that shows six every other time", entropy(&die), expected, &[]);
}

#[test]
fn the_uniform_distribution_has_the_most() {
    let most = 4.0_f64.ln();
    number("the entropy of four outcomes alike", entropy(&[0.25; 4]), most, &[]);
    for p in [[0.3, 0.2, 0.25, 0.25], [0.97, 0.01, 0.01, 0.01], [0.5, 0.5, 0.0, 0.0]] {
        let got = entropy(&p);
        assert!(got < most, "{p:?} has {got} nats, more than log 4: that cannot be.");
    }
}

#[test]
fn entropies_of_independent_outcomes_add_up() {
    let (p, p_other) = ([0.9, 0.1], [0.2, 0.3, 0.5]);
    let both: Vec<f64> = p.iter().flat_map(|p| p_other.map(|other| p * other)).collect();
    let sum = entropy(&p) + entropy(&p_other);
    number("the entropy of both together", entropy(&both), sum, &[]);
}
