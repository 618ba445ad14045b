//! Products of matrices, in one order of summation.

use core::array;

use pulp::{Simd, WithSimd};

use super::Numerics;
use super::element::Element;
use super::tile::{AsColumns, AsRows, Finish, Place, Start, Strided, tiles};

/// A factor of a product.
#[derive(Clone, Copy)]
pub enum Factor<'a, T> {
    /// Row after row.
    Rows(&'a [T]),
    /// The transpose of what lies there row after row.
    Transposed(&'a [T]),
}

/// A matrix to be written, whose rows begin `stride` numbers apart.
pub struct Output<'a, T> {
    pub data: &'a mut [T],
    pub stride: usize,
}

/// `C ← finish(A B + start)` with `C: [M, N]` and `K` terms in each sum.
///
/// The sum of each number runs over k = 0, 1, …, K − 1 and begins with `start`. Only a product by one
/// column is summed otherwise: in sixteen parts, k modulo 16, which are then added pairwise.
///
/// Large products are computed [from copies](super::packed) of their factors. Sizes alone decide which, and no bit
/// depends on it.
pub struct Product<'a, T> {
    pub numerics: Numerics,
    /// M, K, N
    pub shape: [usize; 3],
    /// `[M, K]`
    pub left: Factor<'a, T>,
    /// `[K, N]`
    pub right: Factor<'a, T>,
    pub start: Start<'a, T>,
    pub finish: Finish,
    pub output: Output<'a, T>,
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
        let (Factor::Rows(b) | Factor::Transposed(b)) = self.right;
        if let ([_, _, 1], Factor::Rows(rows)) = (self.shape, self.left) {
            return self.dots::<S, FUSED>(simd, rows, b);
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
        let [m, k, n] = self.shape;
        // The last rows are computed again rather than fewer than R.
        let first = i.min(m - R);
        let (Factor::Rows(b) | Factor::Transposed(b)) = self.right;
        let right = Strided { data: b, stride: n };
        let Output { data, stride } = &mut self.output;
        let (start, finish) = (self.start, self.finish);
        let result = &mut data[first * *stride..];
        let place = Place { start, finish, result, stride: *stride, skip: i - first };
        match self.left {
            Factor::Rows(a) => {
                let left = AsRows(array::from_fn::<_, R, _>(|r| &a[(first + r) * k..][..k]));
                tiles::<T, S, _, FUSED, R, V>(simd, n, left, right, k, place);
            }
            Factor::Transposed(a) => {
                let left = AsColumns(Strided { data: &a[first..], stride: m });
                tiles::<T, S, _, FUSED, R, V>(simd, n, left, right, k, place);
            }
        }
        R - (i - first)
    }
}
