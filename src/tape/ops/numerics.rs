//! Where the operations have kinks, and how exactly they are computed: for the gradient checker.

use super::{Activation, Affine, Binary, Customs, MAX_INPUTS, Op, Operand, Reduce, Unary};
use crate::Scalar;

impl<T: Scalar> Op<T> {
    /// Whether the operation has kinks; one of the user's own may have some.
    pub fn is_piecewise(&self) -> bool {
        matches!(
            self,
            Self::Unary(Unary::Relu | Unary::Clamp(..))
                | Self::Binary(Binary::Min)
                | Self::Affine(Affine::Linear(Activation::Relu))
                | Self::Custom(_)
        )
    }

    /// The piece that element `i` of the output is on: below, at or above the kink; for `clamp`
    /// below, within or above the bounds. `None` for smooth operations and where there is a NaN.
    pub fn piece(
        &self,
        customs: Customs<'_, T>,
        inputs: &[Operand<'_, T>; MAX_INPUTS],
        output: Operand<'_, T>,
        i: usize,
    ) -> Option<i32> {
        let side = |x: T, kink: T| x.partial_cmp(&kink).map(|side| side as i32);
        let x = inputs[0].data;
        match *self {
            Self::Unary(Unary::Relu) => side(x[i], T::zero()),
            Self::Unary(Unary::Clamp(low, _)) if x[i] < low => Some(-1),
            Self::Unary(Unary::Clamp(_, high)) if x[i] > high => Some(1),
            Self::Unary(Unary::Clamp(..)) => Some(0),
            Self::Binary(Binary::Min) => side(x[i], inputs[1].data[i]),
            // The pre-activation is not recorded; its sign is that of the output, where it matters.
            Self::Affine(Affine::Linear(Activation::Relu)) => side(output.data[i], T::zero()),
            Self::Custom(op) => Some(op.piece(customs, inputs, output, i)),
            _ => None,
        }
    }

    /// Bounds the rounding error of element `i` of the output, in units of ε.
    ///
    /// Operations that only move or select numbers are exact. A sum of n terms is off by at most
    /// `n Σ|termᵢ|` units (Higham, *Accuracy and Stability of Numerical Algorithms*, 2002, §4.2).
    pub fn rounding(
        &self,
        customs: Customs<'_, T>,
        inputs: &[Operand<'_, T>; MAX_INPUTS],
        output: Operand<'_, T>,
        i: usize,
    ) -> T {
        let two = T::of(2.0);
        let y = output.data[i].abs();
        match self {
            Self::Leaf | Self::Constant | Self::Detach | Self::Block { .. } | Self::Layout(_) => {
                T::zero()
            }
            Self::Unary(Unary::Neg | Unary::Relu | Unary::Clamp(..)) => T::zero(),
            Self::Unary(Unary::Scale(_) | Unary::Shift(_) | Unary::Square) => y,
            // The slope 1 − y² is exact to ε only, whatever its size; |x| ≥ |y| allows for that.
            Self::Unary(Unary::Tanh) => two * inputs[0].data[i].abs(),
            Self::Unary(Unary::Exp | Unary::Ln | Unary::Softplus) => two * y,
            Self::Binary(Binary::Min) => T::zero(),
            Self::Binary(Binary::Add | Binary::Sub | Binary::Mul) => y,
            Self::Affine(op) => affine_rounding(*op, inputs, i),
            Self::Reduce(op) => reduce_rounding(*op, inputs[0], i),
            Self::Custom(op) => op.rounding(customs, inputs, output, i),
        }
    }
}

fn affine_rounding<T: Scalar>(op: Affine, inputs: &[Operand<'_, T>; MAX_INPUTS], i: usize) -> T {
    let [a, b, bias] = *inputs;
    let (row, column) = (i / b.shape[1], i % b.shape[1]);
    if op == Affine::AddBias {
        return a.data[i].abs() + b.data[column].abs();
    }
    let terms = a.shape[1];
    let left = &a.data[row * terms..(row + 1) * terms];
    let right = b.data[column..].iter().step_by(b.shape[1]);
    let sum: T = left.iter().zip(right).map(|(&a, &b)| (a * b).abs()).sum();
    let bias = bias.data.get(column).map_or(T::zero(), |bias| bias.abs());
    // Two more for the activation behind the sum.
    (sum + bias) * T::of((terms + 2) as f64)
}

fn reduce_rounding<T: Scalar>(op: Reduce, x: Operand<'_, T>, i: usize) -> T {
    let terms = op.terms(x.shape);
    let columns = x.shape[1];
    // The first term, and how far it is from one term to the next.
    let (start, step) = match op.over {
        super::Extent::All => (0, 1),
        super::Extent::Rows => (i, columns),
        super::Extent::Columns => (i * columns, 1),
    };
    let sum: T = x.data[start..].iter().step_by(step).take(terms).map(|x| x.abs()).sum();
    sum * op.factor(x.shape) * T::of(terms as f64)
}
