//! The operations: for each its shape rule, value and VJP, with domain and kinks in its comment.
//!
//! At kinks and ties the conventions are PyTorch's, so that gradients can be compared like for like:
//! relu′(0) = 0, clamp′ = 1 on the bounds, and a tie of `min` gives half to either side.

mod activation;
mod affine;
mod binary;
mod call;
mod custom;
mod custom_op;
mod layout;
mod numerics;
mod reduce;
mod unary;

pub use activation::Activation;
pub(crate) use affine::{Affine, linear};
pub(crate) use binary::Binary;
pub(crate) use call::{Adjoint, Call, Context, MAX_INPUTS, Operand, Scratch};
pub(crate) use custom::Custom;
pub(crate) use custom_op::Customs;
pub use custom_op::{CustomOp, Pullback};
pub(crate) use layout::Layout;
pub(crate) use reduce::{Extent, Reduce};
pub(crate) use unary::Unary;

use super::Shape;
use super::error::TapeError;
use crate::Scalar;
use crate::kernel::Panels;

/// What a node of the tape computes from its inputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Op<T> {
    /// An input of the computation; gradients are taken with respect to leaves.
    Leaf,
    /// An input that counts as constant.
    Constant,
    /// The input's value, cut off from its gradient. Shares the input's memory.
    Detach,
    /// A matrix cut from a row of parameters, beginning at `start`. Shares the row's memory.
    Block { start: usize, shape: Shape },
    /// One number in, one number out.
    Unary(Unary<T>),
    /// Two matrices of one shape, element by element.
    Binary(Binary),
    /// Products and what goes with them in a linear layer.
    Affine(Affine),
    /// Sums and means.
    Reduce(Reduce),
    /// Columns taken, put side by side, or repeated.
    Layout(Layout),
    /// Brought along by the user.
    Custom(Custom),
}

impl<T: Scalar> Op<T> {
    /// The name in error messages and reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Leaf => "leaf",
            Self::Constant => "constant",
            Self::Detach => "detach",
            Self::Block { .. } => "block",
            Self::Unary(op) => op.name(),
            Self::Binary(op) => op.name(),
            Self::Affine(op) => op.name(),
            Self::Reduce(op) => op.name(),
            Self::Layout(op) => op.name(),
            Self::Custom(op) => op.name,
        }
    }

    /// Shape of the output, or why there is none.
    pub fn shape(
        &self,
        customs: Customs<'_, T>,
        inputs: &[Shape; MAX_INPUTS],
    ) -> Result<Shape, TapeError> {
        let [x, other, _] = *inputs;
        match *self {
            Self::Leaf | Self::Constant | Self::Detach | Self::Unary(_) => Ok(x),
            Self::Block { start, shape } => {
                let length = x[1];
                let end = start.saturating_add(shape[0].saturating_mul(shape[1]));
                if x[0] != 1 || end > length || end == start {
                    return Err(TapeError::Range { op: "block", start, end, length });
                }
                Ok(shape)
            }
            Self::Binary(op) => op.shape(x, other),
            Self::Affine(op) => op.shape(inputs),
            Self::Reduce(op) => Ok(op.shape(x)),
            Self::Layout(op) => op.shape(inputs),
            Self::Custom(op) => op.shape(customs, inputs),
        }
    }

    /// Whether the output shares the memory of its first input instead of having its own.
    pub fn is_alias(&self) -> bool {
        matches!(self, Self::Detach | Self::Block { .. })
    }

    /// How many numbers the [panels](Panels) take of its value.
    pub fn value_panels(&self, inputs: [Shape; MAX_INPUTS]) -> usize {
        if let Self::Affine(op) = self { op.value_panels(inputs) } else { 0 }
    }

    /// How many numbers the panels take of its VJP by this input, whose columns are tracked from this one on.
    pub fn vjp_panels(
        &self,
        which: usize,
        inputs: [Shape; MAX_INPUTS],
        first_tracked: usize,
    ) -> usize {
        if let Self::Affine(op) = self { op.vjp_panels(which, inputs, first_tracked) } else { 0 }
    }

    /// Writes the output's value.
    pub fn value(
        &self,
        context: Context<'_, T>,
        inputs: &[Operand<'_, T>; MAX_INPUTS],
        shape: Shape,
        output: &mut [T],
        panels: &mut Panels<T>,
    ) {
        match self {
            Self::Leaf | Self::Constant | Self::Detach | Self::Block { .. } => {}
            Self::Unary(op) => op.value(inputs[0].data, output),
            Self::Binary(op) => op.value(inputs[0].data, inputs[1].data, output),
            Self::Affine(op) => op.value(context.numerics, inputs, output, panels),
            Self::Reduce(op) => op.value(inputs[0], output),
            Self::Layout(op) => op.value(inputs, output),
            Self::Custom(op) => op.value(context.customs, inputs, shape, output),
        }
    }

    /// Adds the contribution `x̄ += ȳ ∂y/∂x` to the adjoint of input number `which`.
    pub fn vjp(&self, call: &Call<'_, T>, which: usize, adjoint: Adjoint<'_, T>) {
        match self {
            Self::Leaf | Self::Constant | Self::Detach | Self::Block { .. } => {}
            Self::Unary(op) => op.vjp(call, adjoint),
            Self::Binary(op) => op.vjp(call, which, adjoint),
            Self::Affine(op) => op.vjp(call, which, adjoint),
            Self::Reduce(op) => op.vjp(call, adjoint),
            Self::Layout(op) => op.vjp(call, which, adjoint),
            Self::Custom(op) => op.vjp(call, which, adjoint),
        }
    }
}

/// The names of all operations, read off the arms of the `name` functions: those are complete, the
/// compiler sees to that.
#[cfg(test)]
pub(crate) fn operation_names() -> impl Iterator<Item = &'static str> {
    let sources = [
        include_str!("mod.rs"),
        include_str!("unary.rs"),
        include_str!("binary.rs"),
        include_str!("affine.rs"),
        include_str!("reduce.rs"),
        include_str!("layout.rs"),
    ];
    let arms = sources.into_iter().flat_map(|source| source.split("=> \"").skip(1));
    arms.filter_map(|arm| arm.split_once("\",\n")).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_list_of_names_is_read_in_full() {
        let names: alloc::vec::Vec<_> = super::operation_names().collect();
        assert_eq!(names.len(), 4 + 10 + 4 + 5 + 6 + 3, "{names:?}");
    }
}
