//! A policy whose kind is known at run time alone, as that of a file.

use crate::Scalar;
use crate::nn::{Activation, Mlp, Scratch};

use super::acting::{Kind, Policy};
use super::deterministic::Deterministic;
use super::squashed_gaussian::SquashedGaussian;

/// A policy of any kind.
#[derive(Clone, Debug, PartialEq)]
pub enum AnyPolicy {
    /// Of SAC.
    SquashedGaussian(SquashedGaussian),
    /// Of TD3 and DDPG.
    Deterministic(Deterministic),
}

impl AnyPolicy {
    /// A policy of this kind for observations and actions of these dimensions.
    #[must_use]
    pub fn new(
        kind: Kind,
        observation_dim: usize,
        action_dim: usize,
        net_arch: &[usize],
        activation: Activation,
    ) -> Self {
        match kind {
            Kind::SquashedGaussian => {
                SquashedGaussian::new(observation_dim, action_dim, net_arch, activation).into()
            }
            Kind::Deterministic => {
                Deterministic::new(observation_dim, action_dim, net_arch, activation).into()
            }
        }
    }
}

impl From<SquashedGaussian> for AnyPolicy {
    fn from(policy: SquashedGaussian) -> Self {
        Self::SquashedGaussian(policy)
    }
}

impl From<Deterministic> for AnyPolicy {
    fn from(policy: Deterministic) -> Self {
        Self::Deterministic(policy)
    }
}

impl Policy for AnyPolicy {
    fn kind(&self) -> Kind {
        match self {
            Self::SquashedGaussian(policy) => policy.kind(),
            Self::Deterministic(policy) => policy.kind(),
        }
    }

    fn mlp(&self) -> &Mlp {
        match self {
            Self::SquashedGaussian(policy) => policy.mlp(),
            Self::Deterministic(policy) => policy.mlp(),
        }
    }

    fn act<T: Scalar>(
        &self,
        phi: &[T],
        s: &[T],
        xi: Option<&[T]>,
        scratch: &mut Scratch<T>,
        action: &mut [T],
    ) {
        match self {
            Self::SquashedGaussian(policy) => policy.act(phi, s, xi, scratch, action),
            Self::Deterministic(policy) => policy.act(phi, s, xi, scratch, action),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_of_the_kind_that_it_was_made_as() {
        for kind in Kind::ALL {
            let policy = AnyPolicy::new(kind, 3, 2, &[5], Activation::Tanh);
            assert_eq!((policy.kind(), policy.action_dim()), (kind, 2));
            assert_eq!(policy.mlp().outputs(), 2 * kind.outputs_per_dimension());
        }
    }
}
