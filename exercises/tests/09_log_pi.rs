//! The log-probability of a squashed action.

#[cfg_attr(not(feature = "solutions"), path = "../holes/09_log_pi.rs")]
#[cfg_attr(feature = "solutions", path = "../solutions/09_log_pi.rs")]
mod hole;

use std::f64::consts::{LN_2, PI};

use hole::log_pi;
use ndarray::{Array2, array};
use softac::gradcheck::{Checker, named};
use softac::tape::Tape;
use softac_holes::claims::{column, gradient, number, number_within, numbers, on_tape};

/// log π of these numbers, and its slope by u.
fn at(xi: &Array2<f64>, log_sigma: &Array2<f64>, u: &Array2<f64>) -> [Array2<f64>; 2] {
    let tape = Tape::new();
    let (xi, log_sigma, u) = (tape.constant(xi), tape.constant(log_sigma), tape.leaf(u));
    let log_pi = log_pi(xi, log_sigma, u);
    [on_tape(log_pi.value()), on_tape(log_pi.sum().backward()).wrt(u).to_owned()]
}

#[test]
fn the_sample_by_hand_has_the_number_of_the_chapter() {
    let u = 0.3 + (-0.5_f64).exp() * 0.7;
    let [log_pi, _] = at(&array![[0.7]], &array![[-0.5]], &array![[u]]);
    let normal = -0.5 * 0.49 + 0.5 - 0.5 * (2.0 * PI).ln();
    let jacobian = (1.0 - u.tanh().powi(2)).ln();
    let known: [(&[f64], _); 4] = [
        (&[normal], "That is the Gaussian's part alone: the price of the squashing is missing."),
        (
            &[normal + jacobian],
            "Where tanh is flat the density is high: its logarithm is subtracted.",
        ),
        (&[-jacobian], "The Gaussian's part is missing."),
        (&[normal - 1.0 - jacobian], "log σ is subtracted: a narrow Gaussian is a high one."),
    ];
    numbers("log π at μ = 0.3, log σ = −0.5, ξ = 0.7", &log_pi, &[normal - jacobian], &known);
}

#[test]
fn it_sums_over_the_dimensions_and_not_over_the_batch() {
    let (xi, log_sigma, u) = (
        array![[0.7, -0.2], [1.0, 0.0]],
        array![[-0.5, 0.1], [0.0, 0.3]],
        array![[0.7, -0.4], [1.0, 2.0]],
    );
    let term = |i| {
        let u: f64 = u[i];
        -0.5 * xi[i] * xi[i] - log_sigma[i] - 0.5 * (2.0 * PI).ln() - (1.0 - u.tanh().powi(2)).ln()
    };
    let [log_pi, _] = at(&xi, &log_sigma, &u);
    assert_eq!(
        log_pi.dim(),
        (2, 1),
        "log π of two samples in two dimensions has this shape and should have (2, 1): one number per sample, `sum_columns`."
    );
    numbers(
        "log π of two samples",
        &log_pi,
        &[term([0, 0]) + term([0, 1]), term([1, 0]) + term([1, 1])],
        &[],
    );
}

#[test]
fn at_forty_it_is_exact() {
    for u in [40.0_f64, -40.0] {
        // log(1 − tanh² u) = 2 log 2 − 2|u|, up to e^{−80}.
        let expected = -0.5 * (2.0 * PI).ln() - (2.0 * LN_2 - 80.0);
        let floored = -0.5 * (2.0 * PI).ln() - 1e-6_f64.ln();
        let known: [(&[f64], _); 3] = [
            (
                &[f64::INFINITY],
                "1 − tanh² u has become 0, and its logarithm −∞. The chapter has a form with softplus that is exact.",
            ),
            (
                &[f64::NAN],
                "Somewhere ∞ − ∞ was computed. The chapter has a form with softplus that is exact.",
            ),
            (
                &[floored],
                "The 10⁻⁶ inside of the logarithm is a floor: below it the density is wrong. The chapter has a form with softplus that is exact.",
            ),
        ];
        let [log_pi, _] = at(&array![[0.0]], &array![[0.0]], &array![[u]]);
        numbers(&format!("log π at ξ = 0, log σ = 0, u = {u}"), &log_pi, &[expected], &known);
    }
}

#[test]
fn its_slope_is_two_tanh_however_far_out() {
    for u in [0.5_f64, 7.0, -9.0, 20.0, -40.0] {
        let [_, slope] = at(&array![[0.0]], &array![[0.0]], &array![[u]]);
        let tanh = u.tanh();
        let floored = 2.0 * tanh * (1.0 - tanh * tanh) / (1.0 - tanh * tanh + 1e-6);
        let known: [(&[f64], _); 1] = [(
            &[floored],
            "That is the slope with 10⁻⁶ inside of the logarithm: it dies out where policies like to be.",
        )];
        numbers(&format!("∂ log π / ∂u at u = {u}"), &slope, &[2.0 * tanh], &known);
    }
}

#[test]
fn the_density_of_the_action_has_mass_one() {
    for (mu, sigma) in [(0.3, 0.1), (0.0, 1.0), (-0.8, 3.0)] {
        // The trapezoidal rule over ξ, with da = (1 − tanh² u) σ dξ.
        let (nodes, reach) = (4001, 9.0);
        let step = 2.0 * reach / f64::from(nodes - 1);
        let xi = column(&(0..nodes).map(|k| f64::from(k) * step - reach).collect::<Vec<_>>());
        let u = xi.mapv(|xi| mu + sigma * xi);
        let [log_pi, _] = at(&xi, &xi.mapv(|_| f64::ln(sigma)), &u);
        let slope = |u: f64| {
            let e = (-2.0 * u.abs()).exp();
            4.0 * e / ((1.0 + e) * (1.0 + e))
        };
        let mass: f64 =
            log_pi.iter().zip(&u).map(|(log_pi, &u)| log_pi.exp() * slope(u) * sigma * step).sum();
        number_within(1e-8, &format!("∫ exp(log π) da for μ = {mu}, σ = {sigma}"), mass, 1.0, &[]);
    }
}

#[test]
fn differences_agree() {
    let (xi, log_sigma, u) = (array![[0.7, -0.2]], array![[-0.5, 0.1]], array![[0.7, -3.0]]);
    // What is detached moves along: so differences tell, too, if something is that should not be.
    let checked = Checker::new().unpinned().check(
        |tape, p| log_pi(tape.constant(&xi), p[0], p[1]),
        &[&named("log_sigma", &log_sigma), &named("u", &u)],
    );
    gradient("the derivative of log π", checked, "Is something detached that should not be?");
    number(
        "∂ log π / ∂ log σ with u held",
        slope_by_log_sigma(),
        -1.0,
        &[(0.0, "log σ has no gradient: is it detached?")],
    );
}

fn slope_by_log_sigma() -> f64 {
    let (zero, log_sigma) = (array![[0.0]], array![[0.2]]);
    let tape = Tape::new();
    let (xi, log_sigma, u) = (tape.constant(&zero), tape.leaf(&log_sigma), tape.constant(&zero));
    on_tape(log_pi(xi, log_sigma, u).sum().backward()).wrt(log_sigma)[[0, 0]]
}
