//! What an update computes of its networks, as data: from it, the operations of an update are counted.

use alloc::vec::Vec;

use crate::nn::Mlp;

/// What an update computes of one network for its minibatch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkPass {
    /// Inputs and outputs of each layer.
    pub layers: Vec<[usize; 2]>,
    /// The gradient that is computed behind the network's values.
    pub gradient: PassGradient,
    /// How many networks of this kind are computed.
    pub count: usize,
    /// The pass belongs to every so many-th update: 1 for all of them, the policy's delay for that of the policy.
    pub every: u64,
}

/// The gradient that is computed in a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassGradient {
    /// None: the network's values alone.
    None,
    /// By the network's parameters.
    Parameters,
    /// By the last inputs, of which there are so many: the actions that a critic judges.
    LastInputs(usize),
}

impl NetworkPass {
    /// The network's values alone, in every update.
    #[must_use]
    pub fn forward(network: &Mlp) -> Self {
        let layers = network.layers().iter().map(|layer| [layer.inputs(), layer.outputs()]);
        Self { layers: layers.collect(), gradient: PassGradient::None, count: 1, every: 1 }
    }

    /// The network's values, and the gradient by its parameters, in every update.
    #[must_use]
    pub fn trained(network: &Mlp) -> Self {
        Self { gradient: PassGradient::Parameters, ..Self::forward(network) }
    }

    /// The values of a critic that is constant, and the gradient by the actions, its last inputs, in every update. Where
    /// several critics judge by their minimum, it is computed for one of them alone in each transition.
    #[must_use]
    pub fn judging(critic: &Mlp, action_dim: usize) -> Self {
        Self { gradient: PassGradient::LastInputs(action_dim), ..Self::forward(critic) }
    }

    /// The same for so many networks.
    #[must_use]
    pub fn times(self, count: usize) -> Self {
        Self { count, ..self }
    }

    /// The same in every so many-th update.
    #[must_use]
    pub fn every(self, every: u64) -> Self {
        Self { every, ..self }
    }
}
