//! The VJP of softplus.

#[cfg_attr(not(feature = "solutions"), path = "../holes/06_softplus.rs")]
#[cfg_attr(feature = "solutions", path = "../solutions/06_softplus.rs")]
mod hole;

use hole::Softplus;
use ndarray::{Array2, array};
use softac::gradcheck::{gradcheck, named};
use softac::tape::Tape;
use softac_holes::claims::{gradient, numbers, on_tape};

/// x̄ for this z̄.
fn pull_back(x: &Array2<f64>, z_bar: &Array2<f64>) -> Array2<f64> {
    let tape = Tape::new();
    let leaf = tape.leaf(x);
    on_tape(tape.custom(&Softplus, &[leaf]).backward_with(z_bar)).wrt(leaf).to_owned()
}

#[test]
fn the_slope_at_zero_is_one_half() {
    let known: [(&[f64], _); 3] = [
        (
            &[0.0],
            "Nothing was written: `x_bar` comes as zeros, and what is to be added to the adjoint of x goes there.",
        ),
        (&[1.5], "z̄ is added here. The chain rule multiplies."),
        (&[std::f64::consts::LN_2], "That is the value, log 2. It is the slope that is wanted."),
    ];
    numbers("x̄ at x = 0, with z̄ = 1", &pull_back(&array![[0.0]], &array![[1.0]]), &[0.5], &known);
}

#[test]
fn the_adjoint_of_the_output_is_a_factor() {
    let known: [(&[f64], _); 1] = [(
        &[0.5, 0.5],
        "That is the slope alone. The chain rule multiplies it by z̄, which is in `at.cotangent`.",
    )];
    numbers(
        "x̄ at x = (0, 0), with z̄ = (2, −3)",
        &pull_back(&array![[0.0, 0.0]], &array![[2.0, -3.0]]),
        &[1.0, -1.5],
        &known,
    );
}

#[test]
fn differences_agree() {
    let x = array![[-3.0, -0.5, 0.7], [4.0, -2.0, 1.0]];
    let checked = gradcheck(|tape, p| tape.custom(&Softplus, &[p[0]]), &[&named("x", &x)]);
    gradient(
        "the derivative of log(1 + eˣ)",
        checked,
        "Differentiate log(1 + eˣ): the chain rule with 1 + eˣ inside of the logarithm.",
    );
}

#[test]
fn far_out_the_slope_is_a_number() {
    let far = array![[1000.0, -1000.0]];
    let known: [(&[f64], _); 2] = [
        (&[f64::NAN, 0.0], "e¹⁰⁰⁰/(1 + e¹⁰⁰⁰) is ∞/∞. Divide above and below by eˣ first."),
        (
            &[1.0, f64::NAN],
            "e¹⁰⁰⁰/(1 + e¹⁰⁰⁰) is ∞/∞. For negative x, exp(−x) overflows: in 1/(1 + exp(−x)) that does no harm.",
        ),
    ];
    numbers(
        "x̄ at x = (1000, −1000), with z̄ = 1",
        &pull_back(&far, &array![[1.0, 1.0]]),
        &[1.0, 0.0],
        &known,
    );
}
