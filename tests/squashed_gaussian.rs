//! The squashed Gaussian policy as a network: batches, actions without a tape, shapes, the edge of the box.
//!
//! That its density is right is held by `sac/density.rs`.

use ndarray::{Array2, Axis, s};
use softac::env::BoxSpace;
use softac::nn::{Activation, Params, Scratch};
use softac::policy::{ActionBox, Policy, SquashedGaussian, entropy};
use softac::random::{Purpose, fill_normal, stream};
use softac::tape::{Tape, TapeError};

const OBSERVATIONS: usize = 3;
const ACTIONS: usize = 5;

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
        let mut bias = [log_sigma_bias; 2 * ACTIONS];
        bias[..ACTIONS].copy_from_slice(&[0.1, -0.2, 0.3, 0.0, -0.4]);
        phi.set("2.bias", &bias).unwrap();
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
fn actions_for_several_observations_have_the_bits_of_each_alone() {
    let (policy, phi, s, xi) = network(7);
    let (s, xi) = (s.as_slice().unwrap(), xi.as_slice().unwrap());
    let mut scratch = Scratch::default();
    let width = policy.mlp().inputs();
    for rows in [1, 2, 3, 4, 7] {
        for noise in [None, Some(xi)] {
            let mut act = |rows: std::ops::Range<usize>| {
                let mut actions = vec![0.0; rows.len() * ACTIONS];
                let xi = noise.map(|xi| &xi[rows.start * ACTIONS..rows.end * ACTIONS]);
                let s = &s[rows.start * width..rows.end * width];
                policy.act(phi.as_slice(), s, xi, &mut scratch, &mut actions);
                actions
            };
            let alone: Vec<_> = (0..rows).flat_map(|i| act(i..i + 1)).collect();
            assert_eq!(act(0..rows), alone);
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
