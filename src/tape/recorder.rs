//! What a variable asks of its tape.

use core::cell::RefCell;

use super::Shape;
use super::error::TapeError;
use super::gradients::Gradients;
use super::ops::Op;
use super::record::{Record, VarId};
use crate::Scalar;

/// What a [`Var`](super::Var) asks of its tape. The trait object erases how long borrowed arrays
/// live, so that a variable carries one lifetime and equations stay readable.
pub(super) trait Recorder<T: Scalar> {
    fn push(&self, op: Op<T>, inputs: &[VarId]) -> VarId;
    /// Keeps the error, unless there is an earlier one.
    fn refuse(&self, error: TapeError) -> VarId;
    fn shape(&self, id: VarId) -> Shape;
    /// Gives the value to `read`, or the tape's error.
    fn read(&self, id: VarId, read: &mut dyn FnMut(&[T])) -> Result<(), TapeError>;
    fn backward(
        &self,
        id: VarId,
        cotangent: Option<&[T]>,
        gradients: &mut Gradients<T>,
    ) -> Result<(), TapeError>;
}

// No method calls out while it holds the cell, except for `read`, and `push` and `backward` where a
// `CustomOp` is on the tape. Their callees cannot reach a tape: the borrows below never collide.
impl<T: Scalar> Recorder<T> for RefCell<Record<'_, T>> {
    fn push(&self, op: Op<T>, inputs: &[VarId]) -> VarId {
        let pushed = self.borrow_mut().push(op, inputs);
        pushed.unwrap_or_else(|error| self.refuse(error))
    }

    fn refuse(&self, error: TapeError) -> VarId {
        self.borrow_mut().error.get_or_insert(error);
        VarId::REFUSED
    }

    fn shape(&self, id: VarId) -> Shape {
        self.borrow().nodes().get(id.index()).map_or([0, 0], |node| node.shape)
    }

    fn read(&self, id: VarId, read: &mut dyn FnMut(&[T])) -> Result<(), TapeError> {
        let record = self.borrow();
        record.error.map_or(Ok(()), Err)?;
        read(record.operand(id).data);
        Ok(())
    }

    fn backward(
        &self,
        id: VarId,
        cotangent: Option<&[T]>,
        gradients: &mut Gradients<T>,
    ) -> Result<(), TapeError> {
        let record = self.borrow();
        record.error.map_or(Ok(()), Err)?;
        gradients.sweep(&record, id, cotangent);
        Ok(())
    }
}
