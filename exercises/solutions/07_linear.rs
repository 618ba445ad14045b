//! # 07 · The adjoints of a layer, filled

use ndarray::{ArrayView2, ArrayViewMut2, Axis};
use softac::tape::{CustomOp, Pullback, Shape};

/// The operation.
pub struct Linear;

impl CustomOp<f64> for Linear {
    fn name(&self) -> &'static str {
        "linear_of_hole_07"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, &'static str> {
        match *inputs {
            [[b, i], [also_i, o], [1, also_o]] if i == also_i && o == also_o => Ok([b, o]),
            _ => Err("it takes [B, I], [I, O] and [1, O]"),
        }
    }

    fn value(&self, inputs: &[ArrayView2<f64>], mut z: ArrayViewMut2<f64>) {
        z.assign(&(inputs[0].dot(&inputs[1]) + inputs[2]));
    }

    fn vjp(&self, at: &Pullback<f64>, which: usize, mut x_bar: ArrayViewMut2<f64>) {
        let [x, w] = [at.inputs[0], at.inputs[1]]; // [B, I], [I, O]
        let z_bar = at.cotangent; // [B, O]
        match which {
            0 => x_bar.assign(&z_bar.dot(&w.t())),
            1 => x_bar.assign(&x.t().dot(&z_bar)),
            // One row is used by all: its adjoint is the sum over its uses. A vector is assigned to every row, of which
            // there is one.
            _ => x_bar.assign(&z_bar.sum_axis(Axis(0))),
        }
    }
}
