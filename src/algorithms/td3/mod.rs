//! Twin Delayed Deep Deterministic policy gradient: one equation per file, and the update that composes them.
//!
//! | equation | function | source |
//! |---|---|---|
//! | `ã = clip(a_φ̄(s′) + clip(σ ξ, −c, c), −1, 1)` | [`smoothed_action`] | (14) and Algorithm 1 |
//! | `y = r + γ (1 − d) minᵢ Q̄ᵢ(s′, ã)` | [`target`](fn@target) | (10) and Algorithm 1 |
//! | `J_Q(θ) = E[(Q_θ(s, a) − y)²]` | [`critic_loss`] | Algorithm 1 |
//! | `J_π(φ) = −E[Q₁(s, a_φ(s))]` | [`actor_loss`] | Algorithm 1 |
//! | all of it, in order | [`Td3::update`](crate::agent::Algorithm::update) | Algorithm 1 |
//!
//! The paper is Fujimoto et al., *Addressing Function Approximation Error in Actor-Critic Methods* (2018),
//! arXiv:1802.09477.

mod actor_loss;
mod agent;
mod config;
mod critic_loss;
mod diagnosis;
mod equations;
mod inputs;
mod metrics;
mod noise;
mod presets;
mod settings;
mod target;
mod update;

pub use actor_loss::actor_loss;
pub use agent::Td3;
pub use config::Td3Config;
pub use critic_loss::critic_loss;
pub use metrics::UpdateMetrics;
pub use noise::Noise;
pub use target::{smoothed_action, target};
