//! Deep Deterministic Policy Gradient: TD3 without its three additions, which are the second critic, the smoothing of the
//! target, and the delay of the policy. The equations are [TD3's](super::td3).
//!
//! | equation | function | source |
//! |---|---|---|
//! | `y = r + γ (1 − d) Q̄(s′, a_φ̄(s′))` | [`td3::target`](super::td3::target) | Algorithm 1 |
//! | `J_Q(θ) = E[(Q_θ(s, a) − y)²]` | [`td3::critic_loss`](super::td3::critic_loss) | Algorithm 1 |
//! | `J_π(φ) = −E[Q(s, a_φ(s))]` | [`td3::actor_loss`](super::td3::actor_loss) | (6) |
//! | all of it, in order | [`Ddpg::update`](crate::agent::Algorithm::update) | Algorithm 1 |
//!
//! The paper is Lillicrap et al., *Continuous Control with Deep Reinforcement Learning* (2016), arXiv:1509.02971.

mod agent;
mod config;
mod diagnosis;
mod equations;
mod inputs;
mod presets;
mod settings;
mod update;

pub use super::td3::UpdateMetrics;
pub use agent::Ddpg;
pub use config::DdpgConfig;
