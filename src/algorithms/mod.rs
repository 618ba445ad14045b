//! The algorithms, each in a room of its own: settings, equations, one per file, and the update that composes them.
//!
//! | module | algorithm |
//! |---|---|
//! | [`sac`] | Soft Actor-Critic (Haarnoja et al. 2018) |
//! | [`td3`] | Twin Delayed DDPG (Fujimoto et al. 2018) |
//! | [`ddpg`] | Deep Deterministic Policy Gradient (Lillicrap et al. 2016) |
//!
//! `registry.rs` lists them: one line for each algorithm.

pub mod ddpg;
mod registry;
pub mod sac;
pub mod td3;

pub(crate) use registry::for_each_algorithm;
