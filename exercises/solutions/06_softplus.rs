//! # 06 · A vector–Jacobian product, filled

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

    fn vjp(&self, at: &Pullback<f64>, _which: usize, x_bar: ArrayViewMut2<f64>) {
        // eˣ / (1 + eˣ), divided by eˣ above and below: an infinite exp(−x) gives 0, as it should.
        let slope = |x: f64| 1.0 / (1.0 + (-x).exp());
        let points = Zip::from(x_bar).and(at.inputs[0]).and(at.cotangent);
        points.for_each(|x_bar, &x, &z_bar| *x_bar = z_bar * slope(x));
    }
}
