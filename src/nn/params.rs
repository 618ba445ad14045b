//! The parameters of a network: one flat buffer, and names for its parts.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use core::iter::repeat_n;

use ndarray::ArrayView2;

use crate::Scalar;
use crate::kernel::Aligned;
use crate::state::{StateError, Visitor};
use crate::tape::Shape;

/// A named matrix within a flat parameter buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The name, as PyTorch's `state_dict` would have it: `0.weight`, `0.bias`, …
    pub name: String,
    /// Where it begins in the buffer.
    pub start: usize,
    /// Rows and columns; a bias is one row.
    pub shape: Shape,
}

impl Block {
    /// The places it takes in the buffer.
    #[must_use]
    pub fn range(&self) -> core::ops::Range<usize> {
        self.start..self.start + self.shape[0] * self.shape[1]
    }
}

/// Parameters that do not fit the network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// There is no block of this name.
    #[error("the network has no parameters named `{0}`")]
    UnknownBlock(String),
    /// A block was given another number of values than it has places.
    #[error("`{name}` takes {expected} numbers, got {found}")]
    Length {
        /// The block.
        name: String,
        /// Its number of places.
        expected: usize,
        /// How many were given.
        found: usize,
    },
}

/// All parameters of a network, in one buffer.
///
/// Optimiser, averaging, checkpoint, export and gradient check each are one pass over
/// [`as_slice`](Params::as_slice).
#[derive(Clone, Debug, PartialEq)]
pub struct Params<T> {
    values: Aligned<T>,
    blocks: Vec<Block>,
}

impl<T: Scalar> Params<T> {
    /// Zeros, in the layout of `blocks`, which must follow one another without gaps.
    pub(crate) fn zeros(blocks: Vec<Block>) -> Self {
        let len = blocks.last().map_or(0, |block| block.range().end);
        Self { values: Aligned::from_iter(0, repeat_n(T::zero(), len)), blocks }
    }

    /// The whole buffer.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.values
    }

    /// The whole buffer, to be changed.
    #[must_use]
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// Names and places of the parts, in their order.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// One part by its name.
    ///
    /// # Errors
    /// [`ParamsError::UnknownBlock`].
    pub fn view(&self, name: &str) -> Result<ArrayView2<'_, T>, ParamsError> {
        let block = self.find(name)?;
        let view = ArrayView2::from_shape(block.shape, &self.values[block.range()]);
        Ok(view.expect("a block's range fills its shape"))
    }

    /// Overwrites one part, row after row.
    ///
    /// # Errors
    /// [`ParamsError::UnknownBlock`]; [`ParamsError::Length`] if there are too few or too many values.
    pub fn set(&mut self, name: &str, values: &[T]) -> Result<(), ParamsError> {
        let range = self.find(name)?.range();
        if values.len() != range.len() {
            let (expected, found) = (range.len(), values.len());
            return Err(ParamsError::Length { name: name.into(), expected, found });
        }
        self.values[range].copy_from_slice(values);
        Ok(())
    }

    /// Shows every block under its name, after this prefix.
    ///
    /// # Errors
    /// What the visitor said.
    pub fn visit(&mut self, prefix: &str, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        for block in &self.blocks {
            let name = format!("{prefix}.{}", block.name);
            visitor.numbers(&name, block.shape, &mut self.values[block.range()])?;
        }
        Ok(())
    }

    fn find(&self, name: &str) -> Result<&Block, ParamsError> {
        let found = self.blocks.iter().find(|block| block.name == name);
        found.ok_or_else(|| ParamsError::UnknownBlock(name.into()))
    }
}
