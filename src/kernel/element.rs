//! Vectors of numbers, written once for `f32` and `f64`.

use core::ops::Add;

use pulp::Simd;

/// A number that the kernels compute in: what a vector unit S does with as many of them as one of its
/// registers holds.
pub trait Element: Copy + PartialOrd + Add<Output = Self> + Send + Sync + 'static {
    /// 0.
    const ZERO: Self;

    /// One register full.
    type Vector<S: Simd>: Copy;

    /// How many numbers that is.
    fn lanes<S: Simd>() -> usize;

    /// The same number in every lane.
    fn splat<S: Simd>(simd: S, x: Self) -> Self::Vector<S>;

    /// The slice as whole vectors; what is left over is not among them.
    fn vectors<S: Simd>(x: &[Self]) -> &[Self::Vector<S>];

    /// The slice as whole vectors, to be written.
    fn vectors_mut<S: Simd>(x: &mut [Self]) -> &mut [Self::Vector<S>];

    /// A slice shorter than a vector: the other lanes are 0.
    fn load_part<S: Simd>(simd: S, x: &[Self]) -> Self::Vector<S>;

    /// Writes a slice shorter than a vector; the other lanes are dropped.
    fn store_part<S: Simd>(simd: S, x: &mut [Self], vector: Self::Vector<S>);

    /// `a + b`, rounded.
    fn plus<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;

    /// The sum of all lanes, halving: upper half onto lower half, until one is left.
    fn reduce_sum<S: Simd>(simd: S, x: Self::Vector<S>) -> Self;

    /// `max(x, 0)`; NaN stays NaN, and zero keeps its sign.
    fn relu<S: Simd>(simd: S, x: Self::Vector<S>) -> Self::Vector<S>;

    /// `a b + c`: rounded once if FUSED and the processor can, else after the product and after the sum.
    fn mul_add<S: Simd, const FUSED: bool>(
        simd: S,
        a: Self::Vector<S>,
        b: Self::Vector<S>,
        c: Self::Vector<S>,
    ) -> Self::Vector<S>;
}

macro_rules! element {
    (
        $number:ty,
        $vector:ident,
        $lanes:ident,
        [$splat:ident, $as_simd:ident, $as_mut_simd:ident, $load:ident, $store:ident],
        [$add:ident, $mul:ident, $mul_add:ident, $reduce_sum:ident],
        [$less_than:ident, $select:ident]
    ) => {
        impl Element for $number {
            const ZERO: Self = 0.0;

            type Vector<S: Simd> = S::$vector;

            #[inline(always)]
            fn lanes<S: Simd>() -> usize {
                S::$lanes
            }

            #[inline(always)]
            fn splat<S: Simd>(simd: S, x: Self) -> S::$vector {
                simd.$splat(x)
            }

            #[inline(always)]
            fn vectors<S: Simd>(x: &[Self]) -> &[S::$vector] {
                S::$as_simd(x).0
            }

            #[inline(always)]
            fn vectors_mut<S: Simd>(x: &mut [Self]) -> &mut [S::$vector] {
                S::$as_mut_simd(x).0
            }

            #[inline(always)]
            fn load_part<S: Simd>(simd: S, x: &[Self]) -> S::$vector {
                simd.$load(x)
            }

            #[inline(always)]
            fn store_part<S: Simd>(simd: S, x: &mut [Self], vector: S::$vector) {
                simd.$store(x, vector);
            }

            #[inline(always)]
            fn plus<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$add(a, b)
            }

            #[inline(always)]
            fn reduce_sum<S: Simd>(simd: S, x: S::$vector) -> Self {
                simd.$reduce_sum(x)
            }

            #[inline(always)]
            fn relu<S: Simd>(simd: S, x: S::$vector) -> S::$vector {
                let zero = simd.$splat(0.0);
                simd.$select(simd.$less_than(x, zero), zero, x)
            }

            #[inline(always)]
            fn mul_add<S: Simd, const FUSED: bool>(
                simd: S,
                a: S::$vector,
                b: S::$vector,
                c: S::$vector,
            ) -> S::$vector {
                if FUSED { simd.$mul_add(a, b, c) } else { simd.$add(simd.$mul(a, b), c) }
            }
        }
    };
}

element!(
    f32,
    f32s,
    F32_LANES,
    [splat_f32s, as_simd_f32s, as_mut_simd_f32s, partial_load_f32s, partial_store_f32s],
    [add_f32s, mul_f32s, mul_add_e_f32s, reduce_sum_f32s],
    [less_than_f32s, select_f32s]
);
element!(
    f64,
    f64s,
    F64_LANES,
    [splat_f64s, as_simd_f64s, as_mut_simd_f64s, partial_load_f64s, partial_store_f64s],
    [add_f64s, mul_f64s, mul_add_e_f64s, reduce_sum_f64s],
    [less_than_f64s, select_f64s]
);
