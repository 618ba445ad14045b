//! What every policy does: a network and a rule by which its outputs become actions.

use core::fmt;

use crate::Scalar;
use crate::nn::{Mlp, Scratch};

/// A family of policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "snake_case"))]
pub enum Kind {
    /// `a = tanh(μ(s) + σ(s) ⊙ ξ)`: [`SquashedGaussian`](super::SquashedGaussian).
    SquashedGaussian,
    /// `a = tanh(f(s))`: [`Deterministic`](super::Deterministic).
    Deterministic,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::SquashedGaussian, Self::Deterministic];

    /// The name in policy files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SquashedGaussian => "squashed_gaussian",
            Self::Deterministic => "deterministic",
        }
    }

    /// The number of outputs of the network for one action dimension. The first A outputs decide the action without
    /// noise, `tanh` of them.
    #[must_use]
    pub fn outputs_per_dimension(self) -> usize {
        match self {
            Self::SquashedGaussian => 2,
            Self::Deterministic => 1,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A policy network. It holds no parameters: φ comes in as an argument, as it does in an [`Mlp`].
pub trait Policy {
    /// Its family.
    fn kind(&self) -> Kind;

    /// The network, from observations to what decides the action.
    fn mlp(&self) -> &Mlp;

    /// Number of action dimensions, A.
    fn action_dim(&self) -> usize {
        self.mlp().outputs() / self.kind().outputs_per_dimension()
    }

    /// Actions in `[−1, 1]ᴬ` without tape or allocation: deterministic, or exploring with the noise ξ. Observations, noise
    /// and actions lie row after row, `s: [B, S]`, `ξ: [B, A]` and `a: [B, A]`, and each row has the bits that it has
    /// by itself.
    ///
    /// # Panics
    /// If a slice is not made of as many whole rows as the others.
    fn act<T: Scalar>(
        &self,
        phi: &[T],
        s: &[T],
        xi: Option<&[T]>,
        scratch: &mut Scratch<T>,
        action: &mut [T],
    );
}
