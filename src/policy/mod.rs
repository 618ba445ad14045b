//! Policies: the squashed Gaussian of SAC, the deterministic one of TD3 and DDPG, and the actor that acts with either.

mod acting;
mod action_box;
mod actor;
mod any;
mod deterministic;
mod squashed_gaussian;

pub use acting::{Kind, Policy};
pub use action_box::{ActionBox, Axis, UnboundedDimension};
pub use actor::Actor;
pub use any::AnyPolicy;
pub use deterministic::Deterministic;
pub use squashed_gaussian::{
    Gaussian, LOG_SIGMA_MAX, LOG_SIGMA_MIN, Sample, SquashedGaussian, entropy, gaussian_log_prob,
    log_tanh_jacobian,
};
