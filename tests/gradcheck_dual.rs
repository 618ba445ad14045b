//! A second oracle, exact to rounding: dual numbers, for formulas that are scalar.
//!
//! The formulas are written as the papers have them, not as the crate computes them.

use ndarray::{Array2, array};
use num_dual::{Dual64, DualNum};
use softac::gradcheck::{Checker, gradcheck};
use softac::policy::Gaussian;
use softac::sac::soft_target;
use softac::tape::Tape;

const GAMMA: f64 = 0.97;

/// `log π` of one action dimension: `log N(u; μ, σ) − log(1 − tanh² u)` with `u = μ + σ ξ`, eq.
/// (21) of Haarnoja et al. (2018).
fn log_pi(mu: Dual64, log_sigma: Dual64, xi: f64) -> Dual64 {
    let sigma = log_sigma.exp();
    let u = mu + sigma * xi;
    let standardised = (u - mu) / sigma;
    let normal =
        -(standardised * standardised) * 0.5 - sigma.ln() - 0.5 * (2.0 * std::f64::consts::PI).ln();
    normal - (-(u.tanh() * u.tanh()) + 1.0).ln()
}

/// Seeds the derivative of one number.
fn variable(x: f64) -> Dual64 {
    Dual64::new(x, 1.0)
}

fn constant(x: f64) -> Dual64 {
    Dual64::new(x, 0.0)
}

#[test]
fn the_log_probability_has_the_gradient_of_the_density() {
    let points = [(0.0, 0.0, 0.5), (0.3, -1.2, -0.8), (-1.1, 0.4, 1.3), (2.0, -3.0, 0.1)];
    for (mu, log_sigma, xi) in points {
        let arrays = [mu, log_sigma, xi].map(|x| array![[x]]);
        let tape = Tape::new();
        let [m, s, x] = arrays.each_ref().map(|x| tape.leaf(x));
        let sample = Gaussian { mu: m, log_sigma: s }.sample(x).log_pi;
        let gradients = sample.backward().unwrap();
        let by_mu = log_pi(variable(mu), constant(log_sigma), xi);
        let by_log_sigma = log_pi(constant(mu), variable(log_sigma), xi);
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-13 * (1.0 + b.abs());
        assert!(close(sample.item().unwrap(), by_mu.re), "log π at {mu}, {log_sigma}, {xi}");
        assert!(close(gradients.wrt(m)[[0, 0]], by_mu.eps), "by μ at {mu}, {log_sigma}, {xi}");
        let by_s = gradients.wrt(s)[[0, 0]];
        assert!(close(by_s, by_log_sigma.eps), "by log σ at {mu}, {log_sigma}, {xi}");
    }
}

/// `y = r + γ (1 − d)(Q′ − α log π′)`.
fn target([r, d, q, alpha, log_pi]: [Dual64; 5]) -> Dual64 {
    r + (-d + 1.0) * (q - alpha * log_pi) * GAMMA
}

/// The target detaches itself, so the tape has no gradient to compare; but differences that see
/// through the `detach` have that of the formula.
#[test]
fn differences_of_the_soft_target_have_the_gradient_of_the_formula() {
    for point in [[0.5, 0.0, -2.0, 0.2, 1.7], [-1.0, 1.0, 3.0, 0.1, -0.6]] {
        let inputs: [Array2<f64>; 5] = point.map(|x| array![[x]]);
        let [r, d, q, alpha, log_pi] = &inputs;
        let through = Checker::new().unpinned().check(
            |_, p| soft_target(p[0], p[1], p[2], p[3], p[4], GAMMA),
            &[r, d, q, alpha, log_pi],
        );
        for row in &through.unwrap().rows {
            let mut dual = point.map(constant);
            dual[row.input] = variable(point[row.input]);
            let exact = target(dual).eps;
            assert!((row.numeric - exact).abs() <= 1e-13 * (1.0 + exact.abs()), "{row:?}, {exact}");
            assert_eq!(row.analytic, 0.0);
        }
    }
}

/// The oracle by differences against the exact one: its bound has to hold.
#[test]
fn the_bound_on_differences_holds_against_dual_numbers() {
    for seed in 0..200_u32 {
        let number = |k: u32| f64::from((seed * 7 + k * 31) % 101) / 25.0 - 2.0;
        let (mu, log_sigma, xi) = (number(1), number(2), number(3));
        let (m, s, x) = (array![[mu]], array![[log_sigma]], array![[xi]]);
        let report = gradcheck(
            |tape, p| Gaussian { mu: p[0], log_sigma: p[1] }.sample(tape.constant(&x)).log_pi,
            &[&m, &s],
        );
        for row in report.unwrap().rows {
            let exact = match row.input {
                0 => log_pi(variable(mu), constant(log_sigma), xi).eps,
                _ => log_pi(constant(mu), variable(log_sigma), xi).eps,
            };
            // The textbook form itself is inexact where tanh saturates: 1 − tanh² loses digits.
            let u = mu + log_sigma.exp() * xi;
            let textbook = 1e-15 * (2.0 * u.abs()).exp() * (1.0 + exact.abs());
            assert!((row.numeric - exact).abs() <= row.bound + textbook, "{row:?}, exact {exact}");
        }
    }
}
