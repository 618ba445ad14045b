//! Soft Actor-Critic from first principles.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod env;
pub mod scalar;
#[cfg(feature = "std")]
pub mod train;

pub use scalar::Scalar;
