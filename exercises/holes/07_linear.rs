//! # 07 · The adjoints of a layer
//!
//! `Z = X W + 1 b`: the row `b` is added to every row of the product. Given Z̄, write X̄, W̄ and b̄. Each has the shape of
//! what it is the adjoint of, which leaves little choice.
//!
//! Chapter: `docs/src/tape.md`.

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

    /// The adjoint of input number `which`. `a.dot(&b)` is a product of matrices, `a.t()` a transpose, `a.sum_axis(Axis(0))`
    /// the sum of the rows; `x_bar.assign(&…)` writes the answer.
    fn vjp(&self, at: &Pullback<f64>, which: usize, mut x_bar: ArrayViewMut2<f64>) {
        let [x, w] = [at.inputs[0], at.inputs[1]]; // [B, I], [I, O]
        let z_bar = at.cotangent; // [B, O]
        match which {
            0 => todo!("X̄, [B, I]"),
            1 => todo!("W̄, [I, O]"),
            _ => todo!("b̄, [1, O]"),
        }
    }
}
