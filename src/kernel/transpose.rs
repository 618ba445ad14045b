//! Transposition.

/// `target: [C, R] ← sourceᵀ` for `source: [R, C]`.
///
/// It reads in the order of memory, which prefetches well; with few rows, what it writes stays in the cache.
pub(crate) fn transpose<T: Copy>([rows, columns]: [usize; 2], source: &[T], target: &mut [T]) {
    for (i, row) in source.chunks_exact(columns).enumerate() {
        for (column, &x) in target.chunks_exact_mut(rows).zip(row) {
            column[i] = x;
        }
    }
}
