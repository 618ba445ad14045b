//! The algorithms, each in a room of its own: settings, equations, one per file, and the update that composes them.
//!
//! | module | algorithm |
//! |---|---|
//! | [`sac`] | Soft Actor-Critic (Haarnoja et al. 2018) |
//!
//! `registry.rs` lists them: one line for each algorithm.

mod registry;
pub mod sac;

pub(crate) use registry::for_each_algorithm;
