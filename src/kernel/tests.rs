//! Products against loops that say what they are.

use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;
use pulp::{Simd, WithSimd};

use super::{Left, Numerics, Output, Product, Start, all_finite, transpose};

/// Numbers without a pattern.
fn numbers(len: usize, seed: usize) -> Vec<f32> {
    (0..len).map(|i| ((i * 7 + seed * 13) as f32 * 0.731).sin()).collect()
}

/// `fma(a[K−1], b[K−1], … fma(a[0], b[0], start))`, or the sum in sixteen parts of a single column.
fn by_definition(fused: bool, a: &[f32], b: &[f32], start: f32, one_column: bool) -> f32 {
    let mul_add = |a: f32, b: f32, c: f32| if fused { a.mul_add(b, c) } else { a * b + c };
    if !one_column {
        return a.iter().zip(b).fold(start, |sum, (&a, &b)| mul_add(a, b, sum));
    }
    let mut parts = [0.0; 16];
    for (k, (&a, &b)) in a.iter().zip(b).enumerate() {
        parts[k % 16] = mul_add(a, b, parts[k % 16]);
    }
    for half in [8, 4, 2, 1] {
        (0..half).for_each(|l| parts[l] += parts[l + half]);
    }
    start + parts[0]
}

/// A way of this processor to compute, and whether it fuses multiplication and addition.
type Unit = (fn(Product<'_, f32>), bool);

/// The widest vectors that this processor has, narrower ones, and plain numbers.
fn units() -> Vec<Unit> {
    let mut units: Vec<Unit> = vec![(|product| product.with_simd(pulp::Scalar), false)];
    #[cfg(target_arch = "x86_64")]
    {
        let fuses = std::arch::is_x86_feature_detected!("fma");
        units.push((|product| product.compute(), fuses));
        if pulp::x86::V3::try_new().is_some() {
            let v3 = |product: Product<'_, f32>| {
                Simd::vectorize(pulp::x86::V3::try_new().unwrap(), product);
            };
            units.push((v3, fuses));
        }
    }
    #[cfg(target_arch = "aarch64")]
    units.push((|product| product.compute(), true));
    units
}

#[derive(Clone, Copy, Debug)]
struct Case {
    numerics: Numerics,
    shape: [usize; 3],
    transposed: bool,
    start: u8,
    gap: usize,
}

fn cases() -> impl Strategy<Value = Case> {
    let numerics = prop_oneof![Just(Numerics::Fast), Just(Numerics::Portable)];
    let size = || prop_oneof![1_usize..6, 1_usize..80];
    (numerics, [size(), size(), size()], any::<bool>(), 0_u8..3, 0_usize..3).prop_map(
        |(numerics, shape, transposed, start, gap)| Case {
            numerics,
            shape,
            transposed,
            start,
            gap,
        },
    )
}

#[test]
fn numbers_are_all_finite_without_a_nan_and_without_an_infinity() {
    let finite = [1.0, -0.0, f32::MAX, f32::MIN, f32::MIN_POSITIVE];
    assert!(all_finite(&finite));
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for at in 0..finite.len() {
            let mut x = finite;
            x[at] = bad;
            assert!(!all_finite(&x), "{x:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn every_number_of_a_product_is_the_sum_in_its_order_to_the_bit(case in cases()) {
        let Case { numerics, shape: [m, k, n], transposed, start, gap } = case;
        let (a, b, row) = (numbers(m * k, 1), numbers(k * n, 2), numbers(n, 3));
        let stride = n + gap;
        let before = numbers(m * stride, 4);
        let mut a_t = vec![0.0; k * m];
        transpose([m, k], &a, &mut a_t);
        let (left, start) = (
            if transposed { Left::Transposed(&a_t) } else { Left::Rows(&a) },
            [Start::Zero, Start::Row(&row), Start::Result][usize::from(start)],
        );
        for (compute, fuses) in units() {
            let mut c = before.clone();
            let output = Output { data: &mut c, stride };
            compute(Product { numerics, shape: [m, k, n], left, right: &b, start, output });
            let fused = fuses && numerics == Numerics::Fast;
            for i in 0..m {
                for j in 0..stride {
                    let at = i * stride + j;
                    if j >= n {
                        prop_assert_eq!(c[at], before[at], "between the rows");
                        continue;
                    }
                    let start = match start {
                        Start::Zero => 0.0,
                        Start::Row(row) => row[j],
                        Start::Result => before[at],
                    };
                    let column: Vec<_> = (0..k).map(|p| b[p * n + j]).collect();
                    let one_column = n == 1 && !transposed;
                    let expected =
                        by_definition(fused, &a[i * k..][..k], &column, start, one_column);
                    prop_assert_eq!(c[at].to_bits(), expected.to_bits(), "[{}, {}]", i, j);
                }
            }
        }
    }

    #[test]
    fn a_transpose_has_rows_for_columns(rows in 1_usize..70, columns in 1_usize..70) {
        let source = numbers(rows * columns, 5);
        let mut target = vec![0.0; columns * rows];
        transpose([rows, columns], &source, &mut target);
        for (at, &x) in source.iter().enumerate() {
            prop_assert_eq!(target[(at % columns) * rows + at / columns], x);
        }
    }
}
