//! Policies. The squashed Gaussian of SAC, and the map from its actions to the environment's.

mod action_box;
mod squashed_gaussian;

pub use action_box::{ActionBox, Axis, UnboundedDimension};
pub use squashed_gaussian::{
    Gaussian, LOG_SIGMA_MAX, LOG_SIGMA_MIN, Sample, SquashedGaussian, entropy, gaussian_log_prob,
    log_tanh_jacobian,
};
