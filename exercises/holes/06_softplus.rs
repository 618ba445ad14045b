//! # 06 · A vector–Jacobian product
//!
//! `z = log(1 + eˣ)`, element by element. The chain rule has `x̄ = z̄ ∂z/∂x`: find the slope, and multiply it by the
//! adjoint of the output.
//!
//! Chapter: `docs/src/tape.md`.

use ndarray::{ArrayView2, ArrayViewMut2, Zip};
use softac::tape::{CustomOp, Pullback};

/// The operation.
pub struct Softplus;

impl CustomOp<f64> for Softplus {
    fn name(&self) -> &'static str {
        "softplus_of_hole_06"
    }

    fn value(&self, x: &[ArrayView2<f64>], mut z: ArrayViewMut2<f64>) {
        // max(x, 0) + log(1 + exp(−|x|)) is the same, and does not overflow.
        z.zip_mut_with(&x[0], |z, x| *z = x.max(0.0) + (-x.abs()).exp().ln_1p());
    }

    /// `at.inputs[0]` is x, `at.cotangent` is z̄. What you write into `x_bar`, which comes as zeros, is x̄; all three
    /// have one shape, and `Zip::from(x_bar).and(…).and(…).for_each(|x_bar, &x, &z_bar| …)` goes through them.
    fn vjp(&self, at: &Pullback<f64>, _which: usize, x_bar: ArrayViewMut2<f64>) {
        todo!("x̄, the adjoint of the input")
    }
}
