//! Matrix product, bias, and the two fused with an activation as a linear layer.

use super::activation::Activation;
use super::call::{Adjoint, Call, MAX_INPUTS, Operand};
use crate::Scalar;
use crate::kernel::{
    Factor, Finish, Numerics, Output, Panels, Product, Start, panels_len, vectorised,
};
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

    /// How many numbers the panels take of the value.
    pub fn value_panels(self, [a, b, _]: [Shape; MAX_INPUTS]) -> usize {
        match self {
            Self::AddBias => 0,
            Self::MatMul | Self::Linear(_) => panels_len([a[0], a[1], b[1]], false, false),
        }
    }

    /// How many numbers the panels take of the gradient by this input, in the columns that are tracked.
    pub fn vjp_panels(
        self,
        which: usize,
        [a, b, _]: [Shape; MAX_INPUTS],
        first_tracked: usize,
    ) -> usize {
        let ([batch, inputs], [_, outputs]) = (a, b);
        match (self, which) {
            (Self::AddBias, _) | (_, 2) => 0,
            (_, 0) => panels_len([batch, outputs, inputs - first_tracked], false, true),
            _ if outputs == 1 => panels_len([1, batch, inputs], false, false),
            _ => panels_len([inputs, batch, outputs], true, false),
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

    pub fn value<T: Scalar>(
        self,
        numerics: Numerics,
        inputs: &[Operand<'_, T>; MAX_INPUTS],
        y: &mut [T],
        panels: &mut Panels<T>,
    ) {
        let [a, b, bias] = *inputs;
        match self {
            Self::MatMul => {
                multiply(numerics, [a, b], Start::Zero, Finish::Identity, y, panels);
            }
            Self::AddBias => {
                y.copy_from_slice(a.data);
                for row in y.chunks_exact_mut(b.data.len()) {
                    row.iter_mut().zip(b.data).for_each(|(y, &b)| *y += b);
                }
            }
            Self::Linear(activation) => {
                linear(numerics, activation, [a, b], bias.data, y, panels);
            }
        }
    }

    // ANCHOR: vjp
    pub fn vjp<T: Scalar>(self, call: &Call<'_, T>, which: usize, adjoint: Adjoint<'_, T>) {
        let [a, b, _] = call.inputs;
        let [rows, outputs] = call.output.shape;
        let rows = call.rows.map_or(rows, <[u32]>::len);
        let dy = Operand { data: call.cotangent, shape: [rows, outputs] };
        match (self, which) {
            (Self::AddBias, 0) => adjoint.add(dy.data.iter().copied()),
            (Self::AddBias, _) | (Self::Linear(_), 2) => add_column_sums(dy, adjoint),
            (Self::MatMul | Self::Linear(_), 0) => {
                input_gradient(call.context.numerics, dy, b, adjoint, call.rows);
            }
            (Self::MatMul | Self::Linear(_), _) => {
                weight_gradient(call.context.numerics, a, dy, adjoint);
            }
        }
    }
    // ANCHOR_END: vjp
}

/// `Y = f(X W + 1 b)`
pub(crate) fn linear<T: Scalar>(
    numerics: Numerics,
    activation: Activation,
    [x, w]: [Operand<'_, T>; 2], // [B, I], [I, O]
    b: &[T],                     // [1, O]
    y: &mut [T],                 // [B, O]
    panels: &mut Panels<T>,
) {
    let finish = if activation == Activation::Relu { Finish::Relu } else { Finish::Identity };
    multiply(numerics, [x, w], Start::Row(b), finish, y, panels);
    if activation == Activation::Tanh {
        activation.apply(y);
    }
}

/// `Y = finish(A B + start)`
fn multiply<T: Scalar>(
    numerics: Numerics,
    [a, b]: [Operand<'_, T>; 2], // [M, K], [K, N]
    start: Start<'_, T>,
    finish: Finish,
    y: &mut [T], // [M, N]
    panels: &mut Panels<T>,
) {
    let ([m, k], [_, n]) = (a.shape, b.shape);
    Product {
        numerics,
        shape: [m, k, n],
        left: Factor::Rows(a.data),
        right: Factor::Rows(b.data),
        start,
        finish,
        output: Output { data: y, stride: n },
    }
    .compute(panels);
}

/// `X̄ += Ȳ Wᵀ`, in the columns that are tracked; of Ȳ there may be some rows alone.
fn input_gradient<T: Scalar>(
    numerics: Numerics,
    dy: Operand<'_, T>, // [B, O]
    w: Operand<'_, T>,  // [I, O]
    adjoint: Adjoint<'_, T>,
    some_rows: Option<&[u32]>,
) {
    let ([rows, outputs], [inputs, _]) = (dy.shape, w.shape);
    let Adjoint { data, fresh, first_tracked, scratch } = adjoint;
    if fresh && first_tracked > 0 {
        data.fill(T::zero());
    }
    Product {
        numerics,
        shape: [rows, outputs, inputs - first_tracked],
        left: Factor::Rows(dy.data),
        right: Factor::Transposed(&w.data[first_tracked * outputs..]),
        start: start(fresh),
        finish: Finish::Identity,
        output: Output { data: &mut data[first_tracked..], stride: inputs },
    }
    .compute(&mut scratch.panels);
    if let Some(rows) = some_rows {
        spread(rows, data, inputs);
    }
}

/// The first rows of a matrix become those of these numbers, and all others zero: the opposite of
/// [`Activation::pull_back_rows`].
fn spread<T: Scalar>(rows: &[u32], matrix: &mut [T], columns: usize) {
    let mut left = rows;
    for i in (0..matrix.len() / columns).rev() {
        let start = i * columns;
        match left.split_last() {
            Some((&row, rest)) if row as usize == i => {
                let source = rest.len() * columns;
                matrix.copy_within(source..source + columns, start);
                left = rest;
            }
            _ => matrix[start..start + columns].fill(T::zero()),
        }
    }
}

/// `W̄ += Xᵀ Ȳ`
fn weight_gradient<T: Scalar>(
    numerics: Numerics,
    x: Operand<'_, T>,  // [B, I]
    dy: Operand<'_, T>, // [B, O]
    adjoint: Adjoint<'_, T>,
) {
    let ([batch, inputs], [_, outputs]) = (x.shape, dy.shape);
    // A column of weights lies in memory as a row does: W̄ᵀ = Ȳᵀ X goes along the rows of X.
    let (shape, left, right) = if outputs == 1 {
        ([1, batch, inputs], Factor::Rows(dy.data), x.data)
    } else {
        ([inputs, batch, outputs], Factor::Transposed(x.data), dy.data)
    };
    Product {
        numerics,
        shape,
        left,
        right: Factor::Rows(right),
        start: start(adjoint.fresh),
        finish: Finish::Identity,
        output: Output { data: adjoint.data, stride: shape[2] },
    }
    .compute(&mut adjoint.scratch.panels);
}

/// Whether a gradient is stored or added.
fn start<T>(fresh: bool) -> Start<'static, T> {
    if fresh { Start::Zero } else { Start::Result }
}

/// Adds the sum over rows to a row.
fn add_column_sums<T: Scalar>(matrix: Operand<'_, T>, adjoint: Adjoint<'_, T>) {
    let sums = adjoint.accumulated();
    vectorised!(|| {
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
    fn a_constant_layer_gives_the_bits_of_a_trained_one_whichever_rows_have_no_cotangent() {
        let x = Array2::from_shape_fn((9, 5), |(i, j)| (i as f64 - 1.3 * j as f64).sin());
        let w = Array2::from_shape_fn((5, 40), |(i, j)| (2.0 * i as f64 + j as f64).cos());
        let b = Array2::from_shape_fn((1, 40), |(_, j)| 0.1 * j as f64 - 1.0);
        for zeros in [&[][..], &[0, 3, 4, 8], &[1, 2, 7], &[0, 1, 2, 3, 4, 5, 6, 7, 8]] {
            let mut c = Array2::from_shape_fn((9, 40), |(i, j)| (i as f64 * 0.7 + j as f64).cos());
            zeros.iter().for_each(|&i| c.row_mut(i).fill(0.0));
            for activation in [Activation::Identity, Activation::Relu, Activation::Tanh] {
                let tape = Tape::new();
                let (constant, trained) = (tape.constant(&w), tape.leaf(&w));
                let [by_constant, by_trained] = [constant, trained].map(|w| {
                    // The first two columns are constant, those after them a leaf.
                    let (left, right) = x.view().split_at(Axis(1), 2);
                    let leaf = tape.leaf(right);
                    let all = tape.constant(left).concat(leaf);
                    let y = all.linear(w, tape.constant(&b), activation);
                    y.backward_with(&c).unwrap().wrt(leaf).to_owned()
                });
                assert_eq!(by_constant, by_trained, "{zeros:?}, {activation:?}");
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
