//! Layers, perceptrons and the policy.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use super::case::{Case, Group};
use super::points::points_of;
use crate::gradcheck::input::named;
use crate::nn::{Activation, Mlp};
use crate::policy::{
    Deterministic, Gaussian, SquashedGaussian, entropy, gaussian_log_prob, log_tanh_jacobian,
};
use crate::tape::Shape;

/// Hidden layers, from none to three.
const NET_ARCHS: [&[usize]; 4] = [&[], &[5], &[4, 3], &[3, 5, 2]];

pub(super) fn cases(shape: Shape) -> Vec<Case> {
    let mut cases =
        vec![log_prob(shape), jacobian(shape), gaussian(shape), entropy_estimate(shape)];
    for activation in [Activation::Relu, Activation::Tanh] {
        cases.extend(NET_ARCHS.map(|net_arch| perceptron(shape, net_arch, activation)));
        cases.push(policy(shape, activation));
        cases.push(deterministic(shape, activation));
    }
    cases
}

fn perceptron([batch, dim]: Shape, net_arch: &'static [usize], activation: Activation) -> Case {
    let name = format!("mlp {net_arch:?} {activation:?}");
    Case::new(Group::Network, name, [batch, dim], move |checker| {
        let mut points = points_of(checker);
        let mlp = Mlp::new(dim, net_arch, 2, activation);
        let theta = points.init(&mlp);
        let x = points.normal([batch, dim]);
        let inputs = (named("theta", &theta), named("x", &x));
        checker.check(|_, p| mlp.forward(p[0], p[1]), &[&inputs.0, &inputs.1])
    })
}

fn log_prob(shape: Shape) -> Case {
    Case::new(Group::Policy, "gaussian_log_prob", shape, move |checker| {
        let mut points = points_of(checker);
        let (xi, log_sigma) = (points.normal(shape), points.normal(shape));
        checker.check(
            |_, p| gaussian_log_prob(p[0], p[1]),
            &[&named("xi", &xi), &named("log_sigma", &log_sigma)],
        )
    })
}

fn jacobian(shape: Shape) -> Case {
    Case::new(Group::Policy, "log_tanh_jacobian", shape, move |checker| {
        let u = points_of(checker).normal(shape).mapv(|u| 3.0 * u);
        checker.check(|_, p| log_tanh_jacobian(p[0]), &[&named("u", &u)])
    })
}

fn entropy_estimate(shape: Shape) -> Case {
    Case::new(Group::Policy, "entropy", shape, move |checker| {
        let log_pi = points_of(checker).normal([shape[0], 1]);
        checker.check(|_, p| entropy(p[0]), &[&named("log_pi", &log_pi)])
    })
}

/// Action and log-probability for given mean and deviation.
fn gaussian(shape: Shape) -> Case {
    Case::new(Group::Policy, "gaussian sample", shape, move |checker| {
        let mut points = points_of(checker);
        let (mu, log_sigma) = (points.normal(shape), points.normal(shape));
        let xi = points.normal(shape);
        checker.check(
            |tape, p| {
                let sample = Gaussian { mu: p[0], log_sigma: p[1] }.sample(tape.constant(&xi));
                sample.action.concat(sample.log_pi)
            },
            &[&named("mu", &mu), &named("log_sigma", &log_sigma)],
        )
    })
}

/// Action and log-probability by the network, with respect to its parameters and the observation.
fn policy([batch, dim]: Shape, activation: Activation) -> Case {
    let name = format!("squashed_gaussian {activation:?}");
    Case::new(Group::Policy, name, [batch, dim], move |checker| {
        let mut points = points_of(checker);
        let policy = SquashedGaussian::new(3, dim, &[6, 4], activation);
        let phi = points.init(policy.mlp());
        let (s, xi) = (points.normal([batch, 3]), points.normal([batch, dim]));
        checker.check(
            |tape, p| {
                let sample = policy.sample(p[0], p[1], tape.constant(&xi));
                sample.action.concat(sample.log_pi)
            },
            &[&named("phi", &phi), &named("s", &s)],
        )
    })
}

/// The action by the network, with respect to its parameters and the observation.
fn deterministic([batch, dim]: Shape, activation: Activation) -> Case {
    let name = format!("deterministic {activation:?}");
    Case::new(Group::Policy, name, [batch, dim], move |checker| {
        let mut points = points_of(checker);
        let policy = Deterministic::new(3, dim, &[6, 4], activation);
        let phi = points.init(policy.mlp());
        let s = points.normal([batch, 3]);
        checker.check(|_, p| policy.action(p[0], p[1]), &[&named("phi", &phi), &named("s", &s)])
    })
}
