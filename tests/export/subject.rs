//! Policies of every kind that there is to export, with the environments that they act in.

use softac::Numerics;
use softac::env::{Env, TimeLimit, make};
use softac::export::{
    Language, Model, Provenance, Quantised, Reference, Rollout, SelfTest, Single, Source, source,
};
use softac::nn::Activation;
use softac::normalise::Standardisation;
use softac::policy::{AnyPolicy, Kind, Policy};
use softac::random::{Purpose, stream};
use softac::sac::SacConfig;
use softac::train::{Config, SavedPolicy};

use crate::counter::Counter;

pub struct Subject {
    pub env: Box<dyn Env>,
    pub trained: SavedPolicy<f32>,
    pub single: Single,
    pub provenance: Provenance,
    pub rollout: Rollout,
}

/// A policy with the parameters that a training begins with, eight times as large, so that activations are not all alike.
pub fn policy(
    env: &dyn Env,
    kind: Kind,
    net_arch: &[usize],
    activation: Activation,
    standardised: bool,
) -> SavedPolicy<f32> {
    let dim = env.observation_space().len();
    let space = env.action_space();
    let architecture = AnyPolicy::new(kind, dim, space.len(), net_arch, activation);
    let mut phi = architecture.mlp().init::<f32>(&mut stream(3, Purpose::Init));
    phi.as_mut_slice().iter_mut().for_each(|x| *x *= if net_arch.len() > 2 { 3.0 } else { 1.5 });
    let standardisation = standardised.then(|| {
        let mean = (0..dim).map(|i| 0.3 - 0.1 * i as f32).collect();
        let scale = (0..dim).map(|i| 1.7 / (1.0 + i as f32)).collect();
        Standardisation::of_parts(mean, scale, 2.5)
    });
    let numerics = Numerics::Portable;
    SavedPolicy::new("any", env.name(), space, architecture, phi, standardisation, numerics)
        .unwrap()
}

impl Subject {
    pub fn new(
        mut env: Box<dyn Env>,
        kind: Kind,
        net_arch: &[usize],
        activation: Activation,
        standardised: bool,
    ) -> Self {
        let mut trained = policy(env.as_ref(), kind, net_arch, activation, standardised);
        let mut single = Single::of(&trained).unwrap();
        let mut config = Config::default();
        let sac = config.algo.get_mut::<SacConfig>().unwrap();
        (sac.net_arch, sac.activation) = (net_arch.to_vec().into(), activation);
        let provenance = Provenance::of(&single, &config);
        let rollout = Rollout::of(env.as_mut(), &mut trained, &mut single, 0, 10_000).unwrap();
        Self { env, trained, single, provenance, rollout }
    }

    pub fn pendulum() -> Self {
        Self::new(
            make("pendulum").unwrap(),
            Kind::SquashedGaussian,
            &[64, 64],
            Activation::Relu,
            false,
        )
    }

    /// Of both kinds: relu and tanh, deep and shallow and linear, a layer of one unit, standardised or not, one action or
    /// two.
    pub fn all() -> Vec<(&'static str, Self)> {
        let pendulum = || make("pendulum").unwrap();
        let counter = || Box::new(TimeLimit::new(Counter::new(50.0), 60)) as Box<dyn Env>;
        let gaussian = Kind::SquashedGaussian;
        let deterministic = Kind::Deterministic;
        let (relu, tanh, identity) = (Activation::Relu, Activation::Tanh, Activation::Identity);
        vec![
            ("relu 64-64", Self::pendulum()),
            ("tanh 17-1-9", Self::new(pendulum(), gaussian, &[17, 1, 9], tanh, true)),
            ("linear", Self::new(counter(), gaussian, &[], relu, false)),
            ("identity 33", Self::new(counter(), gaussian, &[33], identity, true)),
            // With one action the last layer has a single output, and is summed in parts.
            ("deterministic 64-64", Self::new(pendulum(), deterministic, &[64, 64], relu, false)),
            ("deterministic linear", Self::new(pendulum(), deterministic, &[], relu, true)),
            ("deterministic 20", Self::new(counter(), deterministic, &[20], tanh, true)),
        ]
    }

    pub fn source(&mut self, language: Language) -> Source {
        let test = SelfTest::of(&self.rollout, &mut self.single);
        let model = Model::Float(self.single.network());
        source(language, "policy", model, &self.provenance, &test).unwrap()
    }

    pub fn integers(&self) -> Quantised {
        Quantised::of(self.single.network(), &self.rollout)
    }

    pub fn source_of_integers(&self, language: Language) -> Source {
        let mut integers = self.integers();
        let test = SelfTest::of(&self.rollout, &mut integers);
        source(language, "policy", Model::Int8(&integers), &self.provenance, &test).unwrap()
    }

    /// 10,000 observations that were met and 10,000 random ones, and some that are not finite.
    pub fn observations(&self) -> Vec<Vec<f32>> {
        let met = self.rollout.iter().map(<[f32]>::to_vec);
        let dim = self.single.network().observations();
        let edges = [f32::NAN, f32::INFINITY, f32::MAX, -0.0, 1e-45].map(|x| vec![x; dim]);
        met.chain(self.rollout.random(1)).chain(edges).collect()
    }
}
