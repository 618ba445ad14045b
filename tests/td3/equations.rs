//! TD3's four equations: values by hand, and the inputs that each holds constant.

use ndarray::{Array2, array};
use softac::nn::{Activation, Mlp};
use softac::policy::Deterministic;
use softac::tape::Tape;

use crate::Implementation;

crate::properties! {
    the_smoothed_action_is_as_computed_by_hand,
    without_noise_the_smoothed_action_is_the_policys,
    the_target_is_as_computed_by_hand,
    after_termination_the_target_is_the_reward_exactly,
    no_gradient_passes_through_the_target,
    the_critic_loss_is_the_mean_square_without_a_half,
    the_actor_loss_is_minus_the_mean_of_the_values,
    the_policys_gradient_is_that_of_its_closed_form,
    the_losses_of_a_batch_are_the_means_of_its_samples,
}

/// A batch of numbers, `[B, 1]`.
fn column(numbers: &[f64]) -> Array2<f64> {
    Array2::from_shape_vec((numbers.len(), 1), numbers.to_vec()).unwrap()
}

fn close(ours: &Array2<f64>, expected: &Array2<f64>, tolerance: f64) -> bool {
    ours.dim() == expected.dim() && (ours - expected).iter().all(|d| d.abs() <= tolerance)
}

// ── The target ─────────────────────────────────────────────────────────────────────────────────

fn smoothed(td3: &Implementation, a: &Array2<f64>, xi: &Array2<f64>, sigma: f64) -> Array2<f64> {
    let tape = Tape::new();
    (td3.smoothed_action)(tape.constant(a), tape.constant(xi), sigma, 0.5).value().unwrap()
}

fn the_smoothed_action_is_as_computed_by_hand(td3: &Implementation) {
    // σ = 0.2 and c = 0.5: noise of 2.5 and more is clipped, each action by itself.
    let a = array![[0.0, 0.0], [0.3, -0.3], [0.9, -0.9], [-1.0, 1.0]];
    let xi = array![[1.0, -2.0], [10.0, -10.0], [1.0, -1.0], [2.5, 3.0]];
    let expected = array![[0.2, -0.4], [0.8, -0.8], [1.0, -1.0], [-0.5, 1.0]];
    assert!(close(&smoothed(td3, &a, &xi, 0.2), &expected, 1e-15));
    // With σ = 2 nearly all noise is clipped at c, whatever σ.
    let expected = array![[0.5, -0.5], [0.8, -0.8], [1.0, -1.0], [-0.5, 1.0]];
    assert!(close(&smoothed(td3, &a, &xi, 2.0), &expected, 1e-15));
    // The table in the book.
    let (a, xi) = (array![[0.9, 0.9, -0.3, -0.3]], array![[2.0, -4.0, 0.5, 3.0]]);
    assert!(close(&smoothed(td3, &a, &xi, 0.2), &array![[1.0, 0.4, -0.2, 0.2]], 1e-15));
}

fn without_noise_the_smoothed_action_is_the_policys(td3: &Implementation) {
    let (a, xi) = (array![[0.3, -0.7]], array![[1.0, -5.0]]);
    assert_eq!(smoothed(td3, &a, &xi, 0.0), a);
    assert_eq!(smoothed(td3, &a, &array![[0.0, 0.0]], 0.2), a);
}

fn target(td3: &Implementation, [r, d, q]: [&Array2<f64>; 3], gamma: f64) -> Array2<f64> {
    let tape = Tape::new();
    (td3.target)([r, d, q].map(|x| tape.leaf(x)), gamma).value().unwrap()
}

fn the_target_is_as_computed_by_hand(td3: &Implementation) {
    // 1 + 0.9 · 3 = 3.7, and 2 + 0.9 · −1 = 1.1.
    let r = column(&[1.0, -0.5, 2.0, 0.25]);
    let d = column(&[0.0, 1.0, 0.0, 1.0]);
    let q = column(&[3.0, 4.0, -1.0, 7.0]);
    let expected = column(&[3.7, -0.5, 1.1, 0.25]);
    assert!(close(&target(td3, [&r, &d, &q], 0.9), &expected, 1e-15));
}

fn after_termination_the_target_is_the_reward_exactly(td3: &Implementation) {
    let r = column(&[1.0, -0.1]);
    let (ends, goes_on) = (column(&[1.0, 1.0]), column(&[0.0, 0.0]));
    let q = column(&[1e200, -1e200]);
    assert_eq!(target(td3, [&r, &ends, &q], 0.99), r);
    // A truncated episode has d = 0, and its future counts.
    assert_eq!(target(td3, [&r, &goes_on, &column(&[10.0, 10.0])], 0.5), column(&[6.0, 4.9]));
}

fn no_gradient_passes_through_the_target(td3: &Implementation) {
    let (r, d) = (column(&[1.0, 2.0]), column(&[0.0, 1.0]));
    let (q_next, q) = (column(&[3.0, 4.0]), column(&[0.1, 0.2]));
    let tape = Tape::new();
    let inputs = [&r, &d, &q_next].map(|x| tape.leaf(x));
    let y = (td3.target)(inputs, 0.9);
    // The target by itself is constant, not only to the critic's loss.
    for loss in [y.sum(), (td3.critic_loss)(tape.leaf(&q), y)] {
        let gradients = loss.backward().unwrap();
        assert!(inputs.iter().all(|&input| gradients.wrt(input).iter().all(|&g| g == 0.0)));
    }
}

// ── The losses ─────────────────────────────────────────────────────────────────────────────────

fn the_critic_loss_is_the_mean_square_without_a_half(td3: &Implementation) {
    // ⅓ (1 + 0 + 9), and its slope 2 (Q − y) / 3.
    let (q, y) = (column(&[1.0, 2.0, 4.0]), column(&[0.0, 2.0, 1.0]));
    let tape = Tape::new();
    let (q, y) = (tape.leaf(&q), tape.leaf(&y));
    let loss = (td3.critic_loss)(q, y);
    assert!((loss.item().unwrap() - 10.0 / 3.0).abs() < 1e-15);
    let gradients = loss.backward().unwrap();
    assert!(close(&gradients.wrt(q).to_owned(), &column(&[2.0 / 3.0, 0.0, 2.0]), 1e-15));
    assert_eq!(gradients.wrt(y), column(&[0.0; 3]));
}

fn the_actor_loss_is_minus_the_mean_of_the_values(td3: &Implementation) {
    let q = column(&[3.0, -1.0, 0.5, 1.5]);
    let tape = Tape::new();
    let q = tape.leaf(&q);
    let loss = (td3.actor_loss)(q);
    assert_eq!(loss.item().unwrap(), -1.0);
    assert_eq!(loss.backward().unwrap().wrt(q), column(&[-0.25; 4]));
}

fn the_policys_gradient_is_that_of_its_closed_form(td3: &Implementation) {
    // Q = 3 a₀ − a₁ and a = tanh(s w + b): ∂J/∂bⱼ = −cⱼ E[1 − aⱼ²], ∂J/∂wⱼ = −cⱼ E[s (1 − aⱼ²)].
    let (c, w, b) = ([3.0, -1.0], [0.7, -0.4], [0.1, 0.2]);
    let policy = Deterministic::new(1, 2, &[], Activation::Relu);
    let mut phi = policy.mlp().zeros();
    phi.set("0.weight", &w).unwrap();
    phi.set("0.bias", &b).unwrap();
    let critic = Mlp::new(3, &[], 1, Activation::Relu);
    let mut theta = critic.zeros();
    theta.set("0.weight", &[5.0, c[0], c[1]]).unwrap();
    let states = [0.5, -1.5, 2.0];
    let s = column(&states);
    let tape = Tape::new();
    let (phi, s) = (tape.params(phi.as_slice()), tape.constant(&s));
    let q = critic.forward(tape.frozen(theta.as_slice()), s.concat(policy.action(phi, s)));
    let gradient = (td3.actor_loss)(q).backward().unwrap().leaf(phi).to_vec();
    for j in 0..2 {
        let slope = |s: f64| 1.0 - (s * w[j] + b[j]).tanh().powi(2);
        let mean = |f: &dyn Fn(f64) -> f64| states.iter().map(|&s| f(s)).sum::<f64>() / 3.0;
        let expected = [-c[j] * mean(&|s| s * slope(s)), -c[j] * mean(&slope)];
        for (ours, expected) in [gradient[j], gradient[2 + j]].into_iter().zip(expected) {
            assert!((ours - expected).abs() < 1e-14, "action {j}: {ours}, {expected}");
        }
    }
}

fn the_losses_of_a_batch_are_the_means_of_its_samples(td3: &Implementation) {
    let losses = |q: &[f64], y: &[f64]| {
        let (q, y) = (column(q), column(y));
        let tape = Tape::new();
        let (q, y) = (tape.constant(&q), tape.constant(&y));
        [(td3.critic_loss)(q, y), (td3.actor_loss)(q)].map(|loss| loss.item().unwrap())
    };
    let (q, y) = ([1.0, -2.0, 0.5], [0.3, 4.0, -1.0]);
    let batch = losses(&q, &y);
    for (i, batch) in batch.into_iter().enumerate() {
        let sum: f64 = q.iter().zip(&y).map(|(&q, &y)| losses(&[q], &[y])[i]).sum();
        assert!((batch - sum / 3.0).abs() < 1e-14);
    }
}
