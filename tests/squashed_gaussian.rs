//! The squashed Gaussian policy: its log-Jacobian, its density, its bounds and its shapes.

use std::f64::consts::PI;

use ndarray::{Array1, Array2, Axis, arr1, array, s};
use softac::Scalar;
use softac::env::BoxSpace;
use softac::nn::{Activation, Params, Scratch};
use softac::policy::{
    ActionBox, Gaussian, LOG_SIGMA_MAX, LOG_SIGMA_MIN, SquashedGaussian, entropy, log_tanh_jacobian,
};
use softac::random::{Purpose, fill_normal, stream};
use softac::tape::{Tape, TapeError};

/// Rows of `u, log(1 − tanh² u)`, from `scripts/make_log_jacobian_table.py`: 120 digits, rounded once.
fn log_jacobian_table() -> Vec<[f64; 2]> {
    let rows = include_str!("fixtures/log_tanh_jacobian.csv").lines().skip(1);
    rows.map(|row| {
        let (u, value) = row.split_once(',').unwrap();
        [u.parse().unwrap(), value.parse().unwrap()]
    })
    .collect()
}

/// The largest error against the table, relative to the value where that is above 1. (Near u = 0 the
/// value vanishes; what counts there is its absolute error, the relative error of the density.)
fn log_jacobian_error<T: Scalar>() -> f64 {
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

#[test]
fn the_log_jacobian_agrees_with_high_precision_up_to_40_in_both_precisions() {
    assert!(log_jacobian_error::<f64>() < 1e-15);
    assert!(log_jacobian_error::<f32>() < 5e-7);
}

#[test]
fn the_slope_of_the_log_jacobian_is_minus_two_tanh() {
    let u = Array2::from_shape_fn((161, 1), |(i, _)| 0.5 * (i as f64 - 80.0));
    let tape = Tape::new();
    let leaf = tape.leaf(&u);
    let gradients = log_tanh_jacobian(leaf).sum().backward().unwrap();
    for (slope, u) in gradients.wrt(leaf).iter().zip(&u) {
        assert!((slope + 2.0 * u.tanh()).abs() < 1e-15, "u = {u}: {slope}");
    }
}

/// `log π` at each row of noise, for the same `μ, log σ` in every row.
fn log_pi(mu: &[f64], log_sigma: &[f64], xi: &Array2<f64>) -> Array1<f64> {
    let rows =
        |row: &[f64]| Array2::from_shape_fn((xi.nrows(), row.len()), |(_, column)| row[column]);
    let (mu, log_sigma) = (rows(mu), rows(log_sigma));
    let tape = Tape::new();
    let gaussian = Gaussian { mu: tape.constant(&mu), log_sigma: tape.constant(&log_sigma) };
    gaussian.sample(tape.constant(xi)).log_pi.value().unwrap().column(0).to_owned()
}

/// Nodes and weights of the midpoint rule, which is exact to rounding where all derivatives vanish at
/// both ends.
fn midpoints(low: f64, high: f64, count: usize) -> (Array1<f64>, f64) {
    let width = (high - low) / count as f64;
    (Array1::from_shape_fn(count, |i| low + width * (i as f64 + 0.5)), width)
}

#[test]
fn the_density_of_the_action_has_mass_one() {
    // ∫ π(a) da = ∫ π(tanh u) sech² u du over nine standard deviations of u. A floor under 1 − tanh² u
    // of 10⁻⁶ would leave 0.69 of the mass at μ = 0, log σ = 2.
    let (xi, width) = midpoints(-9.0, 9.0, 400);
    let xi = xi.insert_axis(Axis(1));
    for mu in [-3.0, -0.7, 0.0, 1.5, 6.0] {
        for log_sigma in [LOG_SIGMA_MIN, -5.0, -1.0, 0.0, 1.0, LOG_SIGMA_MAX] {
            let sigma = f64::exp(log_sigma);
            let terms =
                log_pi(&[mu], &[log_sigma], &xi).into_iter().zip(&xi).map(|(log_pi, xi)| {
                    let u = mu + sigma * xi;
                    log_pi.exp() * u.cosh().powi(-2) * sigma * width
                });
            let mass: f64 = terms.sum();
            assert!((mass - 1.0).abs() < 1e-12, "μ = {mu}, log σ = {log_sigma}: {mass}");
        }
    }
}

#[test]
fn the_density_integrates_to_one_over_the_actions_themselves() {
    // Directly in a ∈ (−1, 1), at ξ = (atanh a − μ)/σ. (With a wide σ most of the mass lies closer to
    // ±1 than a can be written; the test above goes through u.)
    let (actions, width) = midpoints(-1.0, 1.0, 20_000);
    for (mu, log_sigma) in [(0.0, -0.5), (0.8, -1.0), (-0.3, -3.0), (1.2, -1.5)] {
        let xi = actions.mapv(|a| (a.atanh() - mu) / f64::exp(log_sigma)).insert_axis(Axis(1));
        let mass = log_pi(&[mu], &[log_sigma], &xi).mapv(f64::exp).sum() * width;
        assert!((mass - 1.0).abs() < 1e-10, "μ = {mu}, log σ = {log_sigma}: {mass}");
    }
}

#[test]
fn the_density_integrates_to_one_over_a_scaled_anisotropic_box() {
    // In the environment's units the log-density is log π − Σⱼ log half_rangeⱼ.
    const NODES: usize = 400;
    let (low, high) = ([-2.0, 1.0], [2.0, 11.0]);
    let map = ActionBox::new(&BoxSpace::new(low.to_vec(), high.to_vec()).unwrap()).unwrap();
    let (mu, log_sigma) = ([0.4, -0.6], [-1.2, -1.0]);
    let axes = [0, 1].map(|j| midpoints(low[j], high[j], NODES));
    let mut xi = Array2::zeros((NODES * NODES, 2));
    for (row, mut xi) in xi.rows_mut().into_iter().enumerate() {
        let point = [axes[0].0[row / NODES], axes[1].0[row % NODES]];
        let a = [0, 1].map(|j| 2.0 * (point[j] - low[j]) / (high[j] - low[j]) - 1.0);
        let mut mapped = [0.0; 2];
        map.to_environment(&a, &mut mapped);
        assert!(mapped.iter().zip(point).all(|(x, y)| (x - y).abs() < 1e-14));
        xi.assign(&arr1(&[0, 1].map(|j| (a[j].atanh() - mu[j]) / f64::exp(log_sigma[j]))));
    }
    let density = log_pi(&mu, &log_sigma, &xi).mapv(|log_pi| (log_pi - map.log_scale()).exp());
    let mass = density.sum() * axes[0].1 * axes[1].1;
    assert!((mass - 1.0).abs() < 1e-9, "{mass}");
}

#[test]
fn the_entropy_estimate_meets_the_entropy_by_quadrature() {
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

        let log_pi = log_pi(&[mu], &[sigma.ln()], &xi).insert_axis(Axis(1));
        let tape = Tape::new();
        let estimate = entropy(tape.constant(&log_pi)).item().unwrap();
        let standard_error = log_pi.std(1.0) / (SAMPLES as f64).sqrt();
        let difference = (estimate - exact).abs();
        assert!(difference < 4.0 * standard_error, "({mu}, {sigma}): {estimate}, {exact}");
    }
}

#[test]
fn log_pi_sums_over_the_action_dimensions() {
    // As the formula is written, dimension by dimension; |u| is moderate here.
    let by_hand = |mu: f64, log_sigma: f64, xi: f64| {
        let a = (mu + log_sigma.exp() * xi).tanh();
        -0.5 * xi * xi - log_sigma - 0.5 * (2.0 * PI).ln() - (1.0 - a * a).ln()
    };
    let (mu, log_sigma, xi) = ([0.3, -0.8, 1.1], [-0.5, 0.2, -2.0], [0.7, -0.4, 1.9]);
    for dims in [1, 3] {
        let expected: f64 = (0..dims).map(|j| by_hand(mu[j], log_sigma[j], xi[j])).sum();
        let noise = Array2::from_shape_fn((1, dims), |(_, j)| xi[j]);
        let ours = log_pi(&mu[..dims], &log_sigma[..dims], &noise);
        assert!((ours[0] - expected).abs() < 1e-14, "{dims}: {ours}, {expected}");
    }
}

const OBSERVATIONS: usize = 3;
const ACTIONS: usize = 2;

/// A policy with its parameters, observations and noise.
fn network(batch_size: usize) -> (SquashedGaussian, Params<f64>, Array2<f64>, Array2<f64>) {
    let policy = SquashedGaussian::new(OBSERVATIONS, ACTIONS, &[8, 8], Activation::Tanh);
    let phi = policy.mlp().init(&mut stream(2, Purpose::Init));
    let mut numbers = stream(2, Purpose::Policy);
    let mut s = Array2::zeros((batch_size, OBSERVATIONS));
    let mut xi = Array2::zeros((batch_size, ACTIONS));
    fill_normal(s.as_slice_mut().unwrap(), &mut numbers);
    fill_normal(xi.as_slice_mut().unwrap(), &mut numbers);
    (policy, phi, s, xi)
}

/// Actions and log π from the tape.
fn sample(
    policy: &SquashedGaussian,
    phi: &Params<f64>,
    s: &Array2<f64>,
    xi: &Array2<f64>,
) -> Result<(Array2<f64>, Array2<f64>), TapeError> {
    let tape = Tape::new();
    let sample = policy.sample(tape.params(phi.as_slice()), tape.constant(s), tape.constant(xi));
    Ok((sample.action.value()?, sample.log_pi.value()?))
}

#[test]
fn a_batch_is_its_samples_one_by_one() {
    let (policy, phi, s, xi) = network(7);
    let (actions, log_pi) = sample(&policy, &phi, &s, &xi).unwrap();
    for i in 0..7 {
        let row = |x: &Array2<f64>| x.slice(s![i..=i, ..]).to_owned();
        let (action, single) = sample(&policy, &phi, &row(&s), &row(&xi)).unwrap();
        assert!((&action - &row(&actions)).iter().all(|d| d.abs() < 1e-14));
        assert!((single[[0, 0]] - log_pi[[i, 0]]).abs() < 1e-13);
    }
}

#[test]
fn permuting_the_batch_permutes_log_pi_and_leaves_the_entropy() {
    let (policy, phi, s, xi) = network(7);
    let order = [3, 0, 6, 1, 5, 2, 4];
    let permuted = |x: &Array2<f64>| x.select(Axis(0), &order);
    let (_, log_pi) = sample(&policy, &phi, &s, &xi).unwrap();
    let (_, after) = sample(&policy, &phi, &permuted(&s), &permuted(&xi)).unwrap();
    assert!((&after - &permuted(&log_pi)).iter().all(|d| d.abs() < 1e-13));
    let tape = Tape::new();
    let mean = |log_pi| entropy(tape.constant(log_pi)).item().unwrap();
    assert!((mean(&log_pi) - mean(&after)).abs() < 1e-13);
}

#[test]
fn acting_without_a_tape_gives_the_action_of_the_tape() {
    let (policy, mut phi, s, xi) = network(7);
    for log_sigma_bias in [0.0, 30.0, -30.0] {
        // Beyond the bounds of log σ too.
        phi.set("2.bias", &[0.1, -0.2, log_sigma_bias, log_sigma_bias]).unwrap();
        let (actions, _) = sample(&policy, &phi, &s, &xi).unwrap();
        let (mut scratch, mut action) = (Scratch::default(), [0.0; ACTIONS]);
        for i in 0..7 {
            let (s, xi) = (s.row(i), xi.row(i));
            let (s, xi) = (s.as_slice().unwrap(), xi.as_slice());
            policy.act(phi.as_slice(), s, xi, &mut scratch, &mut action);
            assert!(action.iter().zip(actions.row(i)).all(|(a, b)| (a - b).abs() < 1e-14));
        }
    }
}

#[test]
fn an_action_of_a_broken_policy_is_not_a_number() {
    // A NaN in log σ must not be clamped to a bound, where nobody would notice.
    let policy = SquashedGaussian::new(1, 1, &[], Activation::Relu);
    let mut phi = policy.mlp().zeros();
    phi.set("0.bias", &[0.2, f64::NAN]).unwrap();
    let mut action = [0.0];
    policy.act(phi.as_slice(), &[0.0], Some(&[0.6]), &mut Scratch::default(), &mut action);
    assert!(action[0].is_nan());
    assert!(at_raw_log_sigma(f64::NAN).1.is_nan());
}

#[test]
fn the_deterministic_action_is_tanh_mu() {
    let (policy, phi, s, _) = network(1);
    let tape = Tape::new();
    let gaussian = policy.gaussian(tape.params(phi.as_slice()), tape.constant(&s));
    let expected = gaussian.mu.value().unwrap().mapv(f64::tanh);
    let mut action = [0.0; ACTIONS];
    policy.act(phi.as_slice(), s.as_slice().unwrap(), None, &mut Scratch::default(), &mut action);
    assert!(action.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-15));
}

/// A policy without hidden layer at an observation of 0, where the bias is the output: log σ, log π at
/// ξ = 0.6, and ∂ log π/∂ bias.
fn at_raw_log_sigma(raw: f64) -> (f64, f64, f64) {
    let policy = SquashedGaussian::new(1, 1, &[], Activation::Relu);
    let mut phi = policy.mlp().zeros();
    phi.set("0.bias", &[0.2, raw]).unwrap();
    let (s, xi) = (array![[0.0]], array![[0.6]]);
    let tape = Tape::new();
    let leaf = tape.params(phi.as_slice());
    let gaussian = policy.gaussian(leaf, tape.constant(&s));
    let log_pi = gaussian.sample(tape.constant(&xi)).log_pi;
    let log_sigma = gaussian.log_sigma.item().unwrap();
    // Parameters: two weights, the bias of μ, the bias of log σ.
    (log_sigma, log_pi.item().unwrap(), log_pi.backward().unwrap().leaf(leaf)[3])
}

#[test]
fn log_sigma_is_clamped_and_has_no_gradient_outside() {
    for (raw, expected) in [(-1e3, -20.0), (-20.1, -20.0), (2.1, 2.0), (1e3, 2.0)] {
        let (log_sigma, _, slope) = at_raw_log_sigma(raw);
        assert_eq!((log_sigma, slope), (expected, 0.0), "raw log σ = {raw}");
    }
    for end in [LOG_SIGMA_MIN, LOG_SIGMA_MAX] {
        assert_eq!(at_raw_log_sigma(end).0, end);
    }
}

#[test]
fn the_gradient_in_log_sigma_is_the_difference_quotient_inside() {
    let h = 1e-6;
    for raw in [-19.9, -5.0, -0.3, 1.0, 1.9] {
        let (log_sigma, _, slope) = at_raw_log_sigma(raw);
        let quotient = (at_raw_log_sigma(raw + h).1 - at_raw_log_sigma(raw - h).1) / (2.0 * h);
        assert_eq!(log_sigma, raw);
        assert!((slope - quotient).abs() < 1e-7, "raw log σ = {raw}: {slope}, {quotient}");
    }
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let (policy, phi, s, xi) = network(4);
    let zeros = Array2::zeros;
    let refused = |phi: &Params<f64>, s: &Array2<f64>, xi: &Array2<f64>| {
        let error = sample(&policy, phi, s, xi).unwrap_err();
        matches!(
            error,
            TapeError::Shapes { .. } | TapeError::Shape { .. } | TapeError::Range { .. }
        )
    };
    assert!(refused(&phi, &s, &zeros((4, 1))), "one noise number for two dimensions");
    assert!(refused(&phi, &s, &zeros((1, ACTIONS))), "one row of noise for four observations");
    assert!(refused(&phi, &s, &zeros((ACTIONS, 4))), "noise transposed");
    assert!(refused(&phi, &zeros((4, OBSERVATIONS + 1)), &xi), "a longer observation");
    let other = SquashedGaussian::new(OBSERVATIONS, ACTIONS, &[2], Activation::Tanh);
    assert!(refused(&other.mlp().zeros(), &s, &xi), "parameters of a smaller network");
}

#[test]
fn every_dimension_of_the_action_is_scaled_by_its_own_bounds() {
    let space = BoxSpace::new(vec![-2.0, 0.0, -1.0], vec![2.0, 10.0, 3.0]).unwrap();
    let map = ActionBox::new(&space).unwrap();
    let mut out = [0.0; 3];
    for (a, expected) in [
        ([-1.0; 3], [-2.0, 0.0, -1.0]),
        ([1.0; 3], [2.0, 10.0, 3.0]),
        ([0.0; 3], [0.0, 5.0, 1.0]),
        ([0.5, -0.5, 0.25], [1.0, 2.5, 1.5]),
    ] {
        map.to_environment(&a, &mut out);
        assert_eq!(out, expected);
    }
    assert!((map.log_scale() - (2.0_f64.ln() + 5.0_f64.ln() + 2.0_f64.ln())).abs() < 1e-15);
}

#[test]
fn no_action_leaves_the_box_by_rounding() {
    // In binary, ½ (low + high) + ½ (high − low) rounds to a number above `high` for one box in six.
    for (low, high) in (-30..30).flat_map(|low| (low + 1..=30).map(move |high| (low, high))) {
        let (low, high) = (f64::from(low) / 10.0, f64::from(high) / 10.0);
        let space = BoxSpace::new(vec![low], vec![high]).unwrap();
        let mut out = [0.0];
        for (a, bound) in [(-1.0, low), (1.0, high)] {
            ActionBox::new(&space).unwrap().to_environment(&[a], &mut out);
            assert!(space.contains(&out), "{a} goes to {out:?} in [{low}, {high}]");
            assert!((out[0] - bound).abs() < 1e-15);
        }
    }
}
