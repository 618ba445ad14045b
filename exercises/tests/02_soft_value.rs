//! The soft value of a state.

#[cfg_attr(not(feature = "solutions"), path = "../holes/02_soft_value.rs")]
#[cfg_attr(feature = "solutions", path = "../solutions/02_soft_value.rs")]
mod hole;

use std::f64::consts::LN_2;

use hole::soft_value;
use softac_holes::claims::number;

const GAMMA: f64 = 0.9;
const ALPHA: f64 = 0.5;

#[test]
fn the_coin_of_work_and_rest_is_worth_what_the_chapter_says() {
    // Each step earns ½ and α log 2, and there are 1/(1 − γ) of them.
    let v = (0.5 + ALPHA * LN_2) / (1.0 - GAMMA);
    let q = [1.0 + GAMMA * v, GAMMA * v];
    let mean = 0.5 * (q[0] + q[1]);
    let known = [
        (
            mean,
            "That is the mean of Q: the entropy is missing, and the usual objective has been computed.",
        ),
        (mean - ALPHA * LN_2, "The surprise −log π is paid for. Its sign is the wrong way round."),
        (mean + LN_2, "A nat is worth α, not 1."),
        (q[0] + q[1] + 2.0 * ALPHA * LN_2, "Each action counts with its probability."),
    ];
    number("V of the fair coin between work and rest", soft_value(&q, &[0.5; 2], ALPHA), v, &known);
}

#[test]
fn without_temperature_it_is_the_mean_of_q() {
    number("V at α = 0", soft_value(&[2.0, -1.0, 0.5], &[0.2, 0.3, 0.5], 0.0), 0.35, &[]);
}

#[test]
fn an_action_that_is_never_taken_counts_for_nothing() {
    let known = [(f64::NAN, "0 · log 0 is NaN to the computer; such an action is to be left out.")];
    number(
        "V of a policy that takes the first action for certain",
        soft_value(&[2.0, 7.0], &[1.0, 0.0], ALPHA),
        2.0,
        &known,
    );
}

#[test]
fn the_value_is_where_its_own_equation_comes_to_rest() {
    let pi = [0.8_f64, 0.2];
    let mut v = 0.0;
    for _ in 0..400 {
        v = soft_value(&[1.0 + GAMMA * v, GAMMA * v], &pi, ALPHA);
    }
    let entropy: f64 = pi.iter().map(|p| -p * p.ln()).sum();
    let expected = (0.8 + ALPHA * entropy) / (1.0 - GAMMA);
    number("V of who works with probability 0.8", v, expected, &[]);
}
