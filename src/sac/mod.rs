//! Soft Actor-Critic: one equation per file, and the update step that composes them.
//!
//! | equation | function | source |
//! |---|---|---|
//! | `y = r + γ (1 − d)(minᵢ Q̄ᵢ(s′, a′) − α log π(a′ǀs′))` | [`soft_target`] | (2), (3) and (5) of the 2018b paper |
//! | `J_Q(θ) = E[½ (Q_θ(s, a) − y)²]` | [`critic_loss`] | (5) |
//! | `J_π(φ) = E[α log π_φ(aǀs) − minᵢ Qᵢ(s, a)]`, `a = f_φ(ξ; s)` | [`actor_loss`] | (7) to (9) |
//! | `J(α) = E[−α (log π(aǀs) + H̄)]` | [`temperature_loss`] | (18) |
//! | all of it, in order | [`Sac::update`] | Algorithm 1 |
//!
//! The 2018b paper is Haarnoja et al., *Soft Actor-Critic Algorithms and Applications*, arXiv:1812.05905.
//!
//! Losses are pure functions of variables on a tape. What an equation treats as constant it detaches
//! itself, so that no caller can forget to.

mod actor_loss;
mod agent;
mod blame;
mod config;
mod critic_loss;
mod discrete_loss;
mod ent_coef;
mod fault;
mod memory;
mod shards;
mod target;
mod temperature_loss;
mod trained;
mod update;

pub use actor_loss::actor_loss;
pub use agent::Sac;
#[cfg(feature = "std")]
pub(crate) use config::unless;
pub use config::{ConfigError, SacConfig};
pub use critic_loss::{critic_loss, q_min};
pub use discrete_loss::discrete_loss;
pub use ent_coef::{EntCoef, TargetEntropy};
pub use fault::{NotFinite, Operation, Stage, Sweep, UpdateError};
pub use memory::Memory;
pub use target::soft_target;
pub use temperature_loss::temperature_loss;
pub use trained::Trained;
pub use update::{ActorMetrics, Noise, UpdateMetrics};
