//! Matrix products by this crate and by the libraries that it is compared with.

use std::cell::RefCell;

use aligned_vec::{AVec, ConstAlign};
use softac::Numerics;
use softac::random::{Purpose, Stream, fill_uniform, stream};
use softac::workload::{ProductMemory, ProductOperands, ProductShape, Transposed, product};

use crate::mkl::Mkl;

type Compute = Box<dyn Fn(ProductOperands<'_, f32>)>;

/// A function that computes products.
pub struct Kernel {
    pub name: &'static str,
    pub compute: Compute,
}

/// This crate's kernel, then the libraries'.
pub fn all(mkl: Option<Mkl>) -> Vec<Kernel> {
    let kernel = |name, compute: Compute| Kernel { name, compute };
    let memory = RefCell::new(ProductMemory::new());
    let by_softac = move |operands: ProductOperands<'_, f32>| {
        product(Numerics::Fast, operands, &mut memory.borrow_mut());
    };
    let mut kernels = vec![
        kernel("softac", Box::new(by_softac)),
        kernel("gemm 0.19", Box::new(by_gemm)),
        kernel("matrixmul. 0.3", Box::new(by_matrixmultiply)),
    ];
    if let Some(mkl) = mkl {
        kernels.push(kernel("MKL", Box::new(move |operands| mkl.compute(operands))));
    }
    kernels
}

/// Numbers that begin with a cache line, as those of the engine do.
type Matrix = AVec<f32, ConstAlign<64>>;

/// Memory for the operands of a product.
pub struct Memory {
    shape: ProductShape,
    left: Matrix,
    right: Matrix,
    result: Matrix,
}

impl Memory {
    pub fn new(shape: ProductShape) -> Self {
        let ProductShape { m, k, n, .. } = shape;
        let numbers = &mut stream(0, Purpose::Init);
        Self {
            shape,
            left: random(m * k, numbers),
            right: random(k * n, numbers),
            result: random(m * n, numbers),
        }
    }

    pub fn compute(&mut self, kernel: &Kernel) {
        let Self { shape, left, right, result } = self;
        (kernel.compute)(ProductOperands { shape: *shape, left, right, result });
    }

    /// Ensures that all kernels compute the same, to rounding.
    pub fn check(&mut self, kernels: &[Kernel]) {
        let results = kernels.iter().map(|kernel| {
            self.result.fill(f32::NAN);
            self.compute(kernel);
            self.result.clone()
        });
        let results: Vec<_> = results.collect();
        // Terms are below 1; rounding errors of the sums grow no faster than their number.
        let tolerance = self.shape.k as f32 * f32::EPSILON;
        for (kernel, result) in kernels.iter().zip(&results) {
            let mut pairs = results[0].iter().zip(result.iter());
            let same = pairs.all(|(a, b)| (a - b).abs() <= tolerance);
            assert!(same, "{} on {:?}: a number is wrong", kernel.name, self.shape);
        }
    }
}

fn random(len: usize, numbers: &mut Stream) -> Matrix {
    let mut matrix = Matrix::from_iter(64, std::iter::repeat_n(0.0, len));
    fill_uniform(&mut matrix, 1.0, numbers);
    matrix
}

/// The steps in memory of a matrix.
struct Strides {
    row: isize,
    column: isize,
}

/// Those of A and B. Both fill their slices exactly.
fn strides(operands: &ProductOperands<'_, f32>) -> [Strides; 2] {
    let ProductOperands { shape, left, right, result } = operands;
    let ProductShape { m, k, n, transposed } = *shape;
    assert!(left.len() == m * k && right.len() == k * n && result.len() == m * n);
    let plain = |columns: usize| Strides { row: columns as isize, column: 1 };
    let turned = |rows: usize| Strides { row: 1, column: rows as isize };
    match transposed {
        Transposed::Neither => [plain(k), plain(n)],
        Transposed::Left => [turned(m), plain(n)],
        Transposed::Right => [plain(k), turned(k)],
    }
}

fn by_gemm(operands: ProductOperands<'_, f32>) {
    let [a, b] = strides(&operands);
    let ProductOperands { shape: ProductShape { m, k, n, .. }, left, right, result } = operands;
    // The library prefers results by columns, so that C is computed as (Bᵀ Aᵀ)ᵀ. It takes the step to the next column, then
    // that to the next row: those of A to its next row and column.
    // SAFETY: the three matrices fill their slices exactly, with these strides.
    unsafe {
        gemm_f32::gemm::f32::get_gemm_fn()(
            n,
            m,
            k,
            result.as_mut_ptr(),
            n as isize,
            1,
            false,
            right.as_ptr(),
            b.row,
            b.column,
            left.as_ptr(),
            a.row,
            a.column,
            0.0,
            1.0,
            false,
            false,
            false,
            gemm_common::Parallelism::None,
        );
    }
}

fn by_matrixmultiply(operands: ProductOperands<'_, f32>) {
    let [a, b] = strides(&operands);
    let ProductOperands { shape: ProductShape { m, k, n, .. }, left, right, result } = operands;
    // SAFETY: the three matrices fill their slices exactly, with these strides.
    unsafe {
        matrixmultiply::sgemm(
            m,
            k,
            n,
            1.0,
            left.as_ptr(),
            a.row,
            a.column,
            right.as_ptr(),
            b.row,
            b.column,
            0.0,
            result.as_mut_ptr(),
            n as isize,
            1,
        );
    }
}
