//! Soft Actor-Critic: one equation per file, and the update step that composes them.
//!
//! | equation | function | source |
//! |---|---|---|
//! | `y = r + γ (1 − d)(minᵢ Q̄ᵢ(s′, a′) − α log π(a′ǀs′))` | [`soft_target`] | (2), (3) and (5) of the 2018b paper |
//! | `J_Q(θ) = E[½ (Q_θ(s, a) − y)²]` | [`critic_loss`] | (5) |
//! | `J_π(φ) = E[α log π_φ(aǀs) − minᵢ Qᵢ(s, a)]`, `a = f_φ(ξ; s)` | [`actor_loss`] | (7) to (9) |
//! | `J(α) = E[−α (log π(aǀs) + H̄)]` | [`temperature_loss`] | (18) |
//! | all of it, in order | [`Sac::update`](crate::agent::Algorithm::update) | Algorithm 1 |
//!
//! The 2018b paper is Haarnoja et al., *Soft Actor-Critic Algorithms and Applications*, arXiv:1812.05905.
//!
//! Losses are pure functions of variables on a tape. What an equation treats as constant it detaches
//! itself, so that no caller can forget to.

mod actor_loss;
mod agent;
mod arms_loss;
mod config;
mod critic_loss;
mod diagnosis;
mod ent_coef;
mod equations;
mod inputs;
mod metrics;
mod noise;
mod presets;
mod settings;
mod target;
mod temperature_loss;
mod update;

pub use crate::agent::settings::ConfigError;
pub use crate::agent::{Memory, NotFinite, Operation, Stage, Sweep, Trained, UpdateError, q_min};
pub use actor_loss::actor_loss;
pub use agent::Sac;
pub use arms_loss::arms_loss;
pub use config::SacConfig;
pub use critic_loss::critic_loss;
pub use ent_coef::{EntCoef, TargetEntropy};
pub use metrics::{ActorMetrics, UpdateMetrics};
pub use noise::Noise;
pub use presets::preset;
pub use target::soft_target;
pub use temperature_loss::temperature_loss;
