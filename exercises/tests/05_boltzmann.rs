//! The Boltzmann policy.

#[cfg_attr(not(feature = "solutions"), path = "../holes/05_boltzmann.rs")]
#[cfg_attr(feature = "solutions", path = "../solutions/05_boltzmann.rs")]
mod hole;

use hole::boltzmann;
use softac_holes::claims::{number, numbers};
use softac_holes::table::soft_maximum;

#[test]
fn two_arms_have_the_odds_of_the_chapter() {
    let first = |gap: f64| 1.0 / (1.0 + (-gap).exp());
    let odds = |p: f64| [p, 1.0 - p];
    let (right, hot, reversed) =
        (odds(first(0.1 / 0.05)), odds(first(0.1 * 0.05)), odds(first(-0.1 / 0.05)));
    let known: [(&[f64], _); 3] = [
        (&hot, "Values are divided by α, not multiplied."),
        (
            &reversed,
            "The better action has to be the likelier one: the sign is the wrong way round.",
        ),
        (&[20.0_f64.exp(), 18.0_f64.exp()], "The weights are right. Divide each by their sum."),
    ];
    numbers(
        "π* of two arms that pay 1 and 0.9, at α = 0.05",
        &boltzmann(&[1.0, 0.9], 0.05),
        &right,
        &known,
    );
}

#[test]
fn four_actions_have_the_probabilities_of_the_first_exercise() {
    let z = 2.0 * 1.0_f64.exp() + 2.0;
    let (high, low) = (1.0_f64.exp() / z, 1.0 / z);
    numbers(
        "π* for Q = (1, 1, 0, 0) at α = 1",
        &boltzmann(&[1.0, 1.0, 0.0, 0.0], 1.0),
        &[high, high, low, low],
        &[],
    );
}

#[test]
fn large_values_do_not_overflow() {
    let p = 1.0 / (1.0 + (-1.0_f64).exp());
    let known: [(&[f64], _); 1] = [(
        &[f64::NAN; 2],
        "∞/∞ is NaN. A constant taken from all values changes no probability: take the largest, as in hole 03.",
    )];
    for shift in [1000.0, -1000.0] {
        let what = format!("π* for Q = ({}, {}) at α = 1", shift + 1.0, shift);
        numbers(&what, &boltzmann(&[shift + 1.0, shift], 1.0), &[p, 1.0 - p], &known);
    }
}

#[test]
fn what_another_policy_falls_short_by_is_its_divergence() {
    let (q, alpha) = ([0.5, -0.2, 1.3], 0.4);
    let best = boltzmann(&q, alpha);
    assert_eq!(best.len(), 3, "There is one probability for each action.");
    let v = soft_maximum(&q, alpha);
    for pi in [[0.2, 0.3, 0.5], [0.6, 0.3, 0.1], [1.0 / 3.0; 3]] {
        let earned: f64 = q.iter().zip(pi).map(|(q, p)| p * (q - alpha * f64::ln(p))).sum();
        let divergence: f64 = best.iter().zip(pi).map(|(best, p)| p * (p / best).ln()).sum();
        number(&format!("α KL(π ‖ π*) of π = {pi:.2?}"), alpha * divergence, v - earned, &[]);
    }
}
