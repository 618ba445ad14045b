//! Products by one column.

use pulp::Simd;

use super::element::Element;
use super::product::Product;
use super::tile::Start;

/// In how many parts such a sum is taken, whatever the vector width.
const PARTS: usize = 16;

impl<T: Element> Product<'_, T> {
    /// Every row times the column.
    #[inline(always)]
    pub(super) fn dots<S: Simd, const FUSED: bool>(self, simd: S, rows: &[T]) {
        let [m, k, _] = self.shape;
        for i in 0..m {
            let place = &mut self.output.data[i * self.output.stride];
            let start = match self.start {
                Start::Zero => T::ZERO,
                Start::Row(row) => row[0],
                Start::Result => *place,
            };
            *place = start + dot::<T, S, FUSED>(simd, &rows[i * k..][..k], self.right);
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
