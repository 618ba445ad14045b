//! Soft Actor-Critic from first principles.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod env;
pub mod gradcheck;
pub mod learner;
pub mod nn;
pub mod policy;
pub mod random;
pub mod replay;
pub mod sac;
pub mod scalar;
pub mod tape;
#[cfg(feature = "std")]
pub mod train;

pub use scalar::Scalar;
