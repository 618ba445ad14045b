//! Reverse-mode automatic differentiation on a Wengert list.
//!
//! A [`Tape`] records matrix operations as they are computed. Walking the list backwards, each
//! operation turns the adjoint of its output, `ȳ = ∂L/∂y`, into contributions to the adjoints of
//! its inputs: its vector–Jacobian product (VJP). The sum over all paths is the gradient.
//!
//! | file | holds |
//! |---|---|
//! | `tape.rs` | [`Tape`]: leaves, constants, reuse of buffers |
//! | `var.rs` | [`Var`]: the handle through which equations are written |
//! | `operators.rs` | `+`, `-` and `*` between variables |
//! | `record.rs` | the list itself: nodes, and one arena for all values |
//! | `recorder.rs` | what a variable asks of its tape |
//! | `gradients.rs` | [`Gradients`]: what the sweep leaves, and one arena for all adjoints |
//! | `places.rs` | where adjoints lie in it |
//! | `sweep.rs` | the backward sweep |
//! | `inspect.rs` | what the gradient checker reads off a recording |
//! | `finite.rs` | where a recording first leaves the finite numbers |
//! | `ops/` | every operation: value, VJP, domain, kinks and tests side by side |
//!
//! Three decisions keep it small and fast. Every value lies in one arena, an operation's output behind
//! its inputs, so that safe slice splitting gives all the borrows there are. Arrays that the caller
//! owns, parameters above all, are borrowed and not copied. Nothing that does not depend on a leaf has
//! an adjoint, so a constant network costs no weight gradient.
//!
//! ```
//! use ndarray::array;
//! use softac::tape::Tape;
//!
//! let w = array![[0.5], [-0.3]]; // [2, 1]
//! let x = array![[1.0, 2.0], [3.0, -1.0]]; // [2, 2]
//! let tape = Tape::new();
//! let (w, x) = (tape.leaf(&w), tape.constant(&x));
//! let loss = x.matmul(w).tanh().square().mean();
//! let gradients = loss.backward()?;
//! assert_eq!(gradients.wrt(w).dim(), (2, 1));
//! # Ok::<(), softac::tape::TapeError>(())
//! ```

mod error;
mod finite;
mod gradients;
mod inspect;
mod operators;
mod ops;
mod places;
mod record;
mod recorder;
mod sweep;
#[allow(clippy::module_inception, reason = "the type Tape lives in a file of its name")]
mod tape;
mod var;

pub use error::TapeError;
pub(crate) use finite::NonFinite;
pub use gradients::Gradients;
pub(crate) use inspect::{Departure, Local};
#[cfg(test)]
pub(crate) use ops::operation_names;
pub use ops::{Activation, CustomOp, Pullback};
pub(crate) use ops::{Operand, linear};
pub use record::VarId;
pub(crate) use tape::Buffers;
pub use tape::Tape;
pub use var::Var;

/// Rows and columns of a matrix. A scalar is `[1, 1]`, a batch of `B` numbers `[B, 1]`.
pub type Shape = [usize; 2];
