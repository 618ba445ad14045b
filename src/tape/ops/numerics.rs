//! Where the operations have kinks, and how exactly they are computed: for the gradient checker.

use super::Op;
use super::activation::Activation;
use super::affine::Affine;
use super::binary::Binary;
use super::call::{MAX_INPUTS, Operand};
use super::custom_op::Customs;
use super::reduce::{Extent, Reduce};
use super::unary::Unary;
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
        Extent::All => (0, 1),
        Extent::Rows => (i, columns),
        Extent::Columns => (i * columns, 1),
    };
    let sum: T = x.data[start..].iter().step_by(step).take(terms).map(|x| x.abs()).sum();
    sum * op.factor(x.shape) * T::of(terms as f64)
}

#[cfg(test)]
mod tests {
    use super::super::{Context, Extent, Layout};
    use super::*;
    use crate::Numerics;
    use crate::kernel::Panels;
    use crate::tape::Shape;
    use alloc::vec;
    use alloc::vec::Vec;
    use ndarray::{Array2, array};

    /// What `ask` says of each element of an operation's output.
    fn of_each<R>(
        op: Op<f64>,
        inputs: &[&Array2<f64>],
        ask: impl Fn(&Op<f64>, &[Operand<'_, f64>; MAX_INPUTS], Operand<'_, f64>, usize) -> R,
    ) -> Vec<R> {
        let mut operands = [Operand { data: &[][..], shape: [0, 0] }; MAX_INPUTS];
        for (operand, input) in operands.iter_mut().zip(inputs) {
            *operand = Operand { data: input.as_slice().unwrap(), shape: input.dim().into() };
        }
        let shapes: [Shape; MAX_INPUTS] = operands.map(|operand| operand.shape);
        let shape = op.shape(&[], &shapes).unwrap();
        let mut y = vec![0.0; shape[0] * shape[1]];
        let context = Context { numerics: Numerics::Portable, customs: &[] };
        op.value(context, &operands, shape, &mut y, &mut Panels::new());
        let output = Operand { data: &y, shape };
        (0..y.len()).map(|i| ask(&op, &operands, output, i)).collect()
    }

    fn pieces(op: Op<f64>, inputs: &[&Array2<f64>]) -> Vec<Option<i32>> {
        of_each(op, inputs, |op, inputs, output, i| op.piece(&[], inputs, output, i))
    }

    fn roundings(op: Op<f64>, inputs: &[&Array2<f64>]) -> Vec<f64> {
        of_each(op, inputs, |op, inputs, output, i| op.rounding(&[], inputs, output, i))
    }

    #[test]
    fn each_side_of_a_kink_is_a_piece_and_the_kink_itself_another() {
        let x = array![[-2.0, -1.0, 0.0, 1.0, 2.0, f64::NAN]];
        let (below, at, above) = (Some(-1), Some(0), Some(1));
        assert_eq!(pieces(Op::Unary(Unary::Relu), &[&x]), [below, below, at, above, above, None]);
        let clamp = Op::Unary(Unary::Clamp(-1.0, 1.0));
        assert_eq!(pieces(clamp, &[&x]), [below, at, at, at, above, at]);
        let (a, b) = (array![[1.0, 2.0, 3.0]], array![[2.0, 2.0, 2.0]]);
        assert_eq!(pieces(Op::Binary(Binary::Min), &[&a, &b]), [below, at, above]);
        let (x, w, bias) = (array![[1.0]], array![[-1.0, 0.0, 2.0]], array![[0.0, 0.0, 0.0]]);
        let layer = |activation| Op::Affine(Affine::Linear(activation));
        assert_eq!(pieces(layer(Activation::Relu), &[&x, &w, &bias]), [at, at, above]);
        assert_eq!(pieces(layer(Activation::Tanh), &[&x, &w, &bias]), [None; 3]);
        assert_eq!(pieces(Op::Unary(Unary::Tanh), &[&a]), [None; 3]);
    }

    #[test]
    fn operations_with_kinks_are_piecewise_and_no_others() {
        let layer = |activation| Op::<f64>::Affine(Affine::Linear(activation));
        for op in [
            Op::Unary(Unary::Relu),
            Op::Unary(Unary::Clamp(-1.0, 1.0)),
            Op::Binary(Binary::Min),
            layer(Activation::Relu),
        ] {
            assert!(op.is_piecewise(), "{}", op.name());
        }
        for op in [
            Op::Leaf,
            Op::Unary(Unary::Tanh),
            Op::Binary(Binary::Mul),
            layer(Activation::Tanh),
            Op::Reduce(Reduce { over: Extent::All, mean: true }),
        ] {
            assert!(!op.is_piecewise(), "{}", op.name());
        }
    }

    #[test]
    fn element_wise_operations_are_off_by_a_unit_or_two_of_what_they_give() {
        let x = array![[-0.5, 0.25, 3.0]];
        let exact = [0.0; 3];
        for op in [Unary::Neg, Unary::Relu, Unary::Clamp(-1.0, 1.0)] {
            assert_eq!(roundings(Op::Unary(op), &[&x]), exact);
        }
        assert_eq!(roundings(Op::Unary(Unary::Scale(-4.0)), &[&x]), [2.0, 1.0, 12.0]);
        assert_eq!(roundings(Op::Unary(Unary::Shift(-4.0)), &[&x]), [4.5, 3.75, 1.0]);
        assert_eq!(roundings(Op::Unary(Unary::Square), &[&x]), [0.25, 0.0625, 9.0]);
        assert_eq!(roundings(Op::Unary(Unary::Tanh), &[&x]), [1.0, 0.5, 6.0]);
        let exp = roundings(Op::Unary(Unary::Exp), &[&x]);
        assert!(exp.iter().zip(&x).all(|(found, x)| (found / x.exp() - 2.0).abs() < 1e-14));
        let y = array![[2.0, -0.25, 1.0]];
        assert_eq!(roundings(Op::Binary(Binary::Min), &[&x, &y]), exact);
        assert_eq!(roundings(Op::Binary(Binary::Sub), &[&x, &y]), [2.5, 0.5, 2.0]);
        assert_eq!(roundings(Op::Layout(Layout::Concat), &[&x, &y]), [0.0; 6]);
    }

    #[test]
    fn a_sum_is_off_by_its_number_of_terms_times_their_sizes() {
        // [2, 3] times [3, 2].
        let a = array![[1.0, -2.0, 3.0], [-4.0, 5.0, 0.5]];
        let b = array![[2.0, -1.0], [0.5, 1.0], [-3.0, 4.0]];
        let bias = array![[-10.0, 20.0]];
        let sizes = [2.0 + 1.0 + 9.0, 1.0 + 2.0 + 12.0, 8.0 + 2.5 + 1.5, 4.0 + 5.0 + 2.0];
        assert_eq!(roundings(Op::Affine(Affine::MatMul), &[&a, &b]), sizes.map(|size| 5.0 * size));
        let biased = [sizes[0] + 10.0, sizes[1] + 20.0, sizes[2] + 10.0, sizes[3] + 20.0];
        let layer = Op::Affine(Affine::Linear(Activation::Tanh));
        assert_eq!(roundings(layer, &[&a, &b, &bias]), biased.map(|size| 5.0 * size));
        let row = array![[-1.0, 2.0, -3.0]];
        let expected = [2.0, 4.0, 6.0, 5.0, 7.0, 3.5];
        assert_eq!(roundings(Op::Affine(Affine::AddBias), &[&a, &row]), expected);
        let reduce = |over, mean| roundings(Op::Reduce(Reduce { over, mean }), &[&a]);
        assert_eq!(reduce(Extent::All, false), [6.0 * 15.5]);
        assert_eq!(reduce(Extent::Rows, false), [2.0 * 5.0, 2.0 * 7.0, 2.0 * 3.5]);
        assert_eq!(reduce(Extent::Columns, false), [3.0 * 6.0, 3.0 * 9.5]);
        assert_eq!(reduce(Extent::Rows, true), [5.0, 7.0, 3.5]);
    }
}
