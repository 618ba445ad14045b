//! Large products: what tiles read is copied first.

use core::array;
use core::ops::Range;

use pulp::{Simd, WithSimd};

use super::Numerics;
use super::element::Element;
use super::panels::{
    LeftPanel, PANEL, Panels, ROWS, RightPanel, TERMS, first_of, lengths, pack_left, pack_rows,
    pack_transposed,
};
use super::product::{Factor, Output, Product};
use super::tile::{AsRows, Finish, Place, Start, Strided, tiles};

/// Rows of a result that make up for copying a panel of the right factor.
const WORTH_PACKING: usize = 64;
/// Numbers of a right factor that lie at hand as they are.
const AT_HAND: usize = 1 << 16;

/// Terms of a sum that are worth looking up eight at a time.
const LONG: usize = 32;

/// Whether a product is computed from panels.
fn packs([m, k, n]: [usize; 3], right_transposed: bool) -> bool {
    // A single row or column is its own transpose.
    let transposes = right_transposed && k > 1 && n > 1;
    transposes || (m >= WORTH_PACKING && n >= PANEL && k * n > AT_HAND)
}

/// How many numbers the panels take of a product.
pub(crate) fn panels_len(
    shape: [usize; 3],
    left_transposed: bool,
    right_transposed: bool,
) -> usize {
    if packs(shape, right_transposed) { lengths(shape, left_transposed).iter().sum() } else { 0 }
}

/// Some terms of the sums in a part of the result.
struct Part {
    rows: Range<usize>,
    terms: Range<usize>,
    columns: Range<usize>,
}

/// Some terms of the sums in some columns of the result.
#[derive(Clone, Copy)]
struct Block<'b, T> {
    first_term: usize,
    first_column: usize,
    columns: usize,
    right: &'b [[T; PANEL]],
    start: Start<'b, T>,
    finish: Finish,
}

/// The parts of `0..len`, each but the last so long.
#[inline(always)]
fn parts(len: usize, part: usize) -> impl Iterator<Item = Range<usize>> {
    (0..len).step_by(part).map(
        #[inline(always)]
        move |first| first..len.min(first + part),
    )
}

/// A product that is computed from panels, and memory for them.
pub(super) struct Packed<'a, 'p, T> {
    pub product: Product<'a, T>,
    pub panels: &'p mut Panels<T>,
}

impl<T: Element> WithSimd for Packed<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.product.numerics {
            Numerics::Fast => self.run::<S, true>(simd),
            Numerics::Portable => self.run::<S, false>(simd),
        }
    }
}

impl<T: Element> Packed<'_, '_, T> {
    #[inline(always)]
    fn run<S: Simd, const FUSED: bool>(self, simd: S) {
        let [_, k, n] = self.product.shape;
        if k >= LONG && n >= PANEL {
            self.with_rows::<S, FUSED, true>(simd);
        } else {
            self.with_rows::<S, FUSED, false>(simd);
        }
    }

    #[inline(always)]
    fn with_rows<S: Simd, const FUSED: bool, const LONG: bool>(self, simd: S) {
        let Self { mut product, panels } = self;
        match product.shape[0] {
            // Two vectors of eight rows take sixteen registers for their sums alone.
            m if m >= 8 && S::REGISTER_COUNT >= 32 => {
                product.packed::<S, FUSED, LONG, 8>(simd, panels);
            }
            m if m >= 4 => product.packed::<S, FUSED, LONG, 4>(simd, panels),
            _ => product.packed::<S, FUSED, LONG, 1>(simd, panels),
        }
    }
}

impl<T: Element> Product<'_, T> {
    /// Whether it is computed from panels.
    pub(super) fn packs(&self) -> bool {
        packs(self.shape, matches!(self.right, Factor::Transposed(_)))
    }

    /// The product from panels of its right factor, and of its left factor where that lies transposed.
    #[inline(always)]
    pub(super) fn packed<S: Simd, const FUSED: bool, const LONG: bool, const R: usize>(
        &mut self,
        simd: S,
        panels: &mut Panels<T>,
    ) {
        let [m, k, n] = self.shape;
        let transposed = matches!(self.left, Factor::Transposed(_));
        let [right, left] = panels.parts(lengths(self.shape, transposed));
        let (right, left) = (right.as_chunks_mut().0, left.as_chunks_mut::<R>().0);
        if let Factor::Transposed(a_t) = self.left {
            let a_t = Strided { data: a_t, stride: m };
            for rows in parts(m, ROWS) {
                for terms in parts(k, TERMS) {
                    pack_left(a_t, terms.clone(), rows.clone(), left);
                    for columns in parts(n, PANEL) {
                        let part = Part { rows: rows.clone(), terms: terms.clone(), columns };
                        self.part::<S, FUSED, LONG, R>(simd, part, right, left);
                    }
                }
            }
        } else {
            // All terms of some columns first: their sums are still at hand when they go on.
            for columns in parts(n, PANEL) {
                for terms in parts(k, TERMS) {
                    let part = Part { rows: 0..m, terms, columns: columns.clone() };
                    self.part::<S, FUSED, LONG, R>(simd, part, right, left);
                }
            }
        }
    }

    /// Some terms of the sums in a part of the result.
    #[inline(always)]
    fn part<S: Simd, const FUSED: bool, const LONG: bool, const R: usize>(
        &mut self,
        simd: S,
        Part { rows, terms, columns }: Part,
        right: &mut [[T; PANEL]],
        left: &[[T; R]],
    ) {
        let k = self.shape[1];
        self.pack_right(terms.clone(), columns.clone(), right);
        let block = Block {
            first_term: terms.start,
            first_column: columns.start,
            columns: columns.len(),
            right: &right[..terms.len()],
            start: match self.start {
                _ if terms.start > 0 => Start::Result,
                Start::Row(row) => Start::Row(&row[columns]),
                start => start,
            },
            finish: if terms.end == k { self.finish } else { Finish::Identity },
        };
        for i in rows.clone().step_by(R) {
            let left = left.get((i - rows.start) / R * terms.len()..).unwrap_or_default();
            self.rows_of_block::<S, FUSED, LONG, R>(simd, i, rows.end, left, block);
        }
    }

    #[inline(always)]
    fn pack_right(&self, terms: Range<usize>, columns: Range<usize>, panel: &mut [[T; PANEL]]) {
        let [_, k, n] = self.shape;
        match self.right {
            Factor::Rows(b) => pack_rows(Strided { data: b, stride: n }, terms, columns, panel),
            Factor::Transposed(b_t) => {
                pack_transposed(Strided { data: b_t, stride: k }, terms, columns, panel);
            }
        }
    }

    /// R rows of a block, from row i on.
    #[inline(always)]
    fn rows_of_block<S: Simd, const FUSED: bool, const LONG: bool, const R: usize>(
        &mut self,
        simd: S,
        i: usize,
        end: usize,
        left: &[[T; R]],
        block: Block<'_, T>,
    ) {
        let (k, terms) = (self.shape[1], block.right.len());
        let first = first_of::<R>(i, end);
        let Output { data, stride } = &mut self.output;
        let result = &mut data[first * *stride + block.first_column..];
        let Block { start, finish, columns, .. } = block;
        let place = Place { start, finish, result, stride: *stride, skip: i - first };
        let right = RightPanel::<_, LONG> { rows: block.right, first: 0 };
        if let Factor::Rows(a) = self.left {
            let a = &a[first * k + block.first_term..];
            let left = AsRows(array::from_fn(|r| &a[r * k..][..terms]));
            tiles::<T, S, _, FUSED, R, 2>(simd, columns, left, right, terms, place);
        } else {
            let left = LeftPanel(&left[..terms]);
            tiles::<T, S, _, FUSED, R, 2>(simd, columns, left, right, terms, place);
        }
    }
}
