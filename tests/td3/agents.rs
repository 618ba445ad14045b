//! What the tests ask of TD3 and DDPG alike.

use std::collections::BTreeMap;
use std::slice::{from_mut, from_ref};

use ndarray::Array2;
use softac::Scalar;
use softac::agent::{Algorithm, NoNoise, Trained};
use softac::algorithms::ddpg::Ddpg;
use softac::algorithms::td3::{Noise, Td3, UpdateMetrics};
use softac::nn::{Mlp, Params};
use softac::state::{StateError, Visitor};
use softac::tape::Shape;

/// An algorithm with a deterministic policy, critics, and targets of both.
pub trait Agent<T: Scalar>: Algorithm<T, Metrics = UpdateMetrics> {
    /// The noise of an update, of which DDPG has none.
    fn noise(next: Option<Array2<T>>) -> Self::Noise;
    fn actor(&self) -> &Trained<T>;
    fn actor_mut(&mut self) -> &mut Trained<T>;
    fn actor_target(&self) -> &Params<T>;
    fn actor_target_mut(&mut self) -> &mut Params<T>;
    fn critics(&self) -> &[Trained<T>];
    fn critics_mut(&mut self) -> &mut [Trained<T>];
    fn targets(&self) -> &[Params<T>];
    fn targets_mut(&mut self) -> &mut [Params<T>];
    fn critic(&self) -> &Mlp;
}

macro_rules! agent {
    ($name:ident, $noise:expr, |$agent:ident| $critics:expr, $critics_mut:expr, $targets:expr, $targets_mut:expr) => {
        impl<T: Scalar> Agent<T> for $name<T> {
            fn noise(next: Option<Array2<T>>) -> Self::Noise {
                $noise(next)
            }

            fn actor(&self) -> &Trained<T> {
                $name::actor(self)
            }

            fn actor_mut(&mut self) -> &mut Trained<T> {
                $name::actor_mut(self)
            }

            fn actor_target(&self) -> &Params<T> {
                $name::actor_target(self)
            }

            fn actor_target_mut(&mut self) -> &mut Params<T> {
                $name::actor_target_mut(self)
            }

            fn critics(&self) -> &[Trained<T>] {
                let $agent = self;
                $critics
            }

            fn critics_mut(&mut self) -> &mut [Trained<T>] {
                let $agent = self;
                $critics_mut
            }

            fn targets(&self) -> &[Params<T>] {
                let $agent = self;
                $targets
            }

            fn targets_mut(&mut self) -> &mut [Params<T>] {
                let $agent = self;
                $targets_mut
            }

            fn critic(&self) -> &Mlp {
                $name::critic(self)
            }
        }
    };
}

agent!(
    Td3,
    |next: Option<Array2<T>>| Noise { next: next.expect("TD3 has noise") },
    |td3| Td3::critics(td3),
    Td3::critics_mut(td3),
    Td3::targets(td3),
    Td3::targets_mut(td3)
);
agent!(
    Ddpg,
    |_| NoNoise,
    |ddpg| from_ref(ddpg.critic_parameters()),
    from_mut(ddpg.critic_parameters_mut()),
    from_ref(ddpg.critic_target()),
    from_mut(ddpg.critic_target_mut())
);

/// Everything that an agent shows of itself, by name: parameters and moments.
pub fn shown<T: Scalar, A: Algorithm<T>>(agent: &mut A) -> BTreeMap<String, Vec<T>> {
    let mut shown = Shown(BTreeMap::new());
    agent.visit(&mut shown).unwrap();
    shown.0
}

struct Shown<T>(BTreeMap<String, Vec<T>>);

impl<T: Scalar> Visitor<T> for Shown<T> {
    fn numbers(&mut self, name: &str, _: Shape, values: &mut [T]) -> Result<(), StateError> {
        self.0.insert(name.into(), values.to_vec());
        Ok(())
    }

    fn bytes(&mut self, _: &str, _: &mut [u8]) -> Result<(), StateError> {
        Ok(())
    }

    fn words(&mut self, _: &str, _: &mut Vec<u64>) -> Result<(), StateError> {
        Ok(())
    }
}

/// Names of the networks that are trained: in an agent's state, and in a fixture.
pub fn trained_names(critics: usize) -> impl Iterator<Item = (String, String)> {
    let critics = (0..critics).map(|i| (format!("critics.{i}"), format!("critics/{i}")));
    [("actor".into(), "policy".into())].into_iter().chain(critics)
}
