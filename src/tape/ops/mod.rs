//! The operations: for each its shape rule, value and VJP, with domain and kinks in its comment.
//!
//! At kinks and ties the conventions are PyTorch's, so that gradients can be compared like for like:
//! relu′(0) = 0, clamp′ = 1 on the bounds, and a tie of `min` gives half to either side.

mod activation;
mod affine;
mod binary;
mod custom;
mod layout;
mod numerics;
mod reduce;
mod unary;

pub use activation::Activation;
pub(crate) use affine::Affine;
pub(crate) use binary::Binary;
pub(crate) use custom::{Custom, Customs};
pub use custom::{CustomOp, Pullback};
pub(crate) use layout::Layout;
pub(crate) use reduce::{Extent, Reduce};
pub(crate) use unary::Unary;

use alloc::vec::Vec;

use ndarray::{ArrayView2, ArrayViewMut2};

use super::{Shape, TapeError};
use crate::Scalar;
use crate::kernel::{Numerics, vectorised};

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

/// A matrix that an operation reads: row after row, without gaps.
#[derive(Clone, Copy)]
pub(crate) struct Operand<'a, T> {
    pub data: &'a [T],
    pub shape: Shape,
}

impl<'a, T> Operand<'a, T> {
    pub fn view(self) -> ArrayView2<'a, T> {
        ArrayView2::from_shape(self.shape, self.data).expect("an operand's data fills its shape")
    }
}

pub(crate) fn view_mut<T>(shape: Shape, data: &mut [T]) -> ArrayViewMut2<'_, T> {
    ArrayViewMut2::from_shape(shape, data).expect("the data fills the shape")
}

/// The adjoint of one input, to which a VJP adds its contribution.
pub(crate) struct Adjoint<'a, T> {
    pub data: &'a mut [T],
    /// Whether nothing has been written yet: the first contribution is stored, later ones are added,
    /// so that no adjoint needs to be filled with zeros first.
    pub fresh: bool,
    /// The first column whose adjoint is of use.
    pub first_tracked: usize,
    /// A buffer for VJPs that can only store.
    pub scratch: &'a mut Vec<T>,
}

impl<'a, T: Scalar> Adjoint<'a, T> {
    /// Adds one contribution per element, in order.
    pub fn add(self, contributions: impl Iterator<Item = T>) {
        vectorised(|| {
            let terms = self.data.iter_mut().zip(contributions);
            if self.fresh {
                terms.for_each(|(x, c)| *x = c);
            } else {
                terms.for_each(|(x, c)| *x += c);
            }
        });
    }

    /// All elements, zeroed if nothing has been written yet: for VJPs that touch only some of them.
    pub fn accumulated(self) -> &'a mut [T] {
        if self.fresh {
            self.data.fill(T::zero());
        }
        self.data
    }

    /// Adds what `write` stores into zeros.
    pub fn add_written(self, write: impl FnOnce(&mut [T])) {
        if self.fresh {
            self.data.fill(T::zero());
            return write(self.data);
        }
        self.scratch.clear();
        self.scratch.resize(self.data.len(), T::zero());
        write(self.scratch);
        vectorised(|| self.data.iter_mut().zip(&*self.scratch).for_each(|(x, &c)| *x += c));
    }
}

/// What a VJP may read: the recorded inputs and output, and the output's adjoint.
pub(crate) struct Call<'a, T> {
    pub inputs: [Operand<'a, T>; MAX_INPUTS],
    pub output: Operand<'a, T>,
    /// Adjoint of the output, ȳ. For a fused activation: already of the pre-activation.
    pub cotangent: &'a [T],
    pub context: Context<'a, T>,
}

/// What operations use besides their inputs.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a, T> {
    pub numerics: Numerics,
    pub customs: Customs<'a, T>,
}

/// No operation has more inputs than this (linear: input, weight, bias).
pub(crate) const MAX_INPUTS: usize = 3;

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

    /// Writes the output's value.
    pub fn value(
        &self,
        context: Context<'_, T>,
        inputs: &[Operand<'_, T>; MAX_INPUTS],
        shape: Shape,
        output: &mut [T],
    ) {
        match self {
            Self::Leaf | Self::Constant | Self::Detach | Self::Block { .. } => {}
            Self::Unary(op) => op.value(inputs[0].data, output),
            Self::Binary(op) => op.value(inputs[0].data, inputs[1].data, output),
            Self::Affine(op) => op.value(context.numerics, inputs, output),
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
