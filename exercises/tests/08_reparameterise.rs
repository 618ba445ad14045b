//! A sample with a gradient.

#[cfg_attr(not(feature = "solutions"), path = "../holes/08_reparameterise.rs")]
#[cfg_attr(feature = "solutions", path = "../solutions/08_reparameterise.rs")]
mod hole;

use hole::reparameterise;
use ndarray::{Array2, array};
use softac::gradcheck::{Checker, named};
use softac::tape::Tape;
use softac_holes::claims::{gradient, numbers, on_tape};

fn point() -> [Array2<f64>; 3] {
    [array![[0.3, -1.0]], array![[-0.5, 0.2]], array![[0.7, -1.5]]]
}

#[test]
fn the_value_is_mean_plus_spread_times_noise() {
    let [mu, log_sigma, xi] = point();
    let tape = Tape::new();
    let [mu, log_sigma, xi] = [&mu, &log_sigma, &xi].map(|x| tape.leaf(x));
    let u = on_tape(reparameterise(mu, log_sigma, xi).value());
    let expected = [0.3 + (-0.5_f64).exp() * 0.7, -1.0 - 0.2_f64.exp() * 1.5];
    let known: [(&[f64], _); 1] =
        [(&[0.3 - 0.5 * 0.7, -1.0 - 0.2 * 1.5], "The network gives log σ; σ is its exponential.")];
    numbers("u at μ = (0.3, −1), log σ = (−0.5, 0.2), ξ = (0.7, −1.5)", &u, &expected, &known);
}

#[test]
fn the_mean_moves_the_sample_one_to_one() {
    let [mu, log_sigma, xi] = point();
    let tape = Tape::new();
    let (mu, log_sigma, xi) = (tape.leaf(&mu), tape.leaf(&log_sigma), tape.constant(&xi));
    let gradients = on_tape(reparameterise(mu, log_sigma, xi).sum().backward());
    let known: [(&[f64], _); 1] = [(
        &[0.0, 0.0],
        "No gradient comes through. `detach` says \"count this as constant\"; which of the quantities here are constants? This is \
         the bug of writing `sample()` for `rsample()` in PyTorch: everything runs, and the policy does not learn from its critics.",
    )];
    numbers("∂ Σu / ∂μ", gradients.wrt(mu), &[1.0, 1.0], &known);
}

#[test]
fn the_spread_moves_it_by_the_noise() {
    let [mu, log_sigma, xi] = point();
    let tape = Tape::new();
    let (mu, log_sigma_var, xi_var) = (tape.leaf(&mu), tape.leaf(&log_sigma), tape.constant(&xi));
    let gradients = on_tape(reparameterise(mu, log_sigma_var, xi_var).sum().backward());
    let expected = [(-0.5_f64).exp() * 0.7, 0.2_f64.exp() * -1.5];
    let known: [(&[f64], _); 2] = [
        (
            &[0.0, 0.0],
            "No gradient reaches log σ: it is cut off as a constant, and the policy could never change its spread.",
        ),
        (&[0.7, -1.5], "That is ∂u/∂σ. By log σ there is another factor."),
    ];
    numbers("∂ Σu / ∂ log σ, which is σ ξ", gradients.wrt(log_sigma_var), &expected, &known);
}

#[test]
fn differences_agree_behind_a_function() {
    let [mu, log_sigma, xi] = point();
    // What is detached moves along: so differences tell, too, if something is that should not be.
    let checked = Checker::new().unpinned().check(
        |tape, p| reparameterise(p[0], p[1], tape.constant(&xi)).square().tanh(),
        &[&named("mu", &mu), &named("log_sigma", &log_sigma)],
    );
    gradient(
        "the derivative of tanh u²",
        checked,
        "Value and slopes belong to different functions.",
    );
}
