//! Products against loops that say what they are.

use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;
use pulp::Simd;

use super::packed::Packed;
use super::{Factor, Finish, Numerics, Output, Panels, Product, Start, all_finite, panels_len};

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
type Unit = (fn(Product<'_, f32>, &mut Panels<f32>), bool);

/// The widest vectors that this processor has, narrower ones, and plain numbers.
fn units() -> Vec<Unit> {
    fn by<S: Simd>(simd: S, product: Product<'_, f32>, panels: &mut Panels<f32>) {
        if product.packs() {
            simd.vectorize(Packed { product, panels });
        } else {
            simd.vectorize(product);
        }
    }
    let mut units: Vec<Unit> = vec![(|product, panels| by(pulp::Scalar, product, panels), false)];
    #[cfg(target_arch = "x86_64")]
    {
        let fuses = std::arch::is_x86_feature_detected!("fma");
        units.push((|product, panels| product.compute(panels), fuses));
        if pulp::x86::V3::try_new().is_some() {
            units.push((
                |product, panels| by(pulp::x86::V3::try_new().unwrap(), product, panels),
                fuses,
            ));
        }
    }
    #[cfg(target_arch = "aarch64")]
    units.push((|product, panels| product.compute(panels), true));
    units
}

#[derive(Clone, Copy, Debug)]
struct Case {
    numerics: Numerics,
    shape: [usize; 3],
    /// The left and the right factor.
    transposed: [bool; 2],
    start: u8,
    relu: bool,
    gap: usize,
}

/// Small products, all that are transposed on the right from panels among them.
fn cases() -> impl Strategy<Value = Case> {
    let size = || prop_oneof![1_usize..6, 1_usize..80];
    let rows = prop_oneof![1_usize..6, 1_usize..80, 120_usize..150];
    // More terms than a panel has, and more than two.
    let terms = prop_oneof![1_usize..6, 1_usize..80, 250_usize..600];
    cases_of((rows, terms, size()))
}

/// Products that are computed from panels for their size.
fn large_cases() -> impl Strategy<Value = Case> {
    cases_of((64_usize..150, 280_usize..600, 240_usize..300))
}

fn cases_of(shapes: impl Strategy<Value = (usize, usize, usize)>) -> impl Strategy<Value = Case> {
    let numerics = prop_oneof![Just(Numerics::Fast), Just(Numerics::Portable)];
    let how = (any::<[bool; 2]>(), 0_u8..3, any::<bool>(), 0_usize..3);
    (numerics, shapes, how).prop_map(|(numerics, (m, k, n), (transposed, start, relu, gap))| Case {
        numerics,
        shape: [m, k, n],
        transposed,
        start,
        relu,
        gap,
    })
}

/// The rows of a matrix as columns.
fn transpose([rows, columns]: [usize; 2], x: &[f32]) -> Vec<f32> {
    (0..rows * columns).map(|at| x[(at % rows) * columns + at / rows]).collect()
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

/// Whether every number of the result is the sum in its order, to the bit, and all others are as they were.
fn check(case: Case) -> Result<(), TestCaseError> {
    let Case { numerics, shape: [m, k, n], transposed, start, relu, gap } = case;
    let (a, b, row) = (numbers(m * k, 1), numbers(k * n, 2), numbers(n, 3));
    let stride = n + gap;
    let before = numbers(m * stride, 4);
    let (a_t, b_t) = (transpose([m, k], &a), transpose([k, n], &b));
    let left = if transposed[0] { Factor::Transposed(&a_t) } else { Factor::Rows(&a) };
    let right = if transposed[1] { Factor::Transposed(&b_t) } else { Factor::Rows(&b) };
    let start = [Start::Zero, Start::Row(&row), Start::Result][usize::from(start)];
    let finish = if relu { Finish::Relu } else { Finish::Identity };
    for (compute, fuses) in units() {
        let (mut c, mut panels) = (before.clone(), Panels::new());
        panels.make_room(panels_len([m, k, n], transposed[0], transposed[1]));
        let room = panels.bytes();
        let output = Output { data: &mut c, stride };
        let shape = [m, k, n];
        let product = Product { numerics, shape, left, right, start, finish, output };
        compute(product, &mut panels);
        prop_assert_eq!(panels.bytes(), room);
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
                let one_column = n == 1 && !transposed[0];
                let sum = by_definition(fused, &a[i * k..][..k], &column, start, one_column);
                let expected = if relu && sum < 0.0 { 0.0 } else { sum };
                prop_assert_eq!(c[at].to_bits(), expected.to_bits(), "[{}, {}]", i, j);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn every_number_of_a_product_is_the_sum_in_its_order_to_the_bit(case in cases()) {
        check(case)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn every_number_of_a_large_product_is_the_sum_in_its_order_to_the_bit(case in large_cases()) {
        prop_assert!(panels_len(case.shape, false, false) > 0);
        check(case)?;
    }
}
