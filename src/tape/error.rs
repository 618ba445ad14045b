//! What the tape refuses, and why.

use super::Shape;

/// A computation that has no meaning on a tape.
///
/// The first error of a recording stays on the tape: later operations do nothing, and every way of
/// getting a number out ([`Var::value`](super::Var::value), [`Var::item`](super::Var::item),
/// [`Var::backward`](super::Var::backward)) returns it. Equations can therefore be written without a
/// `?` on every line, and no error is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TapeError {
    /// Operands whose shapes do not fit the operation. Nothing is broadcast silently.
    #[error("{op}: shapes {left:?} and {right:?} do not fit; {rule}")]
    Shapes {
        /// The operation.
        op: &'static str,
        /// Shape of the first operand.
        left: Shape,
        /// Shape of the second operand, or of the result that was asked for.
        right: Shape,
        /// What the operation needs.
        rule: &'static str,
    },
    /// An operand of a shape that the operation does not take.
    #[error("{op}: shape {shape:?} does not fit; {rule}")]
    Shape {
        /// The operation.
        op: &'static str,
        /// Shape of the operand.
        shape: Shape,
        /// What the operation needs.
        rule: &'static str,
    },
    /// A range that reaches past the end of the operand, or an empty one.
    #[error("{op}: the range {start}..{end} is empty or reaches past the length {length}")]
    Range {
        /// The operation.
        op: &'static str,
        /// First index.
        start: usize,
        /// One past the last index.
        end: usize,
        /// Length of what is indexed.
        length: usize,
    },
    /// No operation takes this many inputs.
    #[error("{op}: {count} inputs; an operation has from one to three")]
    Inputs {
        /// The operation.
        op: &'static str,
        /// The number of inputs that it was given.
        count: usize,
    },
    /// A variable of one tape was used with a variable of another.
    #[error(
        "{op}: the operands are recorded on different tapes; bring values over with `constant`"
    )]
    ForeignVariable {
        /// The operation.
        op: &'static str,
    },
    /// `block` was called on something that is neither parameters nor constant.
    #[error("block: only a row of parameters (a leaf) or of constants can be split into blocks")]
    NotALeaf,
}
