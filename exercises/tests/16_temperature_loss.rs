//! The temperature's loss.

#[cfg_attr(not(feature = "solutions"), path = "../holes/16_temperature_loss.rs")]
#[cfg_attr(feature = "solutions", path = "../solutions/16_temperature_loss.rs")]
mod hole;

use hole::temperature_loss;
use ndarray::{Array2, array};
use softac::tape::Tape;
use softac_holes::claims::{column, number, numbers, on_tape};

/// The loss, and its slopes by log α and log π.
fn at(alpha: f64, log_pi: &[f64], target_entropy: f64) -> (f64, f64, Array2<f64>) {
    let (log_alpha, log_pi) = (array![[alpha.ln()]], column(log_pi));
    let tape = Tape::new();
    let (log_alpha, log_pi) = (tape.leaf(&log_alpha), tape.leaf(&log_pi));
    let loss = temperature_loss(log_alpha, log_pi, target_entropy);
    let (value, gradients) = (on_tape(loss.item()), on_tape(loss.backward()));
    (value, gradients.wrt(log_alpha)[[0, 0]], gradients.wrt(log_pi).to_owned())
}

#[test]
fn the_numbers_of_the_chapter_are_right() {
    let (loss, _, _) = at(0.5, &[1.0, 2.0], -1.0);
    let known = [
        (0.25, "The sign is the wrong way round: descent would lower α where entropy is missing."),
        (1.25, "H̄ is added to log π, not subtracted."),
        (-1.25, "H̄ is added to log π, not subtracted."),
        (-0.5_f64.ln() * 0.5, "log α stands where α should: take its exponential."),
        (-0.5, "That is the sum over the batch; J(α) is an expectation."),
    ];
    number("J(α) at α = ½, log π = (1, 2), H̄ = −1", loss, -0.25, &known);
}

#[test]
fn its_slope_is_alpha_times_the_difference_of_the_entropies() {
    let (_, slope, _) = at(0.5, &[1.0, 2.0], -1.0);
    let known = [
        (
            0.0,
            "α has no gradient: it is what this loss moves. The policy is what is held constant.",
        ),
        (-0.5, "That is the slope by α. By log α there is another factor."),
    ];
    number("∂J/∂ log α at α = ½, log π = (1, 2), H̄ = −1", slope, -0.25, &known);
}

#[test]
fn with_too_little_entropy_the_price_rises_and_with_too_much_it_falls() {
    let (_, sharp, _) = at(0.3, &[3.0, 2.5], -1.0);
    let (_, loose, _) = at(0.3, &[-0.5, 0.2], -1.0);
    assert!(
        sharp < 0.0,
        "Entropy is −2.75 and should be −1. Descent raises log α if the slope is negative; it is {sharp}."
    );
    assert!(
        loose > 0.0,
        "Entropy is 0.15 and should be −1. Descent lowers log α if the slope is positive; it is {loose}."
    );
}

#[test]
fn at_its_target_it_rests() {
    let (loss, slope, _) = at(0.7, &[0.5, 1.5], -1.0);
    number("J(α) where the entropy is the target", loss, 0.0, &[]);
    number("its slope there", slope, 0.0, &[]);
}

#[test]
fn the_policy_is_held_constant() {
    let (_, _, through) = at(0.5, &[1.0, 2.0], -1.0);
    let known: [(&[f64], _); 1] = [(
        &[-0.25, -0.25],
        "The loss has a gradient by log π: the policy would be moved by the price, and not only by its own loss. Detach log π.",
    )];
    numbers("∂J/∂ log π", &through, &[0.0, 0.0], &known);
}
