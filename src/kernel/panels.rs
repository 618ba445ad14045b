//! Parts of matrices, copied so that a tile reads them one number after the other.

use core::ops::Range;

use pulp::Simd;

use super::Aligned;
use super::element::Element;
use super::tile::{Columns, EIGHT, LeftNumbers, LeftRows, RightNumbers, RightRows, Strided};

/// Columns of a panel of the right factor: a multiple of the width of every tile.
pub(super) const PANEL: usize = 32;
/// Terms of the sums that are computed at a time: so many rows has a panel of the right factor.
pub(super) const TERMS: usize = 256;
/// Rows of a transposed left factor that are copied at a time.
pub(super) const ROWS: usize = 128;
/// Rows of a tile, at most.
const TALLEST: usize = 8;

/// Memory for the panels of a product, kept from one to the next.
#[derive(Clone, Debug)]
pub struct Panels<T>(Aligned<T>);

impl<T> Default for Panels<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Panels<T> {
    /// None yet.
    pub fn new() -> Self {
        Self(Aligned::new(0))
    }
}

impl<T: Element> Panels<T> {
    /// Room for so many numbers, exactly, where there is less.
    pub fn make_room(&mut self, len: usize) {
        let missing = len.saturating_sub(self.0.len());
        self.0.reserve_exact(missing);
        self.0.resize(self.0.len() + missing, T::ZERO);
    }

    /// The memory that is held, in bytes.
    pub fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<T>()
    }

    /// Room for a panel of the right factor, and for those of a left factor.
    pub(super) fn parts(&mut self, [right, left]: [usize; 2]) -> [&mut [T]; 2] {
        self.make_room(right + left);
        let (right, rest) = self.0.split_at_mut(right);
        [right, &mut rest[..left]]
    }
}

/// How many numbers the panels take of a product `[M, K, N]`: that of its right factor, and those of a left one that
/// lies transposed.
pub(super) fn lengths([m, k, _]: [usize; 3], left_too: bool) -> [usize; 2] {
    let terms = k.min(TERMS);
    let left = if left_too { terms * m.min(ROWS).next_multiple_of(TALLEST) } else { 0 };
    [terms * PANEL, left]
}

/// A panel of a right factor. What lies beyond its columns may be anything.
#[derive(Clone, Copy)]
pub(super) struct RightPanel<'a, T, const BY_EIGHT: bool> {
    pub rows: &'a [[T; PANEL]],
    /// The tile's first column.
    pub first: usize,
}

impl<T: Element, const BY_EIGHT: bool> RightNumbers<T> for RightPanel<'_, T, BY_EIGHT> {
    #[inline(always)]
    fn load<S: Simd, C: Columns>(self, simd: S, columns: C, p: usize) -> C::Vectors<T, S> {
        columns.load_from(simd, &self.rows[p][self.first..])
    }
}

impl<'a, T: Element, const BY_EIGHT: bool> RightRows<T> for RightPanel<'a, T, BY_EIGHT> {
    const BY_EIGHT: bool = BY_EIGHT;
    type Eight = EightOfRight<'a, T>;
    #[inline(always)]
    fn beyond(self, j: usize) -> Self {
        Self { first: self.first + j, ..self }
    }
    #[inline(always)]
    fn eight(self, p: usize) -> EightOfRight<'a, T> {
        let rows = self.rows[p..].first_chunk().expect("there are eight");
        EightOfRight { rows, first: self.first }
    }
}

/// Eight rows of a panel.
#[derive(Clone, Copy)]
pub(super) struct EightOfRight<'a, T> {
    rows: &'a [[T; PANEL]; EIGHT],
    first: usize,
}

impl<T: Element> RightNumbers<T> for EightOfRight<'_, T> {
    #[inline(always)]
    fn load<S: Simd, C: Columns>(self, simd: S, columns: C, p: usize) -> C::Vectors<T, S> {
        columns.load_from(simd, &self.rows[p][self.first..])
    }
}

/// A panel of a left factor: its p-th numbers, one of each row.
#[derive(Clone, Copy)]
pub(super) struct LeftPanel<'a, T, const R: usize>(pub &'a [[T; R]]);

impl<'a, T: Copy, const R: usize> LeftNumbers<T, R> for LeftPanel<'a, T, R> {
    type At = &'a [T; R];
    #[inline(always)]
    fn at(self, p: usize) -> &'a [T; R] {
        &self.0[p]
    }
    #[inline(always)]
    fn number(self, at: &'a [T; R], r: usize) -> T {
        at[r]
    }
}

impl<'a, T: Copy, const R: usize> LeftRows<T, R> for LeftPanel<'a, T, R> {
    type Eight = EightOfLeft<'a, T, R>;
    #[inline(always)]
    fn eight(self, p: usize) -> EightOfLeft<'a, T, R> {
        EightOfLeft(self.0[p..].first_chunk().expect("there are eight"))
    }
}

/// Eight numbers of each row of a panel.
#[derive(Clone, Copy)]
pub(super) struct EightOfLeft<'a, T, const R: usize>(&'a [[T; R]; EIGHT]);

impl<'a, T: Copy, const R: usize> LeftNumbers<T, R> for EightOfLeft<'a, T, R> {
    type At = &'a [T; R];
    #[inline(always)]
    fn at(self, p: usize) -> &'a [T; R] {
        &self.0[p]
    }
    #[inline(always)]
    fn number(self, at: &'a [T; R], r: usize) -> T {
        at[r]
    }
}

/// `panel[p][j] ← B[p][j]` for these terms p and columns j of `B: [K, N]`.
#[inline(always)]
pub(super) fn pack_rows<T: Copy>(
    b: Strided<'_, T>,
    terms: Range<usize>,
    columns: Range<usize>,
    panel: &mut [[T; PANEL]],
) {
    for (p, row) in terms.zip(panel) {
        let numbers = &b.rest_from(p)[columns.clone()];
        match numbers.first_chunk() {
            // A length that is known is copied by a few instructions.
            Some(numbers) => *row = *numbers,
            None => row[..numbers.len()].copy_from_slice(numbers),
        }
    }
}

/// Rows that are read side by side.
const SIDE_BY_SIDE: usize = 4;

/// `panel[p][j] ← B[p][j]` where `Bᵀ: [N, K]` lies in memory.
///
/// It reads few rows at a time, in the order of memory, which prefetches well; what it writes stays in the cache.
// Not compiled for wide vectors: their instructions that gather and scatter are slower than single numbers.
#[inline(never)]
pub(super) fn pack_transposed<T: Copy>(
    b_t: Strided<'_, T>,
    terms: Range<usize>,
    columns: Range<usize>,
    panel: &mut [[T; PANEL]],
) {
    let row = |j: usize| &b_t.rest_from(columns.start + j)[terms.clone()];
    let panel = &mut panel[..terms.len()];
    let whole = columns.len() / SIDE_BY_SIDE * SIDE_BY_SIDE;
    for first in (0..whole).step_by(SIDE_BY_SIDE) {
        let rows: [&[T]; SIDE_BY_SIDE] = core::array::from_fn(|i| row(first + i));
        for (p, panel) in panel.iter_mut().enumerate() {
            for (place, row) in panel[first..first + SIDE_BY_SIDE].iter_mut().zip(rows) {
                *place = row[p];
            }
        }
    }
    for j in whole..columns.len() {
        for (panel, &x) in panel.iter_mut().zip(row(j)) {
            panel[j] = x;
        }
    }
}

/// The first of R rows from row i on, the last rows being taken again rather than fewer than R.
#[inline(always)]
pub(super) fn first_of<const R: usize>(i: usize, end: usize) -> usize {
    i.min(end - R)
}

/// Panels of R rows of A, one after the other, where `Aᵀ: [K, M]` lies in memory.
#[inline(always)]
pub(super) fn pack_left<T: Copy, const R: usize>(
    a_t: Strided<'_, T>,
    terms: Range<usize>,
    rows: Range<usize>,
    panels: &mut [[T; R]],
) {
    for (i, panel) in rows.clone().step_by(R).zip(panels.chunks_exact_mut(terms.len())) {
        let first = first_of::<R>(i, rows.end);
        for (term, place) in terms.clone().zip(panel) {
            *place = *a_t.rest_from(term)[first..].first_chunk().expect("there are R rows");
        }
    }
}
