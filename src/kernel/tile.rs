//! The inner loop of every product: a tile of the result that stays in registers.

use core::array;

use pulp::Simd;

use super::element::Element;

/// Terms of a sum that are looked up at a time.
pub(super) const EIGHT: usize = 8;

/// Some numbers of R rows of a left factor, by their place in the sum.
pub(super) trait LeftNumbers<T, const R: usize>: Copy {
    /// The numbers `a[0][p], …, a[R − 1][p]`, not read yet.
    type At: Copy;
    fn at(self, p: usize) -> Self::At;
    fn number(self, at: Self::At, r: usize) -> T;
}

/// R rows of a left factor.
pub(super) trait LeftRows<T, const R: usize>: LeftNumbers<T, R> {
    type Eight: LeftNumbers<T, R>;
    /// The numbers at p, …, p + 7: looked up once, they are read without checks.
    fn eight(self, p: usize) -> Self::Eight;
}

/// R rows of a matrix `[M, K]`.
#[derive(Clone, Copy)]
pub(super) struct AsRows<'a, T, const R: usize>(pub [&'a [T]; R]);

impl<T: Copy, const R: usize> LeftNumbers<T, R> for AsRows<'_, T, R> {
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

impl<'a, T: Copy, const R: usize> LeftRows<T, R> for AsRows<'a, T, R> {
    type Eight = EightOfRows<'a, T, R>;
    #[inline(always)]
    fn eight(self, p: usize) -> EightOfRows<'a, T, R> {
        EightOfRows(array::from_fn(|r| self.0[r][p..].first_chunk().expect("there are eight")))
    }
}

/// Eight numbers of each of R rows.
#[derive(Clone, Copy)]
pub(super) struct EightOfRows<'a, T, const R: usize>([&'a [T; EIGHT]; R]);

impl<T: Copy, const R: usize> LeftNumbers<T, R> for EightOfRows<'_, T, R> {
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

impl<'a, T: Copy, const R: usize> LeftNumbers<T, R> for AsColumns<'a, T> {
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

impl<T: Copy, const R: usize> LeftRows<T, R> for AsColumns<'_, T> {
    type Eight = Self;
    #[inline(always)]
    fn eight(self, p: usize) -> Self {
        Self(self.0.from(p))
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

    /// What is left from row i on.
    #[inline(always)]
    pub fn from(self, i: usize) -> Self {
        Self { data: &self.data[i * self.stride..], stride: self.stride }
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
struct Whole<const V: usize>;

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
struct Part(usize);

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
pub enum Start<'a, T> {
    /// Nothing.
    Zero,
    /// A row, the same for all rows of the result.
    Row(&'a [T]),
    /// What the result holds already.
    Result,
}

/// What is done to each sum once it is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// Nothing.
    Identity,
    /// `max(x, 0)`
    Relu,
}

/// Some rows of a right factor, by their place in the sum.
pub(super) trait RightNumbers<T: Element>: Copy {
    /// Loads the tile's columns of row p.
    fn load<S: Simd, C: Columns>(self, simd: S, columns: C, p: usize) -> C::Vectors<T, S>;
}

/// The rows of a right factor.
pub(super) trait RightRows<T: Element>: RightNumbers<T> {
    /// Whether it pays to look up eight rows at a time.
    const BY_EIGHT: bool;
    type Eight: RightNumbers<T>;
    /// The same without the first columns, so many.
    fn beyond(self, j: usize) -> Self;
    /// The rows p, …, p + 7.
    fn eight(self, p: usize) -> Self::Eight;
}

impl<T: Element> RightNumbers<T> for Strided<'_, T> {
    #[inline(always)]
    fn load<S: Simd, C: Columns>(self, simd: S, columns: C, p: usize) -> C::Vectors<T, S> {
        columns.load_from(simd, self.rest_from(p))
    }
}

impl<T: Element> RightRows<T> for Strided<'_, T> {
    const BY_EIGHT: bool = false;
    type Eight = Self;
    #[inline(always)]
    fn beyond(self, j: usize) -> Self {
        Self { data: &self.data[j..], stride: self.stride }
    }
    #[inline(always)]
    fn eight(self, p: usize) -> Self {
        self.from(p)
    }
}

/// What sums begin with and end with, and where they go.
pub(super) struct Place<'a, T> {
    pub start: Start<'a, T>,
    pub finish: Finish,
    /// The result from the first number on, rows `stride` numbers apart.
    pub result: &'a mut [T],
    pub stride: usize,
    /// The first rows, so many, are not stored: others have done so.
    pub skip: usize,
}

impl<T: Copy> Place<'_, T> {
    /// The same without the first columns, so many.
    #[inline(always)]
    fn beyond(&mut self, j: usize) -> Place<'_, T> {
        let start = match self.start {
            Start::Row(row) => Start::Row(&row[j..]),
            other => other,
        };
        Place { start, result: &mut self.result[j..], ..*self }
    }
}

/// `C ← finish(A B + start)` for R rows and so many columns, in tiles of V vectors, of one vector, and of a part of
/// one.
#[inline(always)]
pub(super) fn tiles<T, S, B, const FUSED: bool, const R: usize, const V: usize>(
    simd: S,
    columns: usize,
    left: impl LeftRows<T, R>,
    right: B, // [K, columns]
    terms: usize,
    mut place: Place<'_, T>,
) where
    T: Element,
    S: Simd,
    B: RightRows<T>,
{
    let lanes = T::lanes::<S>();
    let mut j = 0;
    while columns - j >= V * lanes {
        let (right, place) = (right.beyond(j), place.beyond(j));
        tile::<T, S, _, B, FUSED, R>(simd, Whole::<V>, left, right, terms, place);
        j += V * lanes;
    }
    while columns - j >= lanes {
        let (right, place) = (right.beyond(j), place.beyond(j));
        tile::<T, S, _, B, FUSED, R>(simd, Whole::<1>, left, right, terms, place);
        j += lanes;
    }
    if j < columns {
        let (right, place) = (right.beyond(j), place.beyond(j));
        tile::<T, S, _, B, FUSED, R>(simd, Part(columns - j), left, right, terms, place);
    }
}

/// `C ← finish(A B + start)` for R rows and some columns: each number is one chain of [`Element::mul_add`] over
/// p = 0, 1, …, K − 1.
#[inline(always)]
fn tile<T, S, C, B, const FUSED: bool, const R: usize>(
    simd: S,
    columns: C,
    left: impl LeftRows<T, R>,
    right: B, // [K, columns]
    terms: usize,
    place: Place<'_, T>,
) where
    T: Element,
    S: Simd,
    C: Columns,
    B: RightRows<T>,
{
    let Place { start, finish, result, stride, skip } = place;
    let width = columns.width::<T, S>();
    let mut sums: [C::Vectors<T, S>; R] = match start {
        Start::Zero => [columns.splat(simd, T::ZERO); R],
        Start::Row(row) => [columns.load(simd, &row[..width]); R],
        Start::Result => array::from_fn(|r| columns.load(simd, &result[r * stride..][..width])),
    };
    let whole = if B::BY_EIGHT { terms / EIGHT * EIGHT } else { 0 };
    for p in (0..whole).step_by(EIGHT) {
        let (left, right) = (left.eight(p), right.eight(p));
        for p in 0..EIGHT {
            add_term::<T, S, C, FUSED, R>(simd, columns, left, right, p, &mut sums);
        }
    }
    for p in whole..terms {
        add_term::<T, S, C, FUSED, R>(simd, columns, left, right, p, &mut sums);
    }
    if finish == Finish::Relu {
        for sums in &mut sums {
            for sum in sums.as_mut() {
                *sum = T::relu(simd, *sum);
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

/// `sums += a[.., p] b[p, ..]`
#[inline(always)]
fn add_term<T: Element, S: Simd, C: Columns, const FUSED: bool, const R: usize>(
    simd: S,
    columns: C,
    left: impl LeftNumbers<T, R>,
    right: impl RightNumbers<T>,
    p: usize,
    sums: &mut [C::Vectors<T, S>; R],
) {
    let b = right.load(simd, columns, p);
    let a = left.at(p);
    for (r, sums) in sums.iter_mut().enumerate() {
        let a = T::splat(simd, left.number(a, r));
        for (sum, &b) in sums.as_mut().iter_mut().zip(b.as_ref()) {
            *sum = T::mul_add::<S, FUSED>(simd, a, b, *sum);
        }
    }
}
