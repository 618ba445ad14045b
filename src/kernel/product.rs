//! Products of matrices, in one order of summation.

use core::array;

use pulp::{Arch, Simd, WithSimd};

use super::Numerics;
use super::element::Element;
use super::tile::{AsColumns, AsRows, Columns, LeftRows, Part, Place, Start, Strided, Whole, tile};

/// The left factor `[M, K]` of a product.
#[derive(Clone, Copy)]
pub(crate) enum Left<'a, T> {
    /// Row after row.
    Rows(&'a [T]),
    /// The transpose of what lies there row after row: `[K, M]`.
    Transposed(&'a [T]),
}

/// A matrix to be written, whose rows begin `stride` numbers apart.
pub(crate) struct Output<'a, T> {
    pub data: &'a mut [T],
    pub stride: usize,
}

/// `C ← A B + start` with `C: [M, N]` and `K` terms in each sum.
///
/// The sum of each number runs over k = 0, 1, …, K − 1 and begins with `start`. Only a product by one
/// column is summed otherwise: in sixteen parts, k modulo 16, which are then added pairwise.
pub(crate) struct Product<'a, T> {
    pub numerics: Numerics,
    /// M, K, N
    pub shape: [usize; 3],
    pub left: Left<'a, T>,
    /// `[K, N]`
    pub right: &'a [T],
    pub start: Start<'a, T>,
    pub output: Output<'a, T>,
}

impl<T: Element> Product<'_, T> {
    /// Computes it, with the vector instructions of this processor.
    pub fn compute(self) {
        Arch::new().dispatch(self);
    }
}

impl<T: Element> WithSimd for Product<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.numerics {
            Numerics::Fast => self.run::<S, true>(simd),
            Numerics::Portable => self.run::<S, false>(simd),
        }
    }
}

impl<T: Element> Product<'_, T> {
    #[inline(always)]
    fn run<S: Simd, const FUSED: bool>(mut self, simd: S) {
        if let ([_, _, 1], Left::Rows(rows)) = (self.shape, self.left) {
            return self.dots::<S, FUSED>(simd, rows);
        }
        let mut i = 0;
        while i < self.shape[0] {
            let (all, rest) = (self.shape[0], self.shape[0] - i);
            // Two vectors of eight rows take sixteen registers for their sums alone.
            i += if S::REGISTER_COUNT >= 32 && all >= 8 && rest > 4 {
                self.rows::<S, FUSED, 8, 2>(simd, i)
            } else if all >= 4 {
                self.rows::<S, FUSED, 4, 2>(simd, i)
            } else {
                self.rows::<S, FUSED, 1, 4>(simd, i)
            };
        }
    }

    /// R rows of the result from row i on, in tiles of V vectors; how many are new.
    #[inline(always)]
    fn rows<S: Simd, const FUSED: bool, const R: usize, const V: usize>(
        &mut self,
        simd: S,
        i: usize,
    ) -> usize {
        let [m, k, _] = self.shape;
        // The last rows are computed again rather than fewer than R.
        let first = i.min(m - R);
        match self.left {
            Left::Rows(a) => {
                let rows = AsRows(array::from_fn::<_, R, _>(|r| &a[(first + r) * k..][..k]));
                self.row_of_tiles::<S, _, FUSED, R, V>(simd, rows, first, i - first);
            }
            Left::Transposed(a) => {
                let rows = AsColumns(Strided { data: &a[first..], stride: m });
                self.row_of_tiles::<S, _, FUSED, R, V>(simd, rows, first, i - first);
            }
        }
        R - (i - first)
    }

    #[inline(always)]
    fn row_of_tiles<
        S: Simd,
        L: LeftRows<T, R>,
        const FUSED: bool,
        const R: usize,
        const V: usize,
    >(
        &mut self,
        simd: S,
        left: L,
        first: usize,
        skip: usize,
    ) {
        let (n, lanes) = (self.shape[2], T::lanes::<S>());
        let mut j = 0;
        while n - j >= V * lanes {
            self.tile::<S, L, _, FUSED, R>(simd, Whole::<V>, left, [first, j], skip);
            j += V * lanes;
        }
        while n - j >= lanes {
            self.tile::<S, L, _, FUSED, R>(simd, Whole::<1>, left, [first, j], skip);
            j += lanes;
        }
        if j < n {
            self.tile::<S, L, _, FUSED, R>(simd, Part(n - j), left, [first, j], skip);
        }
    }

    #[inline(always)]
    fn tile<S: Simd, L: LeftRows<T, R>, C: Columns, const FUSED: bool, const R: usize>(
        &mut self,
        simd: S,
        columns: C,
        left: L,
        [i, j]: [usize; 2],
        skip: usize,
    ) {
        let [_, k, n] = self.shape;
        let right = Strided { data: &self.right[j..], stride: n };
        let start = match self.start {
            Start::Row(row) => Start::Row(&row[j..]),
            other => other,
        };
        let stride = self.output.stride;
        let place = Place { result: &mut self.output.data[i * stride + j..], stride, skip };
        tile::<T, S, C, FUSED, R>(simd, columns, left, right, k, start, place);
    }
}
