//! Gradients of networks, policy and losses at generated shapes: batches and dimensions of one, odd and
//! even ones, from no hidden layer to three.

use std::cell::RefCell;

use ndarray::Array2;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use softac::gradcheck::{Coverage, Report, gradcheck, named};
use softac::nn::{Activation, Mlp};
use softac::policy::SquashedGaussian;
use softac::random::{Purpose, Stream, fill_normal, stream};
use softac::sac::{actor_loss, critic_loss, q_min, temperature_loss};

#[derive(Clone, Debug)]
struct Shapes {
    batch: usize,
    observation_dim: usize,
    action_dim: usize,
    net_arch: Vec<usize>,
    activation: Activation,
    seed: u64,
}

fn shapes() -> impl Strategy<Value = Shapes> {
    let sizes = (1_usize..=4, 1_usize..=4, 1_usize..=3, vec(1_usize..=5, 0..=3));
    let activation = select(vec![Activation::Relu, Activation::Tanh]);
    (sizes, activation, any::<u64>()).prop_map(|(sizes, activation, seed)| {
        let (batch, observation_dim, action_dim, net_arch) = sizes;
        Shapes { batch, observation_dim, action_dim, net_arch, activation, seed }
    })
}

fn normal(shape: [usize; 2], stream: &mut Stream) -> Array2<f64> {
    let mut x = Array2::zeros(shape);
    fill_normal(x.as_slice_mut().expect("it was just made"), stream);
    x
}

impl Shapes {
    fn stream(&self) -> Stream {
        stream(self.seed, Purpose::Init)
    }

    fn policy(&self) -> SquashedGaussian {
        let Self { observation_dim, action_dim, net_arch, activation, .. } = self;
        SquashedGaussian::new(*observation_dim, *action_dim, net_arch, *activation)
    }

    fn critic(&self) -> Mlp {
        let inputs = self.observation_dim + self.action_dim;
        Mlp::new(inputs, &self.net_arch, 1, self.activation)
    }

    fn perceptron(&self) -> Report {
        let mut stream = self.stream();
        let mlp = Mlp::new(self.observation_dim, &self.net_arch, self.action_dim, self.activation);
        let theta = mlp.init(&mut stream);
        let x = normal([self.batch, self.observation_dim], &mut stream);
        gradcheck(|_, p| mlp.forward(p[0], p[1]), &[&named("theta", &theta), &named("x", &x)])
            .unwrap()
    }

    fn policy_sample(&self) -> Report {
        let (mut stream, policy) = (self.stream(), self.policy());
        let phi = policy.mlp().init(&mut stream);
        let s = normal([self.batch, self.observation_dim], &mut stream);
        let xi = normal([self.batch, self.action_dim], &mut stream);
        gradcheck(
            |tape, p| {
                let sample = policy.sample(p[0], p[1], tape.constant(&xi));
                sample.action.concat(sample.log_pi)
            },
            &[&named("phi", &phi), &named("s", &s)],
        )
        .unwrap()
    }

    fn critics_loss(&self) -> Report {
        let (mut stream, critic) = (self.stream(), self.critic());
        let theta = critic.init(&mut stream);
        let s_a = normal([self.batch, critic.inputs()], &mut stream);
        let y = normal([self.batch, 1], &mut stream);
        gradcheck(
            |tape, p| critic_loss(critic.forward(p[0], tape.constant(&s_a)), tape.constant(&y)),
            &[&named("theta", &theta)],
        )
        .unwrap()
    }

    /// The policy's loss and the temperature's, on one sample of the policy.
    fn policy_losses(&self) -> Report {
        let (mut stream, policy, critic) = (self.stream(), self.policy(), self.critic());
        let phi = policy.mlp().init(&mut stream);
        let thetas = [critic.init::<f64>(&mut stream), critic.init(&mut stream)];
        let s = normal([self.batch, self.observation_dim], &mut stream);
        let xi = normal([self.batch, self.action_dim], &mut stream);
        let log_alpha = normal([1, 1], &mut stream);
        gradcheck(
            |tape, p| {
                let s = tape.constant(&s);
                let sample = policy.sample(p[0], s, tape.constant(&xi));
                let s_a = s.concat(sample.action);
                let q = |theta| critic.forward(theta, s_a);
                let q = q_min(thetas.each_ref().map(|theta| q(tape.frozen(theta.as_slice()))));
                let temperature = temperature_loss(p[1], sample.log_pi, -1.0);
                actor_loss(p[1].exp(), sample.log_pi, q).concat(temperature)
            },
            &[&named("phi", &phi), &named("log_alpha", &log_alpha)],
        )
        .unwrap()
    }
}

/// No component is wrong at any shape, and next to none is left unchecked.
fn holds_at_all_shapes(check: impl Fn(&Shapes) -> Report) {
    let ledger = RefCell::new(Coverage::default());
    let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&shapes(), |shapes| {
        let report = check(&shapes);
        prop_assert_eq!(report.coverage.mismatched + report.coverage.invalid, 0, "{}", report);
        ledger.borrow_mut().absorb(&report.coverage);
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    let ledger = ledger.into_inner();
    println!("{ledger}");
    assert!(ledger.share() > 0.99, "{ledger}");
}

#[test]
fn perceptrons_of_any_shape_have_the_right_gradient() {
    holds_at_all_shapes(Shapes::perceptron);
}

#[test]
fn policies_of_any_shape_have_the_right_gradient() {
    holds_at_all_shapes(Shapes::policy_sample);
}

#[test]
fn the_critics_loss_has_the_right_gradient_at_any_shape() {
    holds_at_all_shapes(Shapes::critics_loss);
}

#[test]
fn the_losses_of_policy_and_temperature_have_the_right_gradient_at_any_shape() {
    holds_at_all_shapes(Shapes::policy_losses);
}
