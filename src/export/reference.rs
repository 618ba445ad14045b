//! What every export has to give to the bit.

use super::error::ExportError;
use super::network::Network;
use crate::policy::Policy;
use crate::train::SavedPolicy;
use crate::{Numerics, Scalar};

/// What came of asking for an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The policy's action.
    Ok = 0,
    /// An observation was NaN or infinite: the action is the safe one.
    NotFinite = 1,
    /// Observations were finite, but so large that the sums of the network gave a NaN: the action is the safe one.
    Overflow = 2,
}

/// The host's side of an export: a policy that gives the device's actions, bit for bit.
pub trait Reference {
    /// What is computed.
    fn network(&self) -> &Network;

    /// The action for a finite observation; it may be NaN.
    fn policy(&mut self, observation: &[f32], action: &mut [f32]);

    /// The action for an observation, in the environment's units. Where there is none, it is the safe one: the centre
    /// of the action box, which is the action of `a = 0`.
    ///
    /// # Panics
    /// If a slice does not have the length of its space.
    fn act(&mut self, observation: &[f32], action: &mut [f32]) -> Status {
        let status = if !observation.iter().all(|x| x.is_finite()) {
            Status::NotFinite
        } else {
            self.policy(observation, action);
            if action.iter().any(|a| a.is_nan()) { Status::Overflow } else { Status::Ok }
        };
        if status != Status::Ok {
            let safe = self.network().axes.iter().map(|axis| axis.action(0.0));
            action.iter_mut().zip(safe).for_each(|(action, safe)| *action = safe);
        }
        status
    }
}

/// The policy itself, in single precision and computed alike on every machine.
pub struct Single {
    policy: SavedPolicy<f32>,
    network: Network,
    observation: Vec<f64>,
    action: Vec<f64>,
}

impl Single {
    /// Rounds a policy of any precision and numerics.
    ///
    /// # Errors
    /// Those of [`Network::of`].
    pub fn of<T: Scalar>(policy: &SavedPolicy<T>) -> Result<Self, ExportError> {
        let network = Network::of(policy)?;
        let architecture = policy.policy().clone();
        let mut phi = architecture.mlp().zeros::<f32>();
        for (to, from) in phi.as_mut_slice().iter_mut().zip(policy.params().as_slice()) {
            *to = from.as_f64() as f32;
        }
        let policy = SavedPolicy::new(
            policy.algorithm(),
            policy.env(),
            policy.action_box().space(),
            architecture,
            phi,
            network.standardisation.clone(),
            Numerics::Portable,
        )?;
        let (observation, action) =
            (vec![0.0; network.observations()], vec![0.0; network.axes.len()]);
        Ok(Self { policy, network, observation, action })
    }

    /// The policy as it is saved.
    #[must_use]
    pub fn saved(&self) -> &SavedPolicy<f32> {
        &self.policy
    }
}

impl Reference for Single {
    fn network(&self) -> &Network {
        &self.network
    }

    fn policy(&mut self, observation: &[f32], action: &mut [f32]) {
        assert_eq!(observation.len(), self.observation.len(), "one number for each observation");
        self.observation.iter_mut().zip(observation).for_each(|(to, &x)| *to = f64::from(x));
        self.policy.act(&self.observation, &mut self.action);
        // Exact: it was computed in single precision.
        action.iter_mut().zip(&self.action).for_each(|(to, &a)| *to = a as f32);
    }
}
