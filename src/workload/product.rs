//! One product, as an update computes it.

use crate::kernel::{Factor, Finish, Output, Panels, Product, Start};
use crate::{Numerics, Scalar};

/// `C: [M, N] = A B` with sums of K terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductShape {
    /// Rows of A and C.
    pub m: usize,
    /// Columns of A, rows of B.
    pub k: usize,
    /// Columns of B and C.
    pub n: usize,
    /// The factor whose transpose lies in memory.
    pub transposed: Transposed,
}

/// The factor of a product whose transpose lies in memory instead of the factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transposed {
    /// None: a forward pass, `X W`.
    Neither,
    /// The left factor: the gradient of weights, `Xᵀ dY`.
    Left,
    /// The right factor: the gradient of inputs, `dY Wᵀ`.
    Right,
}

/// A product's operands, each row after row.
pub struct ProductOperands<'a, T> {
    /// Their shapes.
    pub shape: ProductShape,
    /// A: `[M, K]`, or Aᵀ: `[K, M]`
    pub left: &'a [T],
    /// B: `[K, N]`, or Bᵀ: `[N, K]`
    pub right: &'a [T],
    /// C: `[M, N]`
    pub result: &'a mut [T],
}

impl ProductShape {
    /// Floating-point operations.
    #[must_use]
    pub fn flop(self) -> f64 {
        2.0 * self.m as f64 * self.k as f64 * self.n as f64
    }
}

/// What products are computed in, kept from one to the next.
#[derive(Clone, Debug, Default)]
pub struct ProductMemory<T>(Panels<T>);

impl<T> ProductMemory<T> {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Panels::new())
    }
}

/// Computes a product with the engine's kernel. Transposing a factor is part of it.
///
/// ```
/// use softac::Numerics;
/// use softac::workload::{ProductMemory, ProductOperands, ProductShape, Transposed, product};
///
/// let shape = ProductShape { m: 1, k: 2, n: 2, transposed: Transposed::Right };
/// let (left, right, result) = (&[1.0, 2.0], &[3.0, 4.0, 5.0, 6.0], &mut [0.0; 2]);
/// let operands = ProductOperands { shape, left, right, result };
/// product(Numerics::Fast, operands, &mut ProductMemory::new());
/// assert_eq!(result, &[11.0, 17.0]);
/// ```
///
/// # Panics
/// If a slice does not have the length of its shape.
pub fn product<T: Scalar>(
    numerics: Numerics,
    operands: ProductOperands<'_, T>,
    memory: &mut ProductMemory<T>,
) {
    let ProductOperands { shape: ProductShape { m, k, n, transposed }, left, right, result } =
        operands;
    assert!(left.len() == m * k && right.len() == k * n && result.len() == m * n);
    let factor = |numbers, lies| {
        if transposed == lies { Factor::Transposed(numbers) } else { Factor::Rows(numbers) }
    };
    Product {
        numerics,
        shape: [m, k, n],
        left: factor(left, Transposed::Left),
        right: factor(right, Transposed::Right),
        start: Start::Zero,
        finish: Finish::Identity,
        output: Output { data: result, stride: n },
    }
    .compute(&mut memory.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_the_sums_of_its_terms_whichever_factor_is_transposed() {
        for (m, k, n) in [(5, 7, 70), (3, 40, 32), (4, 1, 33), (4, 6, 1), (1, 9, 40)] {
            // Small integers: every sum is exact, in any order.
            let a = |i: usize, l: usize| ((3 * i + 5 * l) % 7) as f64 - 3.0;
            let b = |l: usize, j: usize| ((4 * l + 3 * j) % 11) as f64 - 5.0;
            let sum = |i, j| (0..k).map(|l| a(i, l) * b(l, j)).sum::<f64>();
            let expected: Vec<_> = (0..m * n).map(|at| sum(at / n, at % n)).collect();
            for transposed in [Transposed::Neither, Transposed::Left, Transposed::Right] {
                let left: Vec<_> = match transposed {
                    Transposed::Left => (0..k * m).map(|at| a(at % m, at / m)).collect(),
                    _ => (0..m * k).map(|at| a(at / k, at % k)).collect(),
                };
                let right: Vec<_> = match transposed {
                    Transposed::Right => (0..n * k).map(|at| b(at % k, at / k)).collect(),
                    _ => (0..k * n).map(|at| b(at / n, at % n)).collect(),
                };
                let mut result = vec![f64::NAN; m * n];
                let shape = ProductShape { m, k, n, transposed };
                let operands =
                    ProductOperands { shape, left: &left, right: &right, result: &mut result };
                product(Numerics::Fast, operands, &mut ProductMemory::new());
                assert_eq!(result, expected, "{shape:?}");
            }
        }
    }
}
