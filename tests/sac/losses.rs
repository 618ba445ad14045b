//! SAC's four equations: values by hand, and what each treats as constant.

use ndarray::{Array2, array};
use softac::nn::{Activation, AdamConfig, Mlp};
use softac::policy::SquashedGaussian;
use softac::random::{Purpose, stream};
use softac::replay::{Batch, ReplayBuffer, Transition};
use softac::tape::{Tape, TapeError};

use crate::Implementation;

crate::properties! {
    the_soft_target_is_as_computed_by_hand,
    after_termination_the_target_is_the_reward_exactly,
    truncation_does_not_cut_the_bootstrap,
    scaling_rewards_and_temperature_scales_values_and_leaves_the_policy,
    the_critic_loss_is_half_the_mean_square_and_its_gradient_the_error,
    no_gradient_passes_through_the_target,
    the_minimum_is_taken_sample_by_sample,
    the_minimum_over_five_critics_goes_to_the_least,
    the_actor_loss_is_as_computed_by_hand,
    without_temperature_the_policy_follows_the_critic_alone,
    the_temperature_loss_is_as_computed_by_hand,
    the_slope_of_the_temperature_loss_is_its_difference_quotient,
    the_temperature_rises_below_the_target_entropy_and_falls_above,
    no_gradient_of_the_temperature_loss_reaches_the_policy,
    the_target_entropy_is_minus_the_number_of_action_dimensions,
    a_target_entropy_beyond_that_of_uniform_actions_is_refused,
}

/// A batch of numbers, `[B, 1]`.
pub fn column(numbers: &[f64]) -> Array2<f64> {
    Array2::from_shape_vec((numbers.len(), 1), numbers.to_vec()).unwrap()
}

fn close(ours: &Array2<f64>, expected: &Array2<f64>, tolerance: f64) -> bool {
    ours.dim() == expected.dim() && (ours - expected).iter().all(|d| d.abs() <= tolerance)
}

/// What the target is computed from.
#[derive(Clone)]
pub struct Next {
    pub r: Array2<f64>,
    pub d: Array2<f64>,
    pub q: Array2<f64>,
    pub log_pi: Array2<f64>,
    pub alpha: f64,
}

impl Next {
    pub fn example() -> Self {
        Self {
            r: column(&[1.0, -0.5, 2.0, 0.25]),
            d: column(&[0.0, 1.0, 0.0, 1.0]),
            q: column(&[3.0, 4.0, -1.0, 7.0]),
            log_pi: column(&[-1.0, 0.5, 2.0, -3.0]),
            alpha: 0.2,
        }
    }

    pub fn target(&self, sac: &Implementation, gamma: f64) -> Result<Array2<f64>, TapeError> {
        let tape = Tape::new();
        let [r, d, q, log_pi] = [&self.r, &self.d, &self.q, &self.log_pi].map(|x| tape.leaf(x));
        (sac.soft_target)([r, d, q, tape.scalar(self.alpha), log_pi], gamma).value()
    }
}

// ── The target ─────────────────────────────────────────────────────────────────────────────────

fn the_soft_target_is_as_computed_by_hand(sac: &Implementation) {
    // 1 + 0.9 (3 + 0.2 · 1) = 3.88, and 2 + 0.9 (−1 − 0.2 · 2) = 0.74.
    let expected = column(&[3.88, -0.5, 0.74, 0.25]);
    assert!(close(&Next::example().target(sac, 0.9).unwrap(), &expected, 1e-15));
}

fn after_termination_the_target_is_the_reward_exactly(sac: &Implementation) {
    let mut next = Next::example();
    next.d.fill(1.0);
    next.q.fill(1e200);
    next.log_pi = column(&[1e200, -1e200, -1e9, 1e9]);
    assert_eq!(next.target(sac, 0.99).unwrap(), next.r);
}

fn truncation_does_not_cut_the_bootstrap(sac: &Implementation) {
    let target = |terminated, truncated| {
        let mut replay = ReplayBuffer::new(1, 1, 1).unwrap();
        let (observation, action, next_observation) = (&[0.0], &[0.5], &[1.0]);
        let transition = Transition {
            observation,
            action,
            reward: 1.0,
            next_observation,
            terminated,
            truncated,
        };
        replay.push(transition).unwrap();
        let mut batch = Batch::new(1, 1, 1);
        replay.sample(&mut batch, &mut stream(0, Purpose::Replay)).unwrap();
        let (q, log_pi) = (column(&[10.0]), column(&[0.0]));
        Next { r: batch.rewards, d: batch.terminated, q, log_pi, alpha: 0.2 }
            .target(sac, 0.5)
            .unwrap()
    };
    assert_eq!(target(false, false), array![[6.0]]);
    assert_eq!(target(false, true), array![[6.0]]);
    assert_eq!(target(true, false), array![[1.0]]);
    assert_eq!(target(true, true), array![[1.0]]);
}

fn scaling_rewards_and_temperature_scales_values_and_leaves_the_policy(sac: &Implementation) {
    // With critics that have learned k·Q.
    let (next, k) = (Next::example(), 5.0);
    let scaled = Next { r: &next.r * k, q: &next.q * k, alpha: next.alpha * k, ..next.clone() }
        .target(sac, 0.9);
    assert!(close(&scaled.unwrap(), &(next.target(sac, 0.9).unwrap() * k), 1e-14));

    // The policy's loss is k times as large: the same policy has the least.
    let policy_loss = |k: f64| {
        let q = &next.q * k;
        let tape = Tape::new();
        let (log_pi, q) = (tape.constant(&next.log_pi), tape.constant(&q));
        (sac.actor_loss)(tape.scalar(k * next.alpha), log_pi, q).item().unwrap()
    };
    assert!((policy_loss(k) - k * policy_loss(1.0)).abs() < 1e-14);
}

// ── The critics ────────────────────────────────────────────────────────────────────────────────

fn the_critic_loss_is_half_the_mean_square_and_its_gradient_the_error(sac: &Implementation) {
    let (q, y) = (column(&[1.0, 2.0, 4.0]), column(&[0.0, 2.0, 1.0]));
    let tape = Tape::new();
    let (q, y) = (tape.leaf(&q), tape.leaf(&y));
    let loss = (sac.critic_loss)(q, y);
    assert!((loss.item().unwrap() - 5.0 / 3.0).abs() < 1e-15);
    let gradients = loss.backward().unwrap();
    assert!(close(&gradients.wrt(q).to_owned(), &column(&[1.0 / 3.0, 0.0, 1.0]), 1e-15));
    assert_eq!(gradients.wrt(y), column(&[0.0; 3]));
}

fn no_gradient_passes_through_the_target(sac: &Implementation) {
    let next = Next::example();
    let q = column(&[0.1, 0.2, 0.3, 0.4]);
    let alpha = array![[0.2]];
    let tape = Tape::new();
    let inputs = [&next.r, &next.d, &next.q, &alpha, &next.log_pi].map(|x| tape.leaf(x));
    let y = (sac.soft_target)(inputs, 0.9);
    // The target by itself is constant, not only to the critic's loss.
    for loss in [y.sum(), (sac.critic_loss)(tape.leaf(&q), y)] {
        let gradients = loss.backward().unwrap();
        assert!(inputs.iter().all(|&input| gradients.wrt(input).iter().all(|&g| g == 0.0)));
    }
}

// ── The policy ─────────────────────────────────────────────────────────────────────────────────

fn the_minimum_is_taken_sample_by_sample(sac: &Implementation) {
    // Minimum of the means: 2.5. Mean of the means: 2.75. Mean of the minima: 2.
    let (first, second) = (column(&[1.0, 5.0]), column(&[2.0, 3.0]));
    let log_pi = column(&[0.0, 0.0]);
    let tape = Tape::new();
    let (first, second) = (tape.leaf(&first), tape.leaf(&second));
    let loss =
        (sac.actor_loss)(tape.scalar(0.3), tape.constant(&log_pi), (sac.q_min)(&[first, second]));
    assert_eq!(loss.item().unwrap(), -2.0);
    let gradients = loss.backward().unwrap();
    assert_eq!(gradients.wrt(first), column(&[-0.5, 0.0]));
    assert_eq!(gradients.wrt(second), column(&[0.0, -0.5]));
}

fn the_minimum_over_five_critics_goes_to_the_least(sac: &Implementation) {
    // Each is the least in one sample, the i-th in the i-th.
    let qs = [0, 1, 2, 3, 4].map(|i| {
        let mut q = [5.0, 6.0, 7.0, 8.0, 9.0].map(|q| q + 0.1 * f64::from(i));
        q[i as usize] = f64::from(i);
        column(&q)
    });
    let tape = Tape::new();
    let leaves = [0, 1, 2, 3, 4].map(|i| tape.leaf(&qs[i]));
    let q = (sac.q_min)(&leaves);
    assert_eq!(q.value().unwrap(), column(&[0.0, 1.0, 2.0, 3.0, 4.0]));
    let gradients = q.sum().backward().unwrap();
    for (i, leaf) in leaves.into_iter().enumerate() {
        let mut expected = column(&[0.0; 5]);
        expected[[i, 0]] = 1.0;
        assert_eq!(gradients.wrt(leaf), expected, "critic {i}");
    }
}

fn the_actor_loss_is_as_computed_by_hand(sac: &Implementation) {
    // ½ [(0.2 · −1 − 3) + (0.2 · 2 + 1)] = −0.9; slope α/B in log π and −1/B in Q.
    let (log_pi, q) = (column(&[-1.0, 2.0]), column(&[3.0, -1.0]));
    let tape = Tape::new();
    let (log_pi, q) = (tape.leaf(&log_pi), tape.leaf(&q));
    let loss = (sac.actor_loss)(tape.scalar(0.2), log_pi, q);
    assert!((loss.item().unwrap() + 0.9).abs() < 1e-15);
    let gradients = loss.backward().unwrap();
    assert!(close(&gradients.wrt(log_pi).to_owned(), &column(&[0.1, 0.1]), 1e-16));
    assert_eq!(gradients.wrt(q), column(&[-0.5, -0.5]));
}

fn without_temperature_the_policy_follows_the_critic_alone(sac: &Implementation) {
    // Q = 3 a and a = tanh(μ + ξ) with μ the bias: ∂J/∂μ = −3 E[1 − a²].
    let policy = SquashedGaussian::new(1, 1, &[], Activation::Relu);
    let phi = policy.mlp().zeros();
    let critic = Mlp::new(2, &[], 1, Activation::Relu);
    let mut theta = critic.zeros();
    theta.set("0.weight", &[0.0, 3.0]).unwrap();
    let (states, xi) = (column(&[0.0, 0.0]), column(&[0.5, -1.5]));
    let tape = Tape::new();
    let (phi, s) = (tape.params(phi.as_slice()), tape.constant(&states));
    let sample = (sac.sample)((sac.gaussian)(&policy, phi, s), tape.constant(&xi));
    let q = critic.forward(tape.frozen(theta.as_slice()), s.concat(sample.action));
    let gradients =
        (sac.actor_loss)(tape.scalar(0.0), sample.log_pi, q).backward().unwrap().leaf(phi).to_vec();
    // Parameters: two weights, the bias of μ, the bias of log σ.
    let expected = -3.0 * xi.mapv(|u: f64| 1.0 - u.tanh().powi(2)).mean().unwrap();
    assert!((gradients[2] - expected).abs() < 1e-15, "{gradients:?}, {expected}");
}

// ── The temperature ────────────────────────────────────────────────────────────────────────────

/// The temperature's loss and slope at `log α`.
fn temperature(
    sac: &Implementation,
    log_alpha: f64,
    log_pi: &Array2<f64>,
    target_entropy: f64,
) -> (f64, f64) {
    let log_alpha = array![[log_alpha]];
    let tape = Tape::new();
    let leaf = tape.leaf(&log_alpha);
    let loss = (sac.temperature_loss)(leaf, tape.constant(log_pi), target_entropy);
    (loss.item().unwrap(), loss.backward().unwrap().wrt(leaf)[[0, 0]])
}

fn the_temperature_loss_is_as_computed_by_hand(sac: &Implementation) {
    // α = ½, Ĥ = −1.5, H̄ = −1: J = −½ (1.5 − 1) = −0.25, and its slope in log α is ½ (−1.5 + 1).
    let (loss, slope) = temperature(sac, 0.5_f64.ln(), &column(&[1.0, 2.0]), -1.0);
    assert!((loss + 0.25).abs() < 1e-15);
    assert!((slope + 0.25).abs() < 1e-15);
}

fn the_slope_of_the_temperature_loss_is_its_difference_quotient(sac: &Implementation) {
    let (log_pi, h) = (column(&[0.3, -1.7, 2.2]), 1e-6);
    for log_alpha in [-4.0, 0.0, 1.5] {
        let loss = |log_alpha| temperature(sac, log_alpha, &log_pi, -2.0).0;
        let quotient = (loss(log_alpha + h) - loss(log_alpha - h)) / (2.0 * h);
        let slope = temperature(sac, log_alpha, &log_pi, -2.0).1;
        assert!((slope - quotient).abs() < 1e-8 * quotient.abs().max(1.0));
    }
}

fn the_temperature_rises_below_the_target_entropy_and_falls_above(sac: &Implementation) {
    let target_entropy = -1.0;
    for (entropy, direction) in [(-1.5, 1.0), (-0.5, -1.0)] {
        let log_pi = column(&[-entropy + 0.3, -entropy - 0.3]);
        let mut log_alpha = [0.0];
        let mut adam = (sac.adam)(1, AdamConfig::with_learning_rate(0.01));
        for _ in 0..3 {
            let before = log_alpha[0];
            let (_, slope) = temperature(sac, before, &log_pi, target_entropy);
            adam.step(&mut log_alpha, &[slope]);
            assert!((log_alpha[0] - before) * direction > 0.0, "entropy {entropy}");
        }
    }
}

fn no_gradient_of_the_temperature_loss_reaches_the_policy(sac: &Implementation) {
    let (log_alpha, log_pi) = (array![[-1.0]], column(&[0.5, 2.0]));
    let tape = Tape::new();
    let (log_alpha, log_pi) = (tape.leaf(&log_alpha), tape.leaf(&log_pi));
    let gradients = (sac.temperature_loss)(log_alpha, log_pi, -1.0).backward().unwrap();
    assert_eq!(gradients.wrt(log_pi), column(&[0.0, 0.0]));
    assert!(gradients.wrt(log_alpha)[[0, 0]] != 0.0);
}

fn the_target_entropy_is_minus_the_number_of_action_dimensions(sac: &Implementation) {
    assert_eq!([1, 2, 5, 6, 17].map(sac.target_entropy), [-1.0, -2.0, -5.0, -6.0, -17.0]);
}

fn a_target_entropy_beyond_that_of_uniform_actions_is_refused(sac: &Implementation) {
    // Uniform over [−1, 1]: ln 2 = 0.6931… nats.
    for (nats, accepted) in [(-1.0, true), (0.693, true), (0.694, false), (f64::NAN, false)] {
        assert_eq!((sac.accepts_target_entropy)(nats), accepted, "{nats}");
    }
}
