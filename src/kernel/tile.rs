//! The inner loop of every product: a tile of the result that stays in registers.

use core::array;

use pulp::Simd;

use super::element::Element;

/// R rows of a left factor, by their place in the sum.
pub(super) trait LeftRows<T, const R: usize>: Copy {
    /// The numbers `a[0][p], …, a[R − 1][p]`, not read yet.
    type At: Copy;
    fn at(self, p: usize) -> Self::At;
    fn number(self, at: Self::At, r: usize) -> T;
}

/// R rows of a matrix `[M, K]`.
#[derive(Clone, Copy)]
pub(super) struct AsRows<'a, T, const R: usize>(pub [&'a [T]; R]);

impl<T: Copy, const R: usize> LeftRows<T, R> for AsRows<'_, T, R> {
    type At = usize;
    #[inline(always)]
    fn at(self, p: usize) -> usize {
        p
    }
    #[inline(always)]
    fn number(self, p: usize, r: usize) -> T {
        self.0[r][p]
    }
}

/// R columns of a matrix `[K, M]`.
#[derive(Clone, Copy)]
pub(super) struct AsColumns<'a, T>(pub Strided<'a, T>);

impl<'a, T: Copy, const R: usize> LeftRows<T, R> for AsColumns<'a, T> {
    type At = &'a [T];
    #[inline(always)]
    fn at(self, p: usize) -> &'a [T] {
        self.0.row(p, R)
    }
    #[inline(always)]
    fn number(self, row: &'a [T], r: usize) -> T {
        row[r]
    }
}

/// A part of a matrix, from its first number on: rows begin `stride` numbers apart.
#[derive(Clone, Copy)]
pub(super) struct Strided<'a, T> {
    pub data: &'a [T],
    pub stride: usize,
}

impl<'a, T> Strided<'a, T> {
    #[inline(always)]
    pub fn row(self, i: usize, width: usize) -> &'a [T] {
        &self.rest_from(i)[..width]
    }

    #[inline(always)]
    pub fn rest_from(self, i: usize) -> &'a [T] {
        &self.data[i * self.stride..]
    }
}

/// How the columns of a tile lie in vectors.
pub(super) trait Columns: Copy {
    /// The vectors of one row.
    type Vectors<T: Element, S: Simd>: Copy + AsRef<[T::Vector<S>]> + AsMut<[T::Vector<S>]>;

    fn width<T: Element, S: Simd>(self) -> usize;
    fn splat<T: Element, S: Simd>(self, simd: S, x: T) -> Self::Vectors<T, S>;
    fn load<T: Element, S: Simd>(self, simd: S, row: &[T]) -> Self::Vectors<T, S>;
    /// Loads a row from the beginning of `rest`; lanes beyond its columns may hold anything.
    #[inline(always)]
    fn load_from<T: Element, S: Simd>(self, simd: S, rest: &[T]) -> Self::Vectors<T, S> {
        self.load(simd, &rest[..self.width::<T, S>()])
    }
    fn store<T: Element, S: Simd>(self, simd: S, row: &mut [T], vectors: Self::Vectors<T, S>);
}

/// V whole vectors.
#[derive(Clone, Copy)]
pub(super) struct Whole<const V: usize>;

impl<const V: usize> Columns for Whole<V> {
    type Vectors<T: Element, S: Simd> = [T::Vector<S>; V];

    #[inline(always)]
    fn width<T: Element, S: Simd>(self) -> usize {
        V * T::lanes::<S>()
    }

    #[inline(always)]
    fn splat<T: Element, S: Simd>(self, simd: S, x: T) -> Self::Vectors<T, S> {
        [T::splat(simd, x); V]
    }

    #[inline(always)]
    fn load<T: Element, S: Simd>(self, _simd: S, row: &[T]) -> Self::Vectors<T, S> {
        let vectors = T::vectors::<S>(row);
        array::from_fn(|v| vectors[v])
    }

    #[inline(always)]
    fn store<T: Element, S: Simd>(self, _simd: S, row: &mut [T], vectors: Self::Vectors<T, S>) {
        T::vectors_mut::<S>(row)[..V].copy_from_slice(&vectors);
    }
}

/// A part of one vector: so many columns.
#[derive(Clone, Copy)]
pub(super) struct Part(pub usize);

impl Columns for Part {
    type Vectors<T: Element, S: Simd> = [T::Vector<S>; 1];

    #[inline(always)]
    fn width<T: Element, S: Simd>(self) -> usize {
        self.0
    }

    #[inline(always)]
    fn splat<T: Element, S: Simd>(self, simd: S, x: T) -> Self::Vectors<T, S> {
        [T::splat(simd, x)]
    }

    #[inline(always)]
    fn load<T: Element, S: Simd>(self, simd: S, row: &[T]) -> Self::Vectors<T, S> {
        [T::load_part(simd, row)]
    }

    /// Whole vectors are much faster to load than parts of them, so this reads on into the next row where
    /// there is one.
    #[inline(always)]
    fn load_from<T: Element, S: Simd>(self, simd: S, rest: &[T]) -> Self::Vectors<T, S> {
        match T::vectors::<S>(rest).first() {
            Some(&vector) => [vector],
            None => self.load(simd, &rest[..self.0]),
        }
    }

    #[inline(always)]
    fn store<T: Element, S: Simd>(self, simd: S, row: &mut [T], [vector]: Self::Vectors<T, S>) {
        T::store_part(simd, row, vector);
    }
}

/// What the sums begin with.
#[derive(Clone, Copy)]
pub(crate) enum Start<'a, T> {
    /// Nothing.
    Zero,
    /// A row, the same for all rows of the result.
    Row(&'a [T]),
    /// What the result holds already.
    Result,
}

/// Where a tile goes.
pub(super) struct Place<'a, T> {
    /// The result from the tile's first number on, rows `stride` numbers apart.
    pub result: &'a mut [T],
    pub stride: usize,
    /// The first rows, so many, are not stored: another tile has done so.
    pub skip: usize,
}

/// `C ← A B + start` for R rows and some columns: each number is one chain of [`Element::mul_add`] over
/// p = 0, 1, …, K − 1.
#[inline(always)]
pub(super) fn tile<T: Element, S: Simd, C: Columns, const FUSED: bool, const R: usize>(
    simd: S,
    columns: C,
    left: impl LeftRows<T, R>,
    right: Strided<'_, T>, // [K, columns]
    terms: usize,
    start: Start<'_, T>,
    Place { result, stride, skip }: Place<'_, T>,
) {
    let width = columns.width::<T, S>();
    let mut sums: [C::Vectors<T, S>; R] = match start {
        Start::Zero => [columns.splat(simd, T::ZERO); R],
        Start::Row(row) => [columns.load(simd, &row[..width]); R],
        Start::Result => array::from_fn(|r| columns.load(simd, &result[r * stride..][..width])),
    };
    for p in 0..terms {
        let b = columns.load_from(simd, right.rest_from(p));
        let a = left.at(p);
        for (r, sums) in sums.iter_mut().enumerate() {
            let a = T::splat(simd, left.number(a, r));
            for (sum, &b) in sums.as_mut().iter_mut().zip(b.as_ref()) {
                *sum = T::mul_add::<S, FUSED>(simd, a, b, *sum);
            }
        }
    }
    // A condition rather than `skip(skip)`: with a count that is known the sums stay in registers.
    for (r, &sums) in sums.iter().enumerate() {
        if r >= skip {
            columns.store(simd, &mut result[r * stride..][..width], sums);
        }
    }
}
