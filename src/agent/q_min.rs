//! The minimum over critics.

use crate::Scalar;
use crate::tape::Var;

/// The smallest of the critics' values, sample by sample: `minᵢ Qᵢ(s, a)`, each `[B, 1]`.
///
/// Fujimoto et al., *Addressing Function Approximation Error in Actor-Critic Methods* (2018), eq. (10).
/// The gradient goes to the critic that gave the minimum.
///
/// # Panics
/// If there is no critic.
// ANCHOR: q_min
#[must_use]
pub fn q_min<'t, T: Scalar>(qs: impl IntoIterator<Item = Var<'t, T>>) -> Var<'t, T> {
    qs.into_iter().reduce(Var::min).expect("there is at least one critic")
}
// ANCHOR_END: q_min
