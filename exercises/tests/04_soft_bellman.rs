//! One round of soft value iteration.

#[cfg_attr(not(feature = "solutions"), path = "../holes/04_soft_bellman.rs")]
#[cfg_attr(feature = "solutions", path = "../solutions/04_soft_bellman.rs")]
mod hole;

use hole::backup;
use softac_holes::claims::{number, numbers};
use softac_holes::table::{Task, soft_maximum};

#[test]
fn the_first_round_is_the_soft_maximum_of_the_rewards() {
    // ½ log(e² + e⁰)
    let expected = 0.5 * (2.0_f64.exp() + 1.0).ln();
    let known: [(&[f64], _); 2] = [
        (
            &[1.0],
            "That is the greatest reward, the hard maximum. The best policy keeps some of its randomness, and is paid for it.",
        ),
        (
            &[0.5],
            "That is the mean of the rewards. The best policy takes the better action more often.",
        ),
    ];
    numbers(
        "V after one round of work and rest, from V = 0",
        &backup(&Task::work_or_rest(), &[0.0]),
        &[expected],
        &known,
    );
}

#[test]
fn chance_is_averaged_before_it_is_chosen() {
    // From the state in the middle, the first action has E[V] = 0.8 · 0 + 0.2 · 2, the second 0.2 · 0 + 0.8 · 2.
    let task = Task::corridor();
    let middle = soft_maximum(&[0.9 * 0.4, 0.9 * 1.6], 0.2);
    let got = backup(&task, &[0.0, 1.0, 2.0]);
    let known = [
        (soft_maximum(&[0.4, 1.6], 0.2), "The future is discounted: γ is missing."),
        (soft_maximum(&[0.9 * 2.0; 2], 0.2), "Each successor counts with its probability."),
    ];
    assert_eq!(got.len(), 3, "There is one value for each of the three states.");
    number(
        "V of the corridor's middle after one round, from V = (0, 1, 2)",
        got[1],
        middle,
        &known,
    );
    let end = soft_maximum(&[1.0 + 0.9 * 1.2, 1.0 + 0.9 * 1.8], 0.2);
    number("V of its last state, which pays 1", got[2], end, &[]);
}

#[test]
fn work_and_rest_come_to_the_value_of_the_first_exercise() {
    let task = Task::work_or_rest();
    let v = (0..400).fold(vec![0.0], |v, _| backup(&task, &v));
    // V = γ V + α log(e^{1/α} + 1)
    let expected = 0.5 * (2.0_f64.exp() + 1.0).ln() / (1.0 - 0.9);
    numbers("V of work and rest after 400 rounds", &v, &[expected], &[]);
}

#[test]
fn two_guesses_come_closer_by_gamma() {
    let task = Task::corridor();
    let (v, other) = ([0.0, 5.0, -2.0], [1.0, 4.0, -4.0]);
    let distance = |v: &[f64], other: &[f64]| {
        v.iter().zip(other).map(|(v, other)| (v - other).abs()).fold(0.0, f64::max)
    };
    let (before, after) =
        (distance(&v, &other), distance(&backup(&task, &v), &backup(&task, &other)));
    assert!(
        after <= task.gamma * before + 1e-12,
        "The largest difference of two guesses was {before} and is {after} after a round, more than γ times as much."
    );
}
