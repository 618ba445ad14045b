//! Transposition.

/// Rows that are read side by side.
const BLOCK: usize = 4;

/// `target: [C, R] ← sourceᵀ` for `source: [R, C]`.
///
/// It reads few rows at a time, in the order of memory, which prefetches well; with a narrow target, what it
/// writes stays in the cache.
pub(crate) fn transpose<T: Copy>([rows, columns]: [usize; 2], source: &[T], target: &mut [T]) {
    let (blocks, rest) = (rows / BLOCK, rows % BLOCK);
    for block in 0..blocks {
        let first = block * BLOCK;
        let block: [&[T]; BLOCK] =
            core::array::from_fn(|i| &source[(first + i) * columns..][..columns]);
        for (j, column) in target.chunks_exact_mut(rows).enumerate().take(columns) {
            for (place, row) in column[first..first + BLOCK].iter_mut().zip(block) {
                *place = row[j];
            }
        }
    }
    for i in rows - rest..rows {
        let row = &source[i * columns..][..columns];
        for (column, &x) in target.chunks_exact_mut(rows).zip(row) {
            column[i] = x;
        }
    }
}
