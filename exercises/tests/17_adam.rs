//! Adam.

#[cfg_attr(not(feature = "solutions"), path = "../holes/17_adam.rs")]
#[cfg_attr(feature = "solutions", path = "../solutions/17_adam.rs")]
mod hole;

use hole::Adam;
use softac::nn::AdamConfig;
use softac_holes::claims::{number, number_within, numbers};

/// Where a parameter is after these gradients, from 0.
fn after(gradients: &[f64], learning_rate: f64) -> f64 {
    let (mut adam, mut theta) = (Adam::new(1, learning_rate), [0.0]);
    gradients.iter().for_each(|&g| adam.step(&mut theta, &[g]));
    theta[0]
}

#[test]
fn the_first_step_has_the_length_of_the_learning_rate() {
    let known = [
        (
            -0.1 * 0.1 / 0.001_f64.sqrt(),
            "m and v began at zero and are too small: m by the factor 1 − β₁ⁿ, v by 1 − β₂ⁿ. Divide by them.",
        ),
        (-0.1 / 0.001_f64.sqrt(), "v is still too small, by the factor 1 − β₂ⁿ."),
        (-0.01, "m is still too small, by the factor 1 − β₁ⁿ."),
        (0.1, "Descent goes against the gradient."),
    ];
    for g in [3.0, 250.0] {
        let what = format!("θ after a first step with the gradient {g}, η = 0.1");
        // The 10⁻⁸ beside the root is less than 10⁻⁸ of the step.
        number_within(1e-6, &what, after(&[g], 0.1), -0.1, &known);
    }
}

#[test]
fn the_small_constant_stands_beside_the_root() {
    // g / (|g| + 10⁻⁸) = ½ for g = 10⁻⁸.
    let known = [
        (
            -0.1 * 1e-8 / (1e-16_f64 + 1e-8).sqrt(),
            "10⁻⁸ inside of the root is 10⁻⁴ outside: small gradients would hardly move anything. It is added to the root.",
        ),
        (-0.1, "The 10⁻⁸ is missing: a gradient of 0 would be divided by 0."),
    ];
    number(
        "θ after a first step with the gradient 10⁻⁸, η = 0.1",
        after(&[1e-8], 0.1),
        -0.05,
        &known,
    );
}

#[test]
fn three_steps_are_those_of_the_first_exercise() {
    let third = after(&[1.0, 1.0, -1.0], 0.1);
    let known = [(-0.1, "The third step goes on downwards: m remembers the gradients before.")];
    // m = 0.071 and v = 1 − β₂³ after three steps.
    let expected = -0.2 - 0.1 * (0.071 / 0.271);
    number_within(1e-6, "θ after the gradients 1, 1, −1", third, expected, &known);
}

#[test]
fn the_crates_optimiser_takes_the_same_steps() {
    let (mut ours, mut theirs) =
        (Adam::new(2, 0.01), softac::nn::Adam::new(2, AdamConfig::with_learning_rate(0.01)));
    let (mut theta, mut expected) = ([1.0, -1.0], [1.0, -1.0]);
    for n in 0..200 {
        let g = [f64::from(n % 7) - 2.5, 1e-7 * f64::from(n % 3)];
        ours.step(&mut theta, &g);
        theirs.step(&mut expected, &g);
    }
    numbers("θ after 200 steps", &theta, &expected, &[]);
}
