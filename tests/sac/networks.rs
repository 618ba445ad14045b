//! All networks and losses together: who has a gradient from what, means over batches, shapes.

use ndarray::{Array2, Axis, array, s};
use softac::nn::{Activation, Mlp, Params};
use softac::policy::SquashedGaussian;
use softac::random::{Purpose, fill_normal, stream};
use softac::replay::Batch;
use softac::tape::{Tape, TapeError, Var};

use crate::Implementation;
use crate::losses::{Next, column};

crate::properties! {
    every_loss_moves_its_own_parameters_and_no_others,
    the_losses_of_a_permuted_batch_are_the_same,
    the_losses_of_a_batch_are_the_means_of_its_samples,
    a_row_in_place_of_a_column_is_refused_and_not_broadcast,
    a_temperature_for_every_action_dimension_is_refused,
}

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
    fn losses(&self, sac: &Implementation) -> [f64; 3] {
        let tape = Tape::new();
        let phi = tape.params(self.phi.as_slice());
        let thetas = [0, 1].map(|i| tape.params(self.thetas[i].as_slice()));
        let frozen = [0, 1].map(|i| tape.frozen(self.thetas[i].as_slice()));
        let targets = [0, 1].map(|i| tape.params(self.targets[i].as_slice()));
        let log_alpha = tape.leaf(&self.log_alpha);
        let alpha = log_alpha.exp();
        let Batch { observations, actions, rewards, next_observations, terminated } = &self.batch;

        let sample =
            |phi, s, xi| (sac.sample)((sac.gaussian)(&self.policy, phi, s), tape.constant(xi));

        let s_next = tape.constant(next_observations);
        let next = sample(phi, s_next, &self.noise[0]);
        let q = (sac.q_min)(
            &targets.map(|theta| self.critic.forward(theta, s_next.concat(next.action))),
        );
        let (r, d) = (tape.constant(rewards), tape.constant(terminated));
        let y = (sac.soft_target)([r, d, q, alpha, next.log_pi], 0.9);
        let s = tape.constant(observations);
        let s_a = s.concat(tape.constant(actions));
        let [first, second] =
            thetas.map(|theta| (sac.critic_loss)(self.critic.forward(theta, s_a), y));
        let critics = first + second;

        let sample = sample(phi, s, &self.noise[1]);
        let q =
            (sac.q_min)(&frozen.map(|theta| self.critic.forward(theta, s.concat(sample.action))));
        let actor = (sac.actor_loss)(alpha, sample.log_pi, q);
        let temperature = (sac.temperature_loss)(log_alpha, sample.log_pi, -2.0);

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

fn every_loss_moves_its_own_parameters_and_no_others(sac: &Implementation) {
    Learner::new(6).losses(sac);
}

fn the_losses_of_a_permuted_batch_are_the_same(sac: &Implementation) {
    let learner = Learner::new(6);
    let permuted = learner.with_rows(&[4, 2, 0, 5, 1, 3]).losses(sac);
    for (a, b) in learner.losses(sac).into_iter().zip(permuted) {
        assert!((a - b).abs() < 1e-13);
    }
}

fn the_losses_of_a_batch_are_the_means_of_its_samples(sac: &Implementation) {
    let learner = Learner::new(6);
    let mut means = [0.0; 3];
    for row in 0..6 {
        let single = learner.with_rows(&[row]).losses(sac);
        means.iter_mut().zip(single).for_each(|(mean, loss)| *mean += loss / 6.0);
    }
    for (batch, mean) in learner.losses(sac).into_iter().zip(means) {
        assert!((batch - mean).abs() < 1e-13, "{batch}, {mean}");
    }
}

// ── Shapes ─────────────────────────────────────────────────────────────────────────────────────

fn a_row_in_place_of_a_column_is_refused_and_not_broadcast(sac: &Implementation) {
    let columns = Next::example();
    let row = column(&[1.0, 2.0, 3.0, 4.0]).reversed_axes();
    type Spoil = fn(&mut Next) -> &mut Array2<f64>;
    let parts: [Spoil; 4] =
        [|next| &mut next.r, |next| &mut next.d, |next| &mut next.q, |next| &mut next.log_pi];
    for spoil in parts {
        for wrong in [&row, &array![[1.0]], &column(&[1.0, 2.0])] {
            let mut next = columns.clone();
            *spoil(&mut next) = wrong.clone();
            assert!(matches!(next.target(sac, 0.9), Err(TapeError::Shapes { .. })));
        }
    }

    type Loss = for<'t> fn(&Implementation, Var<'t, f64>, Var<'t, f64>) -> Var<'t, f64>;
    let losses: [Loss; 3] = [
        |sac, q, y| (sac.critic_loss)(q, y),
        |sac, log_pi, q| (sac.actor_loss)(log_pi.mean(), log_pi, q),
        |sac, first, second| (sac.q_min)(&[first, second]),
    ];
    for loss in losses {
        for wrong in [&row, &array![[1.0]], &columns.q.slice(s![0..2, ..]).to_owned()] {
            let tape = Tape::new();
            let (right, wrong) = (tape.leaf(&columns.q), tape.leaf(wrong));
            assert!(matches!(loss(sac, right, wrong).value(), Err(TapeError::Shapes { .. })));
        }
    }
}

fn a_temperature_for_every_action_dimension_is_refused(sac: &Implementation) {
    let (wrong, x) = (array![[0.1, 0.2]], column(&[1.0, 2.0, 3.0]));
    type Loss = for<'t> fn(&Implementation, Var<'t, f64>, Var<'t, f64>) -> Var<'t, f64>;
    let losses: [Loss; 3] = [
        |sac, alpha, x| (sac.soft_target)([x, x, x, alpha, x], 0.9),
        |sac, alpha, x| (sac.actor_loss)(alpha, x, x),
        |sac, log_alpha, x| (sac.temperature_loss)(log_alpha, x, -1.0),
    ];
    for loss in losses {
        let tape = Tape::new();
        assert!(loss(sac, tape.leaf(&wrong), tape.leaf(&x)).value().is_err());
    }
}
