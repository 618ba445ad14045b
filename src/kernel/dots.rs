//! Products by one column.

use core::array;

use pulp::Simd;

use super::element::Element;
use super::product::Product;
use super::tile::{Finish, Start};

/// In how many parts such a sum is taken, whatever the vector width.
const PARTS: usize = 16;

/// Rows that are computed side by side, so that their sums do not wait for each other.
const SIDE_BY_SIDE: usize = 4;

/// Terms of a sum that take longer than what comes before and after.
const LONG: usize = 128;

impl<T: Element> Product<'_, T> {
    /// Every row times the column.
    #[inline(always)]
    pub(super) fn dots<S: Simd, const FUSED: bool>(mut self, simd: S, rows: &[T], column: &[T]) {
        let [m, k, _] = self.shape;
        let mut first = 0;
        if T::lanes::<S>() == PARTS && k >= LONG {
            while m - first >= SIDE_BY_SIDE {
                let a = array::from_fn(|r| &rows[(first + r) * k..][..k]);
                let sums = dots::<T, S, FUSED, SIDE_BY_SIDE>(simd, a, column);
                for (r, sum) in sums.into_iter().enumerate() {
                    self.put(first + r, sum);
                }
                first += SIDE_BY_SIDE;
            }
        }
        for i in first..m {
            self.put(i, dot::<T, S, FUSED>(simd, &rows[i * k..][..k], column));
        }
    }

    /// Finishes the number of row i, whose sum this is.
    #[inline(always)]
    fn put(&mut self, i: usize, sum: T) {
        let place = &mut self.output.data[i * self.output.stride];
        let start = match self.start {
            Start::Zero => T::ZERO,
            Start::Row(row) => row[0],
            Start::Result => *place,
        };
        *place = start + sum;
        if self.finish == Finish::Relu && *place < T::ZERO {
            *place = T::ZERO;
        }
    }
}

/// `Σₖ a[k] b[k]`: part l sums k = l, l + 16, l + 32, …, and the parts are added pairwise.
#[inline(always)]
fn dot<T: Element, S: Simd, const FUSED: bool>(simd: S, a: &[T], b: &[T]) -> T {
    let lanes = T::lanes::<S>();
    let vectors = PARTS / lanes;
    let mut sums = [T::splat(simd, T::ZERO); PARTS];
    let (a_whole, a_rest) = a.as_chunks::<PARTS>();
    let (b_whole, b_rest) = b.as_chunks::<PARTS>();
    for (a, b) in a_whole.iter().zip(b_whole) {
        let (a, b) = (T::vectors::<S>(a), T::vectors::<S>(b));
        for v in 0..vectors {
            sums[v] = T::mul_add::<S, FUSED>(simd, a[v], b[v], sums[v]);
        }
    }
    for (v, (a, b)) in a_rest.chunks(lanes).zip(b_rest.chunks(lanes)).enumerate() {
        let (a, b) = (T::load_part(simd, a), T::load_part(simd, b));
        sums[v] = T::mul_add::<S, FUSED>(simd, a, b, sums[v]);
    }
    let mut count = vectors;
    while count > 1 {
        count /= 2;
        for v in 0..count {
            sums[v] = T::plus(simd, sums[v], sums[v + count]);
        }
    }
    T::reduce_sum(simd, sums[0])
}

/// The same for R rows a at a time, where one register holds all parts.
#[inline(always)]
fn dots<T: Element, S: Simd, const FUSED: bool, const R: usize>(
    simd: S,
    a: [&[T]; R],
    b: &[T],
) -> [T; R] {
    let (b_whole, b_rest) = b.as_chunks::<PARTS>();
    let mut sums = [T::splat(simd, T::ZERO); R];
    for (p, b) in b_whole.iter().enumerate() {
        let b = T::vectors::<S>(b)[0];
        for (sum, a) in sums.iter_mut().zip(a) {
            let a = T::vectors::<S>(&a[p * PARTS..][..PARTS])[0];
            *sum = T::mul_add::<S, FUSED>(simd, a, b, *sum);
        }
    }
    if !b_rest.is_empty() {
        let b = T::load_part(simd, b_rest);
        for (sum, a) in sums.iter_mut().zip(a) {
            let a = T::load_part(simd, &a[b_whole.len() * PARTS..]);
            *sum = T::mul_add::<S, FUSED>(simd, a, b, *sum);
        }
    }
    array::from_fn(|r| T::reduce_sum(simd, sums[r]))
}
