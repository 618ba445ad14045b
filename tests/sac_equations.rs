//! SAC's four equations: values by hand, what each treats as constant, and what each refuses.

use ndarray::{Array2, Axis, array, s};
use softac::nn::{Activation, Adam, AdamConfig, Mlp, Params};
use softac::policy::SquashedGaussian;
use softac::random::{Purpose, fill_normal, stream};
use softac::replay::{Batch, ReplayBuffer, Transition};
use softac::sac::{actor_loss, critic_loss, q_min, soft_target, temperature_loss};
use softac::tape::{Tape, TapeError, Var};

/// A batch of numbers, `[B, 1]`.
fn column(numbers: &[f64]) -> Array2<f64> {
    Array2::from_shape_vec((numbers.len(), 1), numbers.to_vec()).unwrap()
}

fn close(ours: &Array2<f64>, expected: &Array2<f64>, tolerance: f64) -> bool {
    ours.dim() == expected.dim() && (ours - expected).iter().all(|d| d.abs() <= tolerance)
}

/// What the target is computed from.
#[derive(Clone)]
struct Next {
    r: Array2<f64>,
    d: Array2<f64>,
    q: Array2<f64>,
    log_pi: Array2<f64>,
    alpha: f64,
}

impl Next {
    fn example() -> Self {
        Self {
            r: column(&[1.0, -0.5, 2.0, 0.25]),
            d: column(&[0.0, 1.0, 0.0, 1.0]),
            q: column(&[3.0, 4.0, -1.0, 7.0]),
            log_pi: column(&[-1.0, 0.5, 2.0, -3.0]),
            alpha: 0.2,
        }
    }

    fn target(&self, gamma: f64) -> Result<Array2<f64>, TapeError> {
        let tape = Tape::new();
        let [r, d, q, log_pi] = [&self.r, &self.d, &self.q, &self.log_pi].map(|x| tape.leaf(x));
        soft_target(r, d, q, tape.scalar(self.alpha), log_pi, gamma).value()
    }
}

// ── The target ─────────────────────────────────────────────────────────────────────────────────

#[test]
fn the_soft_target_is_as_computed_by_hand() {
    // 1 + 0.9 (3 + 0.2 · 1) = 3.88, and 2 + 0.9 (−1 − 0.2 · 2) = 0.74.
    let expected = column(&[3.88, -0.5, 0.74, 0.25]);
    assert!(close(&Next::example().target(0.9).unwrap(), &expected, 1e-15));
}

#[test]
fn after_termination_the_target_is_the_reward_exactly() {
    let mut next = Next::example();
    next.d.fill(1.0);
    next.q.fill(1e200);
    next.log_pi = column(&[1e200, -1e200, -1e9, 1e9]);
    assert_eq!(next.target(0.99).unwrap(), next.r);
}

#[test]
fn truncation_does_not_cut_the_bootstrap() {
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
        Next { r: batch.rewards, d: batch.terminated, q, log_pi, alpha: 0.2 }.target(0.5).unwrap()
    };
    assert_eq!(target(false, false), array![[6.0]]);
    assert_eq!(target(false, true), array![[6.0]]);
    assert_eq!(target(true, false), array![[1.0]]);
    assert_eq!(target(true, true), array![[1.0]]);
}

#[test]
fn scaling_rewards_and_temperature_scales_values_and_leaves_the_policy() {
    // With critics that have learned k·Q.
    let (next, k) = (Next::example(), 5.0);
    let scaled =
        Next { r: &next.r * k, q: &next.q * k, alpha: next.alpha * k, ..next.clone() }.target(0.9);
    assert!(close(&scaled.unwrap(), &(next.target(0.9).unwrap() * k), 1e-14));

    // The policy's loss is k times as large: the same policy has the least.
    let actor_loss = |k: f64| {
        let q = &next.q * k;
        let tape = Tape::new();
        let (log_pi, q) = (tape.constant(&next.log_pi), tape.constant(&q));
        actor_loss(tape.scalar(k * next.alpha), log_pi, q).item().unwrap()
    };
    assert!((actor_loss(k) - k * actor_loss(1.0)).abs() < 1e-14);
}

// ── The critics ────────────────────────────────────────────────────────────────────────────────

#[test]
fn the_critic_loss_is_half_the_mean_square_and_its_gradient_the_error() {
    let (q, y) = (column(&[1.0, 2.0, 4.0]), column(&[0.0, 2.0, 1.0]));
    let tape = Tape::new();
    let (q, y) = (tape.leaf(&q), tape.leaf(&y));
    let loss = critic_loss(q, y);
    assert!((loss.item().unwrap() - 5.0 / 3.0).abs() < 1e-15);
    let gradients = loss.backward().unwrap();
    assert!(close(&gradients.wrt(q).to_owned(), &column(&[1.0 / 3.0, 0.0, 1.0]), 1e-15));
    assert_eq!(gradients.wrt(y), column(&[0.0; 3]));
}

#[test]
fn no_gradient_passes_through_the_target() {
    let next = Next::example();
    let q = column(&[0.1, 0.2, 0.3, 0.4]);
    let alpha = array![[0.2]];
    let tape = Tape::new();
    let inputs = [&next.r, &next.d, &next.q, &alpha, &next.log_pi].map(|x| tape.leaf(x));
    let [r, d, q_next, alpha, log_pi] = inputs;
    let y = soft_target(r, d, q_next, alpha, log_pi, 0.9);
    // The target by itself is constant, not only to the critic's loss.
    for loss in [y.sum(), critic_loss(tape.leaf(&q), y)] {
        let gradients = loss.backward().unwrap();
        assert!(inputs.iter().all(|&input| gradients.wrt(input).iter().all(|&g| g == 0.0)));
    }
}

// ── The policy ─────────────────────────────────────────────────────────────────────────────────

#[test]
fn the_minimum_is_taken_sample_by_sample() {
    // Minimum of the means: 2.5. Mean of the means: 2.75. Mean of the minima: 2.
    let (first, second) = (column(&[1.0, 5.0]), column(&[2.0, 3.0]));
    let log_pi = column(&[0.0, 0.0]);
    let tape = Tape::new();
    let (first, second) = (tape.leaf(&first), tape.leaf(&second));
    let loss = actor_loss(tape.scalar(0.3), tape.constant(&log_pi), q_min([first, second]));
    assert_eq!(loss.item().unwrap(), -2.0);
    let gradients = loss.backward().unwrap();
    assert_eq!(gradients.wrt(first), column(&[-0.5, 0.0]));
    assert_eq!(gradients.wrt(second), column(&[0.0, -0.5]));
}

#[test]
fn the_minimum_over_three_critics_goes_to_the_least() {
    let qs = [column(&[1.0, 5.0, 2.0]), column(&[2.0, 3.0, 4.0]), column(&[3.0, 4.0, 1.0])];
    let tape = Tape::new();
    let leaves = [0, 1, 2].map(|i| tape.leaf(&qs[i]));
    let q = q_min(leaves);
    assert_eq!(q.value().unwrap(), column(&[1.0, 3.0, 1.0]));
    let gradients = q.sum().backward().unwrap();
    for (i, leaf) in leaves.into_iter().enumerate() {
        let mut expected = column(&[0.0; 3]);
        expected[[i, 0]] = 1.0;
        assert_eq!(gradients.wrt(leaf), expected, "critic {i}");
    }
}

#[test]
fn the_actor_loss_is_as_computed_by_hand() {
    // ½ [(0.2 · −1 − 3) + (0.2 · 2 + 1)] = −0.9; slope α/B in log π and −1/B in Q.
    let (log_pi, q) = (column(&[-1.0, 2.0]), column(&[3.0, -1.0]));
    let tape = Tape::new();
    let (log_pi, q) = (tape.leaf(&log_pi), tape.leaf(&q));
    let loss = actor_loss(tape.scalar(0.2), log_pi, q);
    assert!((loss.item().unwrap() + 0.9).abs() < 1e-15);
    let gradients = loss.backward().unwrap();
    assert!(close(&gradients.wrt(log_pi).to_owned(), &column(&[0.1, 0.1]), 1e-16));
    assert_eq!(gradients.wrt(q), column(&[-0.5, -0.5]));
}

#[test]
fn without_temperature_the_policy_follows_the_critic_alone() {
    // Q = 3 a and a = tanh(μ + ξ) with μ the bias: ∂J/∂μ = −3 E[1 − a²].
    let policy = SquashedGaussian::new(1, 1, &[], Activation::Relu);
    let phi = policy.mlp().zeros();
    let critic = Mlp::new(2, &[], 1, Activation::Relu);
    let mut theta = critic.zeros();
    theta.set("0.weight", &[0.0, 3.0]).unwrap();
    let (states, xi) = (column(&[0.0, 0.0]), column(&[0.5, -1.5]));
    let tape = Tape::new();
    let (phi, s) = (tape.params(phi.as_slice()), tape.constant(&states));
    let sample = policy.sample(phi, s, tape.constant(&xi));
    let q = critic.forward(tape.frozen(theta.as_slice()), s.concat(sample.action));
    let gradients =
        actor_loss(tape.scalar(0.0), sample.log_pi, q).backward().unwrap().leaf(phi).to_vec();
    // Parameters: two weights, the bias of μ, the bias of log σ.
    let expected = -3.0 * xi.mapv(|u: f64| 1.0 - u.tanh().powi(2)).mean().unwrap();
    assert!((gradients[2] - expected).abs() < 1e-15, "{gradients:?}, {expected}");
}

// ── The temperature ────────────────────────────────────────────────────────────────────────────

/// The temperature's loss and slope at `log α`.
fn temperature(log_alpha: f64, log_pi: &Array2<f64>, target_entropy: f64) -> (f64, f64) {
    let log_alpha = array![[log_alpha]];
    let tape = Tape::new();
    let leaf = tape.leaf(&log_alpha);
    let loss = temperature_loss(leaf, tape.constant(log_pi), target_entropy);
    (loss.item().unwrap(), loss.backward().unwrap().wrt(leaf)[[0, 0]])
}

#[test]
fn the_temperature_loss_is_as_computed_by_hand() {
    // α = ½, Ĥ = −1.5, H̄ = −1: J = −½ (1.5 − 1) = −0.25, and its slope in log α is ½ (−1.5 + 1).
    let (loss, slope) = temperature(0.5_f64.ln(), &column(&[1.0, 2.0]), -1.0);
    assert!((loss + 0.25).abs() < 1e-15);
    assert!((slope + 0.25).abs() < 1e-15);
}

#[test]
fn the_slope_of_the_temperature_loss_is_its_difference_quotient() {
    let (log_pi, h) = (column(&[0.3, -1.7, 2.2]), 1e-6);
    for log_alpha in [-4.0, 0.0, 1.5] {
        let loss = |log_alpha| temperature(log_alpha, &log_pi, -2.0).0;
        let quotient = (loss(log_alpha + h) - loss(log_alpha - h)) / (2.0 * h);
        let slope = temperature(log_alpha, &log_pi, -2.0).1;
        assert!((slope - quotient).abs() < 1e-8 * quotient.abs().max(1.0));
    }
}

#[test]
fn the_temperature_rises_below_the_target_entropy_and_falls_above() {
    let target_entropy = -1.0;
    for (entropy, direction) in [(-1.5, 1.0), (-0.5, -1.0)] {
        let log_pi = column(&[-entropy + 0.3, -entropy - 0.3]);
        let mut log_alpha = [0.0];
        let mut adam = Adam::new(1, AdamConfig::with_learning_rate(0.01));
        for _ in 0..3 {
            let before = log_alpha[0];
            let (_, slope) = temperature(before, &log_pi, target_entropy);
            adam.step(&mut log_alpha, &[slope]);
            assert!((log_alpha[0] - before) * direction > 0.0, "entropy {entropy}");
        }
    }
}

#[test]
fn no_gradient_of_the_temperature_loss_reaches_the_policy() {
    let (log_alpha, log_pi) = (array![[-1.0]], column(&[0.5, 2.0]));
    let tape = Tape::new();
    let (log_alpha, log_pi) = (tape.leaf(&log_alpha), tape.leaf(&log_pi));
    let gradients = temperature_loss(log_alpha, log_pi, -1.0).backward().unwrap();
    assert_eq!(gradients.wrt(log_pi), column(&[0.0, 0.0]));
    assert!(gradients.wrt(log_alpha)[[0, 0]] != 0.0);
}

// ── All networks on one tape ───────────────────────────────────────────────────────────────────

const OBSERVATIONS: usize = 2;
const ACTIONS: usize = 2;

/// Small networks, a batch and its noise.
struct Learner {
    policy: SquashedGaussian,
    critic: Mlp,
    phi: Params<f64>,
    thetas: [Params<f64>; 2],
    targets: [Params<f64>; 2],
    log_alpha: Array2<f64>,
    batch: Batch<f64>,
    /// ξ′ and ξ
    noise: [Array2<f64>; 2],
}

impl Learner {
    fn new(batch_size: usize) -> Self {
        let (mut init, mut numbers) = (stream(3, Purpose::Init), stream(3, Purpose::Policy));
        let mut normal = |columns: usize| {
            let mut matrix = Array2::zeros((batch_size, columns));
            fill_normal(matrix.as_slice_mut().unwrap(), &mut numbers);
            matrix
        };
        let policy = SquashedGaussian::new(OBSERVATIONS, ACTIONS, &[5], Activation::Tanh);
        let critic = Mlp::new(OBSERVATIONS + ACTIONS, &[5], 1, Activation::Tanh);
        Self {
            batch: Batch {
                observations: normal(OBSERVATIONS),
                actions: normal(ACTIONS).mapv(f64::tanh),
                rewards: normal(1),
                next_observations: normal(OBSERVATIONS),
                terminated: Array2::from_shape_fn((batch_size, 1), |(i, _)| (i % 2) as f64),
            },
            noise: [(); 2].map(|()| normal(ACTIONS)),
            phi: policy.mlp().init(&mut init),
            thetas: [(); 2].map(|()| critic.init(&mut init)),
            targets: [(); 2].map(|()| critic.init(&mut init)),
            log_alpha: array![[-0.5]],
            policy,
            critic,
        }
    }

    /// The same networks, with these rows of batch and noise.
    fn with_rows(&self, rows: &[usize]) -> Self {
        let pick = |x: &Array2<f64>| x.select(Axis(0), rows);
        let Batch { observations, actions, rewards, next_observations, terminated } = &self.batch;
        Self {
            policy: self.policy.clone(),
            critic: self.critic.clone(),
            phi: self.phi.clone(),
            thetas: self.thetas.clone(),
            targets: self.targets.clone(),
            log_alpha: self.log_alpha.clone(),
            batch: Batch {
                observations: pick(observations),
                actions: pick(actions),
                rewards: pick(rewards),
                next_observations: pick(next_observations),
                terminated: pick(terminated),
            },
            noise: [0, 1].map(|i| pick(&self.noise[i])),
        }
    }

    /// The critics' summed loss, the policy's and the temperature's, all recorded on one tape where
    /// every set of parameters is a leaf; only in the policy's loss are the critics frozen. Checks which
    /// leaves have a gradient from which loss.
    fn losses(&self) -> [f64; 3] {
        let tape = Tape::new();
        let phi = tape.params(self.phi.as_slice());
        let thetas = [0, 1].map(|i| tape.params(self.thetas[i].as_slice()));
        let frozen = [0, 1].map(|i| tape.frozen(self.thetas[i].as_slice()));
        let targets = [0, 1].map(|i| tape.params(self.targets[i].as_slice()));
        let log_alpha = tape.leaf(&self.log_alpha);
        let alpha = log_alpha.exp();
        let Batch { observations, actions, rewards, next_observations, terminated } = &self.batch;

        let s_next = tape.constant(next_observations);
        let next = self.policy.sample(phi, s_next, tape.constant(&self.noise[0]));
        let q = q_min(targets.map(|theta| self.critic.forward(theta, s_next.concat(next.action))));
        let (r, d) = (tape.constant(rewards), tape.constant(terminated));
        let y = soft_target(r, d, q, alpha, next.log_pi, 0.9);
        let s = tape.constant(observations);
        let s_a = s.concat(tape.constant(actions));
        let [first, second] = thetas.map(|theta| critic_loss(self.critic.forward(theta, s_a), y));
        let critics = first + second;

        let sample = self.policy.sample(phi, s, tape.constant(&self.noise[1]));
        let q = q_min(frozen.map(|theta| self.critic.forward(theta, s.concat(sample.action))));
        let actor = actor_loss(alpha, sample.log_pi, q);
        let temperature = temperature_loss(log_alpha, sample.log_pi, -2.0);

        let leaves = [phi, thetas[0], thetas[1], targets[0], targets[1], log_alpha];
        for (loss, moved) in [
            (critics, [false, true, true, false, false, false]),
            (actor, [true, false, false, false, false, false]),
            (temperature, [false, false, false, false, false, true]),
        ] {
            let gradients = loss.backward().unwrap();
            let found = leaves.map(|leaf| gradients.leaf(leaf).iter().any(|&g| g != 0.0));
            assert_eq!(found, moved);
            assert!(frozen.iter().all(|&theta| !gradients.is_tracked(theta)));
        }
        [critics, actor, temperature].map(|loss| loss.item().unwrap())
    }
}

#[test]
fn every_loss_moves_its_own_parameters_and_no_others() {
    Learner::new(6).losses();
}

#[test]
fn the_losses_of_a_permuted_batch_are_the_same() {
    let learner = Learner::new(6);
    let permuted = learner.with_rows(&[4, 2, 0, 5, 1, 3]).losses();
    for (a, b) in learner.losses().into_iter().zip(permuted) {
        assert!((a - b).abs() < 1e-13);
    }
}

#[test]
fn the_losses_of_a_batch_are_the_means_of_its_samples() {
    let learner = Learner::new(6);
    let mut means = [0.0; 3];
    for row in 0..6 {
        let single = learner.with_rows(&[row]).losses();
        means.iter_mut().zip(single).for_each(|(mean, loss)| *mean += loss / 6.0);
    }
    for (batch, mean) in learner.losses().into_iter().zip(means) {
        assert!((batch - mean).abs() < 1e-13, "{batch}, {mean}");
    }
}

// ── Shapes ─────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_row_in_place_of_a_column_is_refused_and_not_broadcast() {
    let columns = Next::example();
    let row = column(&[1.0, 2.0, 3.0, 4.0]).reversed_axes();
    type Spoil = fn(&mut Next) -> &mut Array2<f64>;
    let parts: [Spoil; 4] =
        [|next| &mut next.r, |next| &mut next.d, |next| &mut next.q, |next| &mut next.log_pi];
    for spoil in parts {
        for wrong in [&row, &array![[1.0]], &column(&[1.0, 2.0])] {
            let mut next = columns.clone();
            *spoil(&mut next) = wrong.clone();
            assert!(matches!(next.target(0.9), Err(TapeError::Shapes { .. })));
        }
    }

    type Loss = for<'t> fn(Var<'t, f64>, Var<'t, f64>) -> Var<'t, f64>;
    let losses: [Loss; 3] = [
        critic_loss,
        |log_pi, q| actor_loss(log_pi.mean(), log_pi, q),
        |first, second| q_min([first, second]),
    ];
    for loss in losses {
        for wrong in [&row, &array![[1.0]], &columns.q.slice(s![0..2, ..]).to_owned()] {
            let tape = Tape::new();
            let (right, wrong) = (tape.leaf(&columns.q), tape.leaf(wrong));
            assert!(matches!(loss(right, wrong).value(), Err(TapeError::Shapes { .. })));
        }
    }
}

#[test]
fn a_temperature_for_every_action_dimension_is_refused() {
    let (wrong, x) = (array![[0.1, 0.2]], column(&[1.0, 2.0, 3.0]));
    type Loss = for<'t> fn(Var<'t, f64>, Var<'t, f64>) -> Var<'t, f64>;
    let losses: [Loss; 3] = [
        |alpha, x| soft_target(x, x, x, alpha, x, 0.9),
        |alpha, x| actor_loss(alpha, x, x),
        |log_alpha, x| temperature_loss(log_alpha, x, -1.0),
    ];
    for loss in losses {
        let tape = Tape::new();
        assert!(loss(tape.leaf(&wrong), tape.leaf(&x)).value().is_err());
    }
}
