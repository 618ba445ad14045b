//! What an operation reads and writes.

use alloc::vec::Vec;

use ndarray::{ArrayView2, ArrayViewMut2};

use super::custom_op::Customs;
use crate::Scalar;
use crate::kernel::{Numerics, Panels, vectorised};
use crate::tape::Shape;

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
    pub scratch: &'a mut Scratch<T>,
}

/// Memory that VJPs work in.
#[derive(Clone, Debug)]
pub(crate) struct Scratch<T> {
    /// The contribution of a VJP that can only store.
    pub contribution: Vec<T>,
    pub panels: Panels<T>,
}

impl<T: Scalar> Scratch<T> {
    /// None yet.
    pub fn new() -> Self {
        Self { contribution: Vec::new(), panels: Panels::new() }
    }

    /// The memory that is held, in bytes.
    pub fn bytes(&self) -> usize {
        self.contribution.capacity() * size_of::<T>() + self.panels.bytes()
    }
}

impl<'a, T: Scalar> Adjoint<'a, T> {
    /// Adds one contribution per element, in order.
    pub fn add(self, contributions: impl Iterator<Item = T>) {
        vectorised!(|| {
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
        let contribution = &mut self.scratch.contribution;
        contribution.clear();
        contribution.resize(self.data.len(), T::zero());
        write(contribution);
        vectorised!(|| self.data.iter_mut().zip(&*contribution).for_each(|(x, &c)| *x += c));
    }
}

/// What a VJP may read: the recorded inputs and output, and the output's adjoint.
pub(crate) struct Call<'a, T> {
    pub inputs: [Operand<'a, T>; MAX_INPUTS],
    pub output: Operand<'a, T>,
    /// Adjoint of the output, ȳ. For a fused activation: already of the pre-activation.
    pub cotangent: &'a [T],
    /// The rows of the output that the cotangent is of, if the others are zero and left out.
    pub rows: Option<&'a [u32]>,
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
