//! The shapes of a batch and its noise, checked before anything is changed; and its rows.

use core::ops::Range;

use ndarray::{Array2, ArrayView2, Axis, Slice};

use crate::Scalar;
use crate::replay::Batch;
use crate::tape::TapeError;

/// Refuses a batch without transitions, or with others than of S and A numbers.
pub(crate) fn check_batch<T: Scalar>(
    batch: &Batch<T>,
    s: usize,
    a: usize,
) -> Result<(), TapeError> {
    let b = batch.observations.nrows();
    if b == 0 {
        let rule = "a batch needs at least one transition";
        return Err(TapeError::Shape { op: "update", shape: [b, s], rule });
    }
    for (array, columns) in [
        (&batch.observations, s),
        (&batch.actions, a),
        (&batch.rewards, 1),
        (&batch.next_observations, s),
        (&batch.terminated, 1),
    ] {
        check_columns(batch, array, columns)?;
    }
    Ok(())
}

/// Refuses what does not have the rows of the batch and these columns.
pub(crate) fn check_columns<T: Scalar>(
    batch: &Batch<T>,
    array: &Array2<T>,
    columns: usize,
) -> Result<(), TapeError> {
    let rule = "batch and noise must have the rows of one batch and the networks' columns";
    let (left, right) = (array.dim().into(), [batch.observations.nrows(), columns]);
    let other = || TapeError::Shapes { op: "update", left, right, rule };
    (left == right).then_some(()).ok_or_else(other)
}

/// These rows of a matrix.
pub(crate) fn rows_of<'a, T>(matrix: &'a Array2<T>, rows: &Range<usize>) -> ArrayView2<'a, T> {
    matrix.slice_axis(Axis(0), Slice::from(rows.clone()))
}
