//! Transposition.

use super::Element;

/// Rows of a block that is transposed while it is at hand.
const BLOCK: usize = 16;

/// `target: [C, R] ← sourceᵀ` for `source: [R, C]`.
pub(crate) fn transpose<T: Element>([rows, columns]: [usize; 2], source: &[T], target: &mut [T]) {
    for first in (0..rows).step_by(BLOCK) {
        let height = BLOCK.min(rows - first);
        for (j, column) in target.chunks_exact_mut(rows).enumerate().take(columns) {
            for (i, place) in column[first..first + height].iter_mut().enumerate() {
                *place = source[(first + i) * columns + j];
            }
        }
    }
}
