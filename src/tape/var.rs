//! The handle through which equations are written.

use core::ops::Range;

use ndarray::{Array2, ArrayView2};

use super::Shape;
use super::error::TapeError;
use super::gradients::Gradients;
use super::ops::{Activation, Affine, Binary, Extent, Layout, Op, Reduce, Unary};
use super::record::VarId;
use super::recorder::Recorder;
use crate::Scalar;

/// A matrix on a [`Tape`](super::Tape): an index that can be copied, with the operations as methods and
/// operators.
///
/// Shapes are never broadcast silently: element-wise operators need equal shapes, and
/// [`broadcast`](Var::broadcast) repeats explicitly. What does not fit is refused; the error comes out
/// where the value does (see [`TapeError`]).
#[derive(Clone, Copy)]
pub struct Var<'t, T: Scalar> {
    tape: &'t dyn Recorder<T>,
    id: VarId,
}

impl<T: Scalar> From<Var<'_, T>> for VarId {
    fn from(var: Var<'_, T>) -> Self {
        var.id
    }
}

impl<'t, T: Scalar> Var<'t, T> {
    pub(super) fn new(tape: &'t dyn Recorder<T>, id: VarId) -> Self {
        Self { tape, id }
    }

    pub(super) fn apply(self, op: Op<T>) -> Self {
        self.apply_with(op, &[])
    }

    pub(super) fn apply_with(self, op: Op<T>, others: &[Self]) -> Self {
        let mut inputs = [self.id; 3];
        for (input, other) in inputs[1..].iter_mut().zip(others) {
            if !other.is_on(self.tape) {
                let id = self.tape.refuse(TapeError::ForeignVariable { op: op.name() });
                return Self { id, ..self };
            }
            *input = other.id;
        }
        Self { id: self.tape.push(op, &inputs[..=others.len()]), ..self }
    }

    pub(super) fn is_on(self, tape: &dyn Recorder<T>) -> bool {
        core::ptr::addr_eq(self.tape, tape)
    }

    /// The name of this variable, which does not borrow the tape.
    #[must_use]
    pub fn id(self) -> VarId {
        self.id
    }

    /// Rows and columns; `[0, 0]` where the operation was refused.
    #[must_use]
    pub fn shape(self) -> Shape {
        self.tape.shape(self.id)
    }

    // ── Products ───────────────────────────────────────────────────────────────────────────

    /// Matrix product: `[M, K] · [K, N] → [M, N]`.
    #[must_use]
    pub fn matmul(self, other: Self) -> Self {
        self.apply_with(Op::Affine(Affine::MatMul), &[other])
    }

    /// The row `bias` added to every row: `[R, C] + [1, C] → [R, C]`.
    #[must_use]
    pub fn add_bias(self, bias: Self) -> Self {
        self.apply_with(Op::Affine(Affine::AddBias), &[bias])
    }

    /// A layer in one operation, `f(x W + b)`: `[B, I], [I, O], [1, O] → [B, O]`.
    #[must_use]
    pub fn linear(self, weight: Self, bias: Self, activation: Activation) -> Self {
        self.apply_with(Op::Affine(Affine::Linear(activation)), &[weight, bias])
    }

    // ── Element by element ─────────────────────────────────────────────────────────────────

    /// `x²`.
    #[must_use]
    pub fn square(self) -> Self {
        self.apply(Op::Unary(Unary::Square))
    }

    /// `eˣ`.
    #[must_use]
    pub fn exp(self) -> Self {
        self.apply(Op::Unary(Unary::Exp))
    }

    /// `ln x`, for `x > 0`; −∞ at 0 and NaN below.
    #[must_use]
    pub fn ln(self) -> Self {
        self.apply(Op::Unary(Unary::Ln))
    }

    /// `tanh x`.
    #[must_use]
    pub fn tanh(self) -> Self {
        self.apply(Op::Unary(Unary::Tanh))
    }

    /// `ln(1 + eˣ)`, without overflow.
    #[must_use]
    pub fn softplus(self) -> Self {
        self.apply(Op::Unary(Unary::Softplus))
    }

    /// `max(x, 0)`; the slope at the kink counts as 0.
    #[must_use]
    pub fn relu(self) -> Self {
        self.apply(Op::Unary(Unary::Relu))
    }

    /// `x` held within `[low, high]`; the slope is 1 inside and on the bounds, exactly 0 outside.
    #[must_use]
    pub fn clamp(self, low: T, high: T) -> Self {
        self.apply(Op::Unary(Unary::Clamp(low, high)))
    }

    /// `1 − x`.
    #[must_use]
    pub fn one_minus(self) -> Self {
        -self + T::one()
    }

    /// The smaller of two, element by element; a tie gives half of the gradient to either.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        self.apply_with(Op::Binary(Binary::Min), &[other])
    }

    // ── Sums and means ─────────────────────────────────────────────────────────────────────

    fn reduce(self, over: Extent, mean: bool) -> Self {
        self.apply(Op::Reduce(Reduce { over, mean }))
    }

    /// Sum of all elements, `[R, C] → [1, 1]`.
    #[must_use]
    pub fn sum(self) -> Self {
        self.reduce(Extent::All, false)
    }

    /// Mean of all elements, `[R, C] → [1, 1]`.
    #[must_use]
    pub fn mean(self) -> Self {
        self.reduce(Extent::All, true)
    }

    /// Sum over the rows of each column, `[R, C] → [1, C]`.
    #[must_use]
    pub fn sum_rows(self) -> Self {
        self.reduce(Extent::Rows, false)
    }

    /// Mean over the rows of each column, `[R, C] → [1, C]`.
    #[must_use]
    pub fn mean_rows(self) -> Self {
        self.reduce(Extent::Rows, true)
    }

    /// Sum over the columns of each row, `[R, C] → [R, 1]`.
    #[must_use]
    pub fn sum_columns(self) -> Self {
        self.reduce(Extent::Columns, false)
    }

    /// Mean over the columns of each row, `[R, C] → [R, 1]`.
    #[must_use]
    pub fn mean_columns(self) -> Self {
        self.reduce(Extent::Columns, true)
    }

    // ── Layout ─────────────────────────────────────────────────────────────────────────────

    /// Some of the columns, `[R, C] → [R, end − start]`.
    #[must_use]
    pub fn columns(self, range: Range<usize>) -> Self {
        self.apply(Op::Layout(Layout::Columns { start: range.start, end: range.end }))
    }

    /// Two matrices side by side, `[R, C₁], [R, C₂] → [R, C₁ + C₂]`: state and action for a critic.
    #[must_use]
    pub fn concat(self, right: Self) -> Self {
        self.apply_with(Op::Layout(Layout::Concat), &[right])
    }

    /// Repeats axes of length one until the shape is reached.
    #[must_use]
    pub fn broadcast(self, shape: Shape) -> Self {
        self.apply(Op::Layout(Layout::Broadcast { shape }))
    }

    /// [Broadcast](Var::broadcast) to the shape of `other`.
    #[must_use]
    pub fn broadcast_like(self, other: Self) -> Self {
        self.broadcast(other.shape())
    }

    /// A matrix cut out of a row of parameters, without a copy: `[1, P] → shape`.
    #[must_use]
    pub fn block(self, start: usize, shape: Shape) -> Self {
        self.apply(Op::Block { start, shape })
    }

    /// The same value, cut off from its gradient: what comes after counts it as constant.
    #[must_use]
    pub fn detach(self) -> Self {
        self.apply(Op::Detach)
    }

    // ── Numbers out ────────────────────────────────────────────────────────────────────────

    /// The value, copied into an array.
    ///
    /// # Errors
    /// The first error of the recording.
    pub fn value(self) -> Result<Array2<T>, TapeError> {
        let mut value = Array2::zeros(self.shape());
        self.read_into(value.as_slice_mut().unwrap_or_default())?;
        Ok(value)
    }

    /// The value, row after row, into a buffer of the caller's.
    ///
    /// # Errors
    /// The first error of the recording; [`TapeError::Shape`] if the buffer has another length.
    pub fn read_into(self, buffer: &mut [T]) -> Result<(), TapeError> {
        let shape = self.shape();
        let fits = buffer.len() == shape[0] * shape[1];
        self.tape.read(self.id, &mut |value| {
            if fits {
                buffer.copy_from_slice(value);
            }
        })?;
        let rule = "the buffer must have as many elements as the matrix";
        if fits { Ok(()) } else { Err(TapeError::Shape { op: "read_into", shape, rule }) }
    }

    /// The value of a scalar `[1, 1]`.
    ///
    /// # Errors
    /// The first error of the recording; [`TapeError::Shape`] if this is not a scalar.
    pub fn item(self) -> Result<T, TapeError> {
        let mut item = [T::zero()];
        self.check_scalar("item")?;
        self.read_into(&mut item)?;
        Ok(item[0])
    }

    /// The gradients of this scalar with respect to all leaves.
    ///
    /// # Errors
    /// The first error of the recording; [`TapeError::Shape`] if this is not a scalar.
    pub fn backward(self) -> Result<Gradients<T>, TapeError> {
        let mut gradients = Gradients::new();
        self.backward_into(&mut gradients)?;
        Ok(gradients)
    }

    /// As [`backward`](Var::backward), into buffers that are kept from pass to pass.
    ///
    /// # Errors
    /// As [`backward`](Var::backward).
    pub fn backward_into(self, gradients: &mut Gradients<T>) -> Result<(), TapeError> {
        self.check_scalar("backward")?;
        self.tape.backward(self.id, None, gradients)
    }

    /// The gradients of `Σ cotangent ⊙ self`: the vector–Jacobian product of a matrix.
    ///
    /// # Errors
    /// The first error of the recording; [`TapeError::Shapes`] if the cotangent has another shape.
    pub fn backward_with<'c>(
        self,
        cotangent: impl Into<ArrayView2<'c, T>>,
    ) -> Result<Gradients<T>, TapeError>
    where
        T: 'c,
    {
        let cotangent = cotangent.into();
        let (left, right) = (self.shape(), cotangent.dim().into());
        let mut gradients = Gradients::new();
        let contiguous = cotangent.as_standard_layout();
        match contiguous.as_slice() {
            Some(cotangent) if left == right || left == [0, 0] => {
                self.tape.backward(self.id, Some(cotangent), &mut gradients)?;
                Ok(gradients)
            }
            _ => {
                let rule = "the cotangent must have the shape of the matrix";
                Err(TapeError::Shapes { op: "backward_with", left, right, rule })
            }
        }
    }

    /// Refuses matrices; a refused variable passes, its own error is the one to report.
    fn check_scalar(self, op: &'static str) -> Result<(), TapeError> {
        let shape = self.shape();
        let rule = "only a scalar [1, 1] will do; reduce with `mean` or `sum` first";
        match shape {
            [1, 1] | [0, 0] => Ok(()),
            _ => Err(TapeError::Shape { op, shape, rule }),
        }
    }
}
