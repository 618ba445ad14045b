//! The squashed Gaussian: its log-Jacobian, its mass, its bounds, and the map to the environment's box.

use std::f64::consts::PI;

use ndarray::{Array1, Array2, Axis, arr1, array};
use softac::Scalar;
use softac::env::BoxSpace;
use softac::nn::Activation;
use softac::policy::{Gaussian, LOG_SIGMA_MAX, LOG_SIGMA_MIN, SquashedGaussian};
use softac::random::{Purpose, fill_normal, stream};
use softac::tape::{Tape, Var};

use crate::Implementation;

crate::properties! {
    the_log_jacobian_agrees_with_high_precision_up_to_40_in_both_precisions,
    the_slope_of_the_log_jacobian_is_minus_two_tanh,
    the_density_of_the_action_has_mass_one,
    the_density_integrates_to_one_over_the_actions_themselves,
    the_density_integrates_to_one_over_a_scaled_anisotropic_box,
    the_entropy_estimate_meets_the_entropy_by_quadrature,
    log_pi_sums_over_the_action_dimensions,
    every_dimension_of_the_action_is_scaled_by_its_own_bounds,
    not_a_number_in_log_sigma_is_not_hidden,
    log_sigma_is_clamped_and_has_no_gradient_outside,
    log_sigma_is_clamped_in_every_dimension,
    the_gradient_in_log_sigma_is_the_difference_quotient_inside,
}

/// Rows of `u, log(1 − tanh² u)`, from `scripts/make_log_jacobian_table.py`: 120 digits, rounded once.
fn log_jacobian_table() -> Vec<[f64; 2]> {
    let rows = include_str!("../fixtures/log_tanh_jacobian.csv").lines().skip(1);
    rows.map(|row| {
        let (u, value) = row.split_once(',').unwrap();
        [u.parse().unwrap(), value.parse().unwrap()]
    })
    .collect()
}

/// The largest error against the table, relative to the value where that is above 1. (Near u = 0 the
/// value vanishes; what counts there is its absolute error, the relative error of the density.)
fn log_jacobian_error<T: Scalar>(log_tanh_jacobian: for<'t> fn(Var<'t, T>) -> Var<'t, T>) -> f64 {
    let table = log_jacobian_table();
    let u = Array2::from_shape_fn((table.len(), 1), |(i, _)| T::of(table[i][0]));
    let tape = Tape::new();
    let ours = log_tanh_jacobian(tape.constant(&u)).value().unwrap();
    let errors = ours.iter().zip(&table).map(|(ours, [u, exact])| {
        assert!(ours.is_finite(), "u = {u}");
        (ours.as_f64() - exact).abs() / exact.abs().max(1.0)
    });
    errors.fold(0.0, f64::max)
}

fn the_log_jacobian_agrees_with_high_precision_up_to_40_in_both_precisions(sac: &Implementation) {
    assert!(log_jacobian_error(sac.log_tanh_jacobian) < 1e-15);
    assert!(log_jacobian_error(sac.log_tanh_jacobian_f32) < 5e-7);
}

fn the_slope_of_the_log_jacobian_is_minus_two_tanh(sac: &Implementation) {
    let u = Array2::from_shape_fn((161, 1), |(i, _)| 0.5 * (i as f64 - 80.0));
    let tape = Tape::new();
    let leaf = tape.leaf(&u);
    let gradients = (sac.log_tanh_jacobian)(leaf).sum().backward().unwrap();
    for (slope, u) in gradients.wrt(leaf).iter().zip(&u) {
        assert!((slope + 2.0 * u.tanh()).abs() < 1e-15, "u = {u}: {slope}");
    }
}

/// `log π` at each row of noise, for the same `μ, log σ` in every row.
fn log_pi(sac: &Implementation, mu: &[f64], log_sigma: &[f64], xi: &Array2<f64>) -> Array1<f64> {
    let rows =
        |row: &[f64]| Array2::from_shape_fn((xi.nrows(), row.len()), |(_, column)| row[column]);
    let (mu, log_sigma) = (rows(mu), rows(log_sigma));
    let tape = Tape::new();
    let gaussian = Gaussian { mu: tape.constant(&mu), log_sigma: tape.constant(&log_sigma) };
    (sac.sample)(gaussian, tape.constant(xi)).log_pi.value().unwrap().column(0).to_owned()
}

/// Nodes and weights of the midpoint rule, which is exact to rounding where all derivatives vanish at
/// both ends.
fn midpoints(low: f64, high: f64, count: usize) -> (Array1<f64>, f64) {
    let width = (high - low) / count as f64;
    (Array1::from_shape_fn(count, |i| low + width * (i as f64 + 0.5)), width)
}

fn the_density_of_the_action_has_mass_one(sac: &Implementation) {
    // ∫ π(a) da = ∫ π(tanh u) sech² u du over nine standard deviations of u. A floor under 1 − tanh² u
    // of 10⁻⁶ would leave 0.69 of the mass at μ = 0, log σ = 2.
    let (xi, width) = midpoints(-9.0, 9.0, 400);
    let xi = xi.insert_axis(Axis(1));
    for mu in [-3.0, -0.7, 0.0, 1.5, 6.0] {
        for log_sigma in [LOG_SIGMA_MIN, -5.0, -1.0, 0.0, 1.0, LOG_SIGMA_MAX] {
            let sigma = f64::exp(log_sigma);
            let terms =
                log_pi(sac, &[mu], &[log_sigma], &xi).into_iter().zip(&xi).map(|(log_pi, xi)| {
                    let u = mu + sigma * xi;
                    log_pi.exp() * u.cosh().powi(-2) * sigma * width
                });
            let mass: f64 = terms.sum();
            assert!((mass - 1.0).abs() < 1e-12, "μ = {mu}, log σ = {log_sigma}: {mass}");
        }
    }
}

fn the_density_integrates_to_one_over_the_actions_themselves(sac: &Implementation) {
    // Directly in a ∈ (−1, 1), at ξ = (atanh a − μ)/σ. (With a wide σ most of the mass lies closer to
    // ±1 than a can be written; the test above goes through u.)
    let (actions, width) = midpoints(-1.0, 1.0, 20_000);
    for (mu, log_sigma) in [(0.0, -0.5), (0.8, -1.0), (-0.3, -3.0), (1.2, -1.5)] {
        let xi = actions.mapv(|a| (a.atanh() - mu) / f64::exp(log_sigma)).insert_axis(Axis(1));
        let mass = log_pi(sac, &[mu], &[log_sigma], &xi).mapv(f64::exp).sum() * width;
        assert!((mass - 1.0).abs() < 1e-10, "μ = {mu}, log σ = {log_sigma}: {mass}");
    }
}

fn the_density_integrates_to_one_over_a_scaled_anisotropic_box(sac: &Implementation) {
    // In the environment's units the log-density is log π − Σⱼ log half_rangeⱼ.
    const NODES: usize = 400;
    let (low, high) = ([-2.0, 1.0], [2.0, 11.0]);
    let space = BoxSpace::new(low.to_vec(), high.to_vec()).unwrap();
    let (mu, log_sigma) = ([0.4, -0.6], [-1.2, -1.0]);
    let axes = [0, 1].map(|j| midpoints(low[j], high[j], NODES));
    let mut xi = Array2::zeros((NODES * NODES, 2));
    for (row, mut xi) in xi.rows_mut().into_iter().enumerate() {
        let point = [axes[0].0[row / NODES], axes[1].0[row % NODES]];
        let a = [0, 1].map(|j| 2.0 * (point[j] - low[j]) / (high[j] - low[j]) - 1.0);
        let mut mapped = [0.0; 2];
        (sac.to_environment)(&space, &a, &mut mapped);
        assert!(mapped.iter().zip(point).all(|(x, y)| (x - y).abs() < 1e-14));
        xi.assign(&arr1(&[0, 1].map(|j| (a[j].atanh() - mu[j]) / f64::exp(log_sigma[j]))));
    }
    let density =
        log_pi(sac, &mu, &log_sigma, &xi).mapv(|log_pi| (log_pi - (sac.log_scale)(&space)).exp());
    let mass = density.sum() * axes[0].1 * axes[1].1;
    assert!((mass - 1.0).abs() < 1e-9, "{mass}");
}

fn the_entropy_estimate_meets_the_entropy_by_quadrature(sac: &Implementation) {
    const SAMPLES: usize = 50_000;
    let mut xi = Array2::zeros((SAMPLES, 1));
    fill_normal(xi.as_slice_mut().unwrap(), &mut stream(1, Purpose::Policy));
    let (nodes, width) = midpoints(-9.0, 9.0, 400);
    for (mu, sigma) in [(0.0, 0.1), (0.5, 1.0), (-1.0, 3.0), (0.0, f64::exp(LOG_SIGMA_MAX))] {
        // H = E[½ ξ² + ln σ + ½ ln 2π − 2 ln cosh u].
        let terms = nodes.mapv(|xi: f64| {
            let weight = (-0.5 * xi * xi).exp() / (2.0 * PI).sqrt();
            let u = mu + sigma * xi;
            weight * (0.5 * xi * xi + sigma.ln() + 0.5 * (2.0 * PI).ln() - 2.0 * u.cosh().ln())
        });
        let exact = terms.sum() * width;

        let log_pi = log_pi(sac, &[mu], &[sigma.ln()], &xi).insert_axis(Axis(1));
        let tape = Tape::new();
        let estimate = (sac.entropy)(tape.constant(&log_pi)).item().unwrap();
        let standard_error = log_pi.std(1.0) / (SAMPLES as f64).sqrt();
        let difference = (estimate - exact).abs();
        assert!(difference < 4.0 * standard_error, "({mu}, {sigma}): {estimate}, {exact}");
    }
}

fn log_pi_sums_over_the_action_dimensions(sac: &Implementation) {
    // As the formula is written, dimension by dimension; |u| is moderate here.
    let by_hand = |mu: f64, log_sigma: f64, xi: f64| {
        let a = (mu + log_sigma.exp() * xi).tanh();
        -0.5 * xi * xi - log_sigma - 0.5 * (2.0 * PI).ln() - (1.0 - a * a).ln()
    };
    let mu = [0.3, -0.8, 1.1, 0.4, -1.3];
    let log_sigma = [-0.5, 0.2, -2.0, -0.9, 0.4];
    let xi = [0.7, -0.4, 1.9, -1.2, 0.5];
    for dims in 1..=5 {
        let expected: f64 = (0..dims).map(|j| by_hand(mu[j], log_sigma[j], xi[j])).sum();
        let noise = Array2::from_shape_fn((1, dims), |(_, j)| xi[j]);
        let ours = log_pi(sac, &mu[..dims], &log_sigma[..dims], &noise);
        assert!((ours[0] - expected).abs() < 1e-14, "{dims}: {ours}, {expected}");
    }
}

fn every_dimension_of_the_action_is_scaled_by_its_own_bounds(sac: &Implementation) {
    let (low, high) = ([-2.0, 0.0, -1.0, 4.0, -8.0], [2.0, 10.0, 3.0, 20.0, -7.0]);
    let space = BoxSpace::new(low.to_vec(), high.to_vec()).unwrap();
    let mut out = [0.0; 5];
    for (a, expected) in [
        ([-1.0; 5], low),
        ([1.0; 5], high),
        ([0.0; 5], [0.0, 5.0, 1.0, 12.0, -7.5]),
        ([0.5, -0.5, 0.25, -0.25, 0.5], [1.0, 2.5, 1.5, 10.0, -7.25]),
    ] {
        (sac.to_environment)(&space, &a, &mut out);
        assert_eq!(out, expected);
    }
    // Half ranges 2, 5, 2, 8 and ½.
    assert!(((sac.log_scale)(&space) - 80.0_f64.ln()).abs() < 1e-14);
}

/// A policy without hidden layer at an observation of 0, where the bias is the output: log σ, log π at
/// ξ = 0.6, and ∂ log π/∂ bias.
fn at_raw_log_sigma(sac: &Implementation, raw: f64) -> (f64, f64, f64) {
    let policy = SquashedGaussian::new(1, 1, &[], Activation::Relu);
    let mut phi = policy.mlp().zeros();
    phi.set("0.bias", &[0.2, raw]).unwrap();
    let (s, xi) = (array![[0.0]], array![[0.6]]);
    let tape = Tape::new();
    let leaf = tape.params(phi.as_slice());
    let gaussian = (sac.gaussian)(&policy, leaf, tape.constant(&s));
    let log_pi = (sac.sample)(gaussian, tape.constant(&xi)).log_pi;
    let log_sigma = gaussian.log_sigma.item().unwrap();
    // Parameters: two weights, the bias of μ, the bias of log σ.
    (log_sigma, log_pi.item().unwrap(), log_pi.backward().unwrap().leaf(leaf)[3])
}

fn log_sigma_is_clamped_and_has_no_gradient_outside(sac: &Implementation) {
    for (raw, expected) in [(-1e3, -20.0), (-20.1, -20.0), (2.1, 2.0), (1e3, 2.0)] {
        let (log_sigma, _, slope) = at_raw_log_sigma(sac, raw);
        assert_eq!((log_sigma, slope), (expected, 0.0), "raw log σ = {raw}");
    }
    for end in [LOG_SIGMA_MIN, LOG_SIGMA_MAX] {
        assert_eq!(at_raw_log_sigma(sac, end).0, end);
    }
}

fn log_sigma_is_clamped_in_every_dimension(sac: &Implementation) {
    let policy = SquashedGaussian::new(1, 5, &[], Activation::Relu);
    let mut phi = policy.mlp().zeros();
    // μ, and then log σ.
    let bias = [0.1, 0.2, 0.3, 0.4, 0.5, 30.0, -30.0, 1.0, -30.0, 30.0];
    phi.set("0.bias", &bias).unwrap();
    let s = array![[0.0]];
    let tape = Tape::new();
    let gaussian = (sac.gaussian)(&policy, tape.params(phi.as_slice()), tape.constant(&s));
    assert_eq!(gaussian.mu.value().unwrap(), array![[0.1, 0.2, 0.3, 0.4, 0.5]]);
    assert_eq!(gaussian.log_sigma.value().unwrap(), array![[2.0, -20.0, 1.0, -20.0, 2.0]]);
}

fn the_gradient_in_log_sigma_is_the_difference_quotient_inside(sac: &Implementation) {
    let h = 1e-6;
    for raw in [-19.9, -5.0, -0.3, 1.0, 1.9] {
        let (log_sigma, _, slope) = at_raw_log_sigma(sac, raw);
        let quotient =
            (at_raw_log_sigma(sac, raw + h).1 - at_raw_log_sigma(sac, raw - h).1) / (2.0 * h);
        assert_eq!(log_sigma, raw);
        assert!((slope - quotient).abs() < 1e-7, "raw log σ = {raw}: {slope}, {quotient}");
    }
}

fn not_a_number_in_log_sigma_is_not_hidden(sac: &Implementation) {
    assert!(at_raw_log_sigma(sac, f64::NAN).1.is_nan());
}
