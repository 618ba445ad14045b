//! Operations that others bring along, as nodes of the tape.

use ndarray::ArrayView2;

use super::call::{Adjoint, Call, MAX_INPUTS, Operand, view_mut};
use super::custom_op::{Customs, Pullback};
use crate::Scalar;
use crate::tape::Shape;
use crate::tape::error::TapeError;

/// A node's reference to its operation: an index, so that nodes carry no lifetime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Custom {
    pub index: usize,
    pub arity: usize,
    pub name: &'static str,
}

impl Custom {
    /// What the operation says, if it is a shape that a matrix can have.
    pub fn shape<T: Scalar>(
        self,
        customs: Customs<'_, T>,
        inputs: &[Shape; MAX_INPUTS],
    ) -> Result<Shape, TapeError> {
        let (op, inputs) = (self.name, &inputs[..self.arity]);
        let shape = customs[self.index].shape(inputs).map_err(|rule| match *inputs {
            [left, right, ..] => TapeError::Shapes { op, left, right, rule },
            _ => TapeError::Shape { op, shape: inputs[0], rule },
        })?;
        let rule =
            "the output needs at least one row and one column, and a length that fits `usize`";
        match shape[0].checked_mul(shape[1]) {
            Some(1..) => Ok(shape),
            _ => Err(TapeError::Shape { op, shape, rule }),
        }
    }

    pub fn value<T: Scalar>(
        self,
        customs: Customs<'_, T>,
        inputs: &[Operand<'_, T>; MAX_INPUTS],
        shape: Shape,
        y: &mut [T],
    ) {
        y.fill(T::nan());
        customs[self.index].value(&views(inputs)[..self.arity], view_mut(shape, y));
    }

    pub fn vjp<T: Scalar>(self, call: &Call<'_, T>, which: usize, adjoint: Adjoint<'_, T>) {
        let inputs = views(&call.inputs);
        let at = Pullback {
            inputs: &inputs[..self.arity],
            output: call.output.view(),
            cotangent: Operand { data: call.cotangent, shape: call.output.shape }.view(),
        };
        let shape = call.inputs[which].shape;
        let op = call.context.customs[self.index];
        adjoint.add_written(|x_bar| op.vjp(&at, which, view_mut(shape, x_bar)));
    }

    pub fn piece<T: Scalar>(
        self,
        customs: Customs<'_, T>,
        inputs: &[Operand<'_, T>; MAX_INPUTS],
        output: Operand<'_, T>,
        i: usize,
    ) -> i32 {
        customs[self.index].piece(&views(inputs)[..self.arity], element(output.shape, i))
    }

    pub fn rounding<T: Scalar>(
        self,
        customs: Customs<'_, T>,
        inputs: &[Operand<'_, T>; MAX_INPUTS],
        output: Operand<'_, T>,
        i: usize,
    ) -> T {
        let inputs = &views(inputs)[..self.arity];
        customs[self.index].rounding(inputs, output.view(), element(output.shape, i))
    }
}

fn views<'a, T>(inputs: &[Operand<'a, T>; MAX_INPUTS]) -> [ArrayView2<'a, T>; MAX_INPUTS] {
    inputs.each_ref().map(|x| Operand { ..*x }.view())
}

/// Row and column of the element that is number `i`, row after row.
fn element(shape: Shape, i: usize) -> [usize; 2] {
    [i / shape[1], i % shape[1]]
}

#[cfg(test)]
mod tests {
    use ndarray::{ArrayViewMut2, array};

    use super::*;
    use crate::tape::CustomOp;

    /// An operation that says no more than it has to.
    struct Plain;

    impl CustomOp<f64> for Plain {
        fn name(&self) -> &'static str {
            "plain"
        }

        fn value(&self, x: &[ArrayView2<'_, f64>], mut y: ArrayViewMut2<'_, f64>) {
            y.assign(&x[0]);
        }

        fn vjp(&self, at: &Pullback<'_, f64>, _which: usize, mut x_bar: ArrayViewMut2<'_, f64>) {
            x_bar.assign(&at.cotangent);
        }
    }

    #[test]
    fn by_default_an_operation_is_smooth_element_wise_and_well_rounded() {
        let (x, y) = (array![[1.0, -2.0]], array![[3.0, -5.0]]);
        assert_eq!(Plain.shape(&[[1, 2], [1, 2]]), Ok([1, 2]));
        assert!(Plain.shape(&[[1, 2], [2, 1]]).is_err());
        assert_eq!(Plain.piece(&[x.view()], [0, 1]), 0);
        // 8 (1 + |y| + Σ|x|)
        assert_eq!(Plain.rounding(&[x.view()], y.view(), [0, 1]), 8.0 * (1.0 + 5.0 + 3.0));
    }

    #[test]
    fn elements_are_numbered_row_after_row() {
        assert_eq!([0, 1, 4, 5].map(|i| element([3, 2], i)), [[0, 0], [0, 1], [2, 0], [2, 1]]);
    }
}
