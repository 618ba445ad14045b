//! From a trained policy to a file for another place: C99 and Rust for microcontrollers, ONNX, safetensors.
//!
//! The reference is the policy itself in single precision with
//! [`Numerics::Portable`](crate::Numerics::Portable): every sum has one order and every operation is rounded, so that C and Rust
//! give its actions to the bit on every machine that keeps to IEEE 754.
//!
//! | file | holds |
//! |---|---|
//! | `network.rs` | [`Network`]: what is exported, without a word about languages |
//! | `reference.rs` | [`Reference`], [`Single`]: what every export has to give to the bit |
//! | `rollout.rs` | [`Rollout`]: what the policy sees when it acts |
//! | `vectors.rs` | [`SelfTest`]: the vectors that an export carries |
//! | `provenance.rs` | [`Provenance`]: where the policy comes from |
//! | `int8.rs`, `loss.rs` | [`Quantised`]: the policy in integers; what it loses of the return |
//! | `model.rs` | [`Model`]: the numbers of an export, single precision or integers |
//! | `source.rs`, `context.rs`, `literals.rs`, `templates/` | C and Rust |
//! | `onnx.rs` | ONNX |
//! | `files.rs` | files that are not written over |
//! | `emulate/` | [`emulate()`](emulate::emulate): exports on emulated devices |

mod context;
pub mod emulate;
mod error;
pub mod files;
mod int8;
mod literals;
mod loss;
mod model;
mod network;
mod onnx;
mod provenance;
mod reference;
mod rollout;
mod source;
mod vectors;

pub use error::ExportError;
pub use int8::{After, INT8_TILE, Quantised, QuantisedLayer};
pub use loss::{ReturnLoss, return_loss};
pub use model::Model;
pub use network::{Layer, Network, Order, TILE};
pub use onnx::{OPSET, onnx};
pub use provenance::Provenance;
pub use reference::{Reference, Single, Status};
pub use rollout::Rollout;
pub use source::{Language, Source, source};
pub use vectors::{SelfTest, outcome};
