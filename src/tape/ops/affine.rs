//! Matrix product, bias, and the two fused with an activation as a linear layer.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};

use super::{Activation, Adjoint, Call, MAX_INPUTS, Operand, view_mut};
use crate::Scalar;
use crate::tape::{Shape, TapeError};

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

    pub fn value<T: Scalar>(self, inputs: &[Operand<'_, T>; MAX_INPUTS], y: &mut [T]) {
        let [a, b, bias] = *inputs;
        match self {
            Self::MatMul => multiply(a.view(), b.view(), T::zero(), output(a, b, y)),
            Self::AddBias => {
                y.copy_from_slice(a.data);
                for row in y.chunks_exact_mut(b.data.len()) {
                    row.iter_mut().zip(b.data).for_each(|(y, &b)| *y += b);
                }
            }
            Self::Linear(activation) => {
                y.chunks_exact_mut(bias.data.len()).for_each(|row| row.copy_from_slice(bias.data));
                multiply(a.view(), b.view(), T::one(), output(a, b, y));
                activation.apply(y);
            }
        }
    }

    pub fn vjp<T: Scalar>(self, call: &Call<'_, T>, which: usize, adjoint: Adjoint<'_, T>) {
        let [a, b, _] = call.inputs;
        let dy = Operand { data: call.cotangent, shape: call.output.shape };
        match (self, which) {
            (Self::AddBias, 0) => adjoint.add(dy.data.iter().copied()),
            (Self::AddBias, _) | (Self::Linear(_), 2) => add_column_sums(dy, adjoint),
            (Self::MatMul | Self::Linear(_), 0) => {
                let beta = if adjoint.fresh { T::zero() } else { T::one() };
                multiply(
                    dy.view(),
                    b.view().reversed_axes(),
                    beta,
                    view_mut(a.shape, adjoint.data),
                );
            }
            (Self::MatMul | Self::Linear(_), _) => {
                let beta = if adjoint.fresh { T::zero() } else { T::one() };
                multiply(
                    a.view().reversed_axes(),
                    dy.view(),
                    beta,
                    view_mut(b.shape, adjoint.data),
                );
            }
        }
    }
}

fn output<'y, T>(a: Operand<'_, T>, b: Operand<'_, T>, y: &'y mut [T]) -> ArrayViewMut2<'y, T> {
    view_mut([a.shape[0], b.shape[1]], y)
}

/// `C ← A B + β C`.
fn multiply<T: Scalar>(
    a: ArrayView2<'_, T>, // [M, K]
    b: ArrayView2<'_, T>, // [K, N]
    beta: T,
    mut c: ArrayViewMut2<'_, T>, // [M, N]
) {
    general_mat_mul(T::one(), &a, &b, beta, &mut c);
}

/// Adds the sum over rows to a row.
fn add_column_sums<T: Scalar>(matrix: Operand<'_, T>, adjoint: Adjoint<'_, T>) {
    let sums = adjoint.accumulated();
    for row in matrix.data.chunks_exact(matrix.shape[1]) {
        sums.data.iter_mut().zip(row).for_each(|(sum, &x)| *sum += x);
    }
}

#[cfg(test)]
mod tests {
    use crate::tape::{Activation, Tape, TapeError};
    use ndarray::{Array2, array};

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
    }
}
