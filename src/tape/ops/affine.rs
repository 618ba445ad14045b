//! Matrix product, bias, and the two fused with an activation as a linear layer.

use super::activation::Activation;
use super::call::{Adjoint, Call, MAX_INPUTS, Operand};
use crate::Scalar;
use crate::kernel::{Left, Numerics, Output, Product, Start, transpose, vectorised};
use crate::tape::Shape;
use crate::tape::error::TapeError;

// ANCHOR: affine
/// Products of matrices. All are smooth but for the kink of a fused relu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Affine {
    /// `Y = A B`; `Ā += Ȳ Bᵀ`, `B̄ += Aᵀ Ȳ`.
    MatMul,
    /// `Y = X + 1 b`: the row b added to every row of X; `b̄ += Σ_rows Ȳ`.
    AddBias,
    /// `Y = f(X W + 1 b)`; with `Z̄ = Ȳ ⊙ f′`: `X̄ += Z̄ Wᵀ`, `W̄ += Xᵀ Z̄`, `b̄ += Σ_rows Z̄`.
    Linear(Activation),
}
// ANCHOR_END: affine

impl Affine {
    pub fn name(self) -> &'static str {
        match self {
            Self::MatMul => "matmul",
            Self::AddBias => "add_bias",
            Self::Linear(Activation::Identity) => "linear",
            Self::Linear(Activation::Relu) => "linear_relu",
            Self::Linear(Activation::Tanh) => "linear_tanh",
        }
    }

    /// Room for transposed weights `[I, O]` that the VJPs of a layer take, in numbers.
    pub fn scratch([inputs, outputs]: Shape) -> usize {
        if outputs == 1 { 0 } else { inputs.min(PANEL) * outputs }
    }

    pub fn shape(self, &[a, b, bias]: &[Shape; MAX_INPUTS]) -> Result<Shape, TapeError> {
        let refuse =
            |left, right, rule| Err(TapeError::Shapes { op: self.name(), left, right, rule });
        let inner = "columns of the first must equal rows of the second";
        let row = "the bias must be one row, as wide as the matrix";
        match self {
            Self::AddBias if b != [1, a[1]] => refuse(a, b, row),
            Self::AddBias => Ok(a),
            Self::MatMul | Self::Linear(_) if a[1] != b[0] => refuse(a, b, inner),
            Self::Linear(_) if bias != [1, b[1]] => refuse(b, bias, row),
            Self::MatMul | Self::Linear(_) => Ok([a[0], b[1]]),
        }
    }

    pub fn value<T: Scalar>(
        self,
        numerics: Numerics,
        inputs: &[Operand<'_, T>; MAX_INPUTS],
        y: &mut [T],
    ) {
        let [a, b, bias] = *inputs;
        match self {
            Self::MatMul => multiply(numerics, a, b, Start::Zero, y),
            Self::AddBias => {
                y.copy_from_slice(a.data);
                for row in y.chunks_exact_mut(b.data.len()) {
                    row.iter_mut().zip(b.data).for_each(|(y, &b)| *y += b);
                }
            }
            Self::Linear(activation) => {
                // Some rows at a time, which are still at hand when the activation comes.
                let at_once = (AT_ONCE / b.shape[1]).next_multiple_of(8).max(8);
                let rows = a.data.chunks(at_once * a.shape[1]);
                for (a_rows, y) in rows.zip(y.chunks_mut(at_once * b.shape[1])) {
                    let shape = [a_rows.len() / a.shape[1], a.shape[1]];
                    let rows = Operand { data: a_rows, shape };
                    multiply(numerics, rows, b, Start::Row(bias.data), y);
                    activation.apply(y);
                }
            }
        }
    }

    // ANCHOR: vjp
    pub fn vjp<T: Scalar>(self, call: &Call<'_, T>, which: usize, adjoint: Adjoint<'_, T>) {
        let [a, b, _] = call.inputs;
        let dy = Operand { data: call.cotangent, shape: call.output.shape };
        match (self, which) {
            (Self::AddBias, 0) => adjoint.add(dy.data.iter().copied()),
            (Self::AddBias, _) | (Self::Linear(_), 2) => add_column_sums(dy, adjoint),
            (Self::MatMul | Self::Linear(_), 0) => {
                input_gradient(call.context.numerics, dy, b, adjoint);
            }
            (Self::MatMul | Self::Linear(_), _) => {
                weight_gradient(call.context.numerics, a, dy, adjoint);
            }
        }
    }
    // ANCHOR_END: vjp
}

/// Numbers of a layer's output that are computed before the activation is applied to them.
const AT_ONCE: usize = 8192;

/// `Y = A B + start`
fn multiply<T: Scalar>(
    numerics: Numerics,
    a: Operand<'_, T>, // [M, K]
    b: Operand<'_, T>, // [K, N]
    start: Start<'_, T>,
    y: &mut [T], // [M, N]
) {
    let ([m, k], [_, n]) = (a.shape, b.shape);
    let (left, output) = (Left::Rows(a.data), Output { data: y, stride: n });
    Product { numerics, shape: [m, k, n], left, right: b.data, start, output }.compute();
}

/// `X̄ += Ȳ Wᵀ`, in the columns that are tracked.
fn input_gradient<T: Scalar>(
    numerics: Numerics,
    dy: Operand<'_, T>, // [B, O]
    w: Operand<'_, T>,  // [I, O]
    adjoint: Adjoint<'_, T>,
) {
    let ([batch, outputs], [inputs, _]) = (dy.shape, w.shape);
    let Adjoint { data, fresh, first_tracked, scratch } = adjoint;
    if fresh && first_tracked > 0 {
        data.fill(T::zero());
    }
    // A single row or column is its own transpose.
    let panel = if outputs == 1 { inputs } else { PANEL };
    for first in (first_tracked..inputs).step_by(panel) {
        let width = panel.min(inputs - first);
        let w = &w.data[first * outputs..(first + width) * outputs]; // [width, O]
        let w_t = if width == 1 || outputs == 1 {
            w
        } else {
            scratch.resize(w.len(), T::zero());
            transpose([width, outputs], w, scratch);
            &*scratch
        };
        Product {
            numerics,
            shape: [batch, outputs, width],
            left: Left::Rows(dy.data),
            right: w_t,
            start: start(fresh),
            output: Output { data: &mut data[first..], stride: inputs },
        }
        .compute();
    }
}

/// Rows of a weight matrix that are transposed at a time: as many as a tile of a product is wide, so that
/// their transpose is still at hand.
const PANEL: usize = 32;

/// `W̄ += Xᵀ Ȳ`
fn weight_gradient<T: Scalar>(
    numerics: Numerics,
    x: Operand<'_, T>,  // [B, I]
    dy: Operand<'_, T>, // [B, O]
    adjoint: Adjoint<'_, T>,
) {
    let ([batch, inputs], [_, outputs]) = (x.shape, dy.shape);
    let start = start(adjoint.fresh);
    // A column of weights lies in memory as a row does: W̄ᵀ = Ȳᵀ X goes along the rows of X.
    let (shape, left, right) = if outputs == 1 {
        ([1, batch, inputs], Left::Rows(dy.data), x.data)
    } else {
        ([inputs, batch, outputs], Left::Transposed(x.data), dy.data)
    };
    let output = Output { data: adjoint.data, stride: shape[2] };
    Product { numerics, shape, left, right, start, output }.compute();
}

/// Whether a gradient is stored or added.
fn start<T>(fresh: bool) -> Start<'static, T> {
    if fresh { Start::Zero } else { Start::Result }
}

/// Adds the sum over rows to a row.
fn add_column_sums<T: Scalar>(matrix: Operand<'_, T>, adjoint: Adjoint<'_, T>) {
    let sums = adjoint.accumulated();
    vectorised(|| {
        for row in matrix.data.chunks_exact(matrix.shape[1]) {
            sums.iter_mut().zip(row).for_each(|(sum, &x)| *sum += x);
        }
    });
}

#[cfg(test)]
mod tests {
    use crate::tape::{Activation, Tape, TapeError};
    use ndarray::{Array2, Axis, array};

    #[test]
    fn the_gradient_of_a_product_is_known_in_closed_form() {
        let (a, b) = (array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], array![[0.5, -1.0], [2.0, 0.0]]);
        let c = array![[1.0, -1.0], [0.5, 2.0], [3.0, 0.0]]; // cotangent
        let tape = Tape::new();
        let (va, vb) = (tape.leaf(&a), tape.leaf(&b));
        let y = va.matmul(vb);
        assert_eq!(y.value().unwrap(), a.dot(&b));
        let gradients = y.backward_with(&c).unwrap();
        assert_eq!(gradients.wrt(va), c.dot(&b.t()));
        assert_eq!(gradients.wrt(vb), a.t().dot(&c));
    }

    #[test]
    fn a_layer_of_many_rows_and_inputs_is_the_same_sums_as_one_of_few() {
        // More outputs than are computed at once, more inputs than are transposed at a time.
        let x = Array2::from_shape_fn((300, 70), |(i, j)| ((7 * i + 3 * j) % 11) as f64 - 5.0);
        let w = Array2::from_shape_fn((70, 40), |(i, j)| ((5 * i + 2 * j) % 7) as f64 - 3.0);
        let b = Array2::from_shape_fn((1, 40), |(_, j)| j as f64);
        let c = Array2::from_shape_fn((300, 40), |(i, j)| ((i + 4 * j) % 5) as f64 - 1.0);
        let tape = Tape::new();
        let (vx, vw, vb) = (tape.leaf(&x), tape.leaf(&w), tape.leaf(&b));
        let y = vx.linear(vw, vb, Activation::Identity);
        // Small integers: every sum is exact, in any order.
        assert_eq!(y.value().unwrap(), x.dot(&w) + &b);
        let gradients = y.backward_with(&c).unwrap();
        assert_eq!(gradients.wrt(vx), c.dot(&w.t()));
        assert_eq!(gradients.wrt(vw), x.t().dot(&c));
        assert_eq!(gradients.wrt(vb), c.sum_axis(Axis(0)).insert_axis(Axis(0)));
    }

    #[test]
    fn a_fused_layer_equals_its_parts() {
        let x = Array2::from_shape_fn((5, 3), |(i, j)| (i as f64 - 1.3 * j as f64).sin());
        let w = Array2::from_shape_fn((3, 4), |(i, j)| (2.0 * i as f64 + j as f64).cos());
        let b = array![[0.1, -0.2, 0.3, -0.4]];
        let c = Array2::from_shape_fn((5, 4), |(i, j)| (i as f64 * 0.7 + j as f64).cos());
        for activation in [Activation::Identity, Activation::Relu, Activation::Tanh] {
            let tape = Tape::new();
            let (vx, vw, vb) = (tape.leaf(&x), tape.leaf(&w), tape.leaf(&b));
            let fused = vx.linear(vw, vb, activation);
            let sum = vx.matmul(vw).add_bias(vb);
            let parts = match activation {
                Activation::Identity => sum,
                Activation::Relu => sum.relu(),
                Activation::Tanh => sum.tanh(),
            };
            let close = |a: Array2<f64>, b: Array2<f64>| (a - b).iter().all(|d| d.abs() < 1e-14);
            assert!(close(fused.value().unwrap(), parts.value().unwrap()));
            let (f, p) = (fused.backward_with(&c).unwrap(), parts.backward_with(&c).unwrap());
            for v in [vx, vw, vb] {
                assert!(close(f.wrt(v).to_owned(), p.wrt(v).to_owned()), "{activation:?}");
            }
        }
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused_by_name() {
        let (a, b, wide) = (array![[1.0, 2.0]], array![[1.0, 2.0]], array![[0.0, 0.0, 0.0]]);
        let tape = Tape::new();
        let product = tape.leaf(&a).matmul(tape.leaf(&b));
        assert!(matches!(product.value(), Err(TapeError::Shapes { op: "matmul", .. })));
        let tape = Tape::new();
        let biased = tape.leaf(&a).add_bias(tape.leaf(&wide));
        assert!(matches!(biased.value(), Err(TapeError::Shapes { op: "add_bias", .. })));
        let (column, row) = (array![[1.0], [2.0]], array![[0.0, 0.0]]);
        for (weights, bias) in [(&b, &wide), (&column, &wide), (&column, &row)] {
            let tape = Tape::new();
            let (w, b) = (tape.leaf(weights), tape.leaf(bias));
            let y = tape.leaf(&a).linear(w, b, Activation::Identity);
            assert!(matches!(y.value(), Err(TapeError::Shapes { op: "linear", .. })));
        }
    }
}
