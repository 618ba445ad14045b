//! The numbers of an export: single precision or integers.

use super::int8::Quantised;
use super::network::Network;
use super::reference::Reference as _;
use super::vectors::{HASH_START, hashed};

/// The numbers that an export computes with.
#[derive(Clone, Copy)]
pub enum Model<'a> {
    /// Single precision.
    Float(&'a Network),
    /// Integers.
    Int8(&'a Quantised),
}

impl<'a> Model<'a> {
    pub(super) fn network(self) -> &'a Network {
        match self {
            Self::Float(network) => network,
            Self::Int8(quantised) => quantised.network(),
        }
    }

    pub(super) fn parameter_bytes(self) -> usize {
        match self {
            Self::Float(network) => network.parameter_bytes(),
            Self::Int8(quantised) => quantised.parameter_bytes(),
        }
    }

    /// FNV-1a over all parameters.
    pub(super) fn checksum(self) -> u32 {
        let words = match self {
            Self::Float(network) => network.words(),
            Self::Int8(quantised) => quantised.words(),
        };
        words.into_iter().fold(HASH_START, hashed)
    }
}
