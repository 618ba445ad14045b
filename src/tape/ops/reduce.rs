//! Sums and means: over everything, over rows, over columns.

use super::call::{Adjoint, Call, Operand};
use crate::Scalar;
use crate::tape::Shape;

/// What a sum or mean runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All elements: `[R, C] → [1, 1]`.
    All,
    /// The rows of each column, `Axis(0)`: `[R, C] → [1, C]`.
    Rows,
    /// The columns of each row, `Axis(1)`: `[R, C] → [R, 1]`.
    Columns,
}

/// A sum or mean. Linear: `x̄ᵢ += ȳ` for the sum, `ȳ / n` for the mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reduce {
    pub over: Extent,
    pub mean: bool,
}

impl Reduce {
    pub fn name(self) -> &'static str {
        match (self.mean, self.over) {
            (false, Extent::All) => "sum",
            (false, Extent::Rows) => "sum_rows",
            (false, Extent::Columns) => "sum_columns",
            (true, Extent::All) => "mean",
            (true, Extent::Rows) => "mean_rows",
            (true, Extent::Columns) => "mean_columns",
        }
    }

    pub fn shape(self, [rows, columns]: Shape) -> Shape {
        match self.over {
            Extent::All => [1, 1],
            Extent::Rows => [1, columns],
            Extent::Columns => [rows, 1],
        }
    }

    /// How many terms a sum over a matrix of this shape has.
    pub(super) fn terms(self, [rows, columns]: Shape) -> usize {
        match self.over {
            Extent::All => rows * columns,
            Extent::Rows => rows,
            Extent::Columns => columns,
        }
    }

    /// The factor on the sum: 1, or 1 over the number of terms.
    pub(super) fn factor<T: Scalar>(self, shape: Shape) -> T {
        if self.mean { T::one() / T::of(self.terms(shape) as f64) } else { T::one() }
    }

    pub fn value<T: Scalar>(self, x: Operand<'_, T>, y: &mut [T]) {
        y.fill(T::zero());
        for (i, row) in x.data.chunks_exact(x.shape[1]).enumerate() {
            match self.over {
                Extent::All => y[0] += row.iter().copied().sum(),
                Extent::Rows => y.iter_mut().zip(row).for_each(|(y, &x)| *y += x),
                Extent::Columns => y[i] = row.iter().copied().sum(),
            }
        }
        let factor = self.factor(x.shape);
        y.iter_mut().for_each(|y| *y *= factor);
    }

    // ANCHOR: vjp
    pub fn vjp<T: Scalar>(self, call: &Call<'_, T>, adjoint: Adjoint<'_, T>) {
        let [x, ..] = call.inputs;
        let factor = self.factor::<T>(x.shape);
        let dy = call.cotangent;
        let columns = x.shape[1];
        match self.over {
            Extent::All => adjoint.add(core::iter::repeat_n(dy[0] * factor, x.data.len())),
            Extent::Rows => {
                adjoint.add(dy.iter().map(|&dy| dy * factor).cycle().take(x.data.len()))
            }
            Extent::Columns => {
                adjoint.add(dy.iter().flat_map(|&dy| core::iter::repeat_n(dy * factor, columns)))
            }
        }
    }
    // ANCHOR_END: vjp
}

#[cfg(test)]
mod tests {
    use crate::tape::Tape;
    use ndarray::array;

    #[test]
    fn sums_and_means_reduce_the_documented_axis() {
        let x = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        let tape = Tape::new();
        let v = tape.leaf(&x);
        assert_eq!(v.sum().value().unwrap(), array![[21.0]]);
        assert_eq!(v.mean().value().unwrap(), array![[3.5]]);
        assert_eq!(v.sum_rows().value().unwrap(), array![[5.0, 7.0, 9.0]]);
        assert_eq!(v.mean_rows().value().unwrap(), array![[2.5, 3.5, 4.5]]);
        assert_eq!(v.sum_columns().value().unwrap(), array![[6.0], [15.0]]);
        assert_eq!(v.mean_columns().value().unwrap(), array![[2.0], [5.0]]);
    }

    #[test]
    fn the_gradient_of_a_mean_is_its_weight() {
        let x = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        let tape = Tape::new();
        let v = tape.leaf(&x);
        let all = v.mean().backward_with(&array![[12.0]]).unwrap();
        assert_eq!(all.wrt(v), array![[2.0, 2.0, 2.0], [2.0, 2.0, 2.0]]);
        let rows = v.mean_rows().backward_with(&array![[2.0, 4.0, 6.0]]).unwrap();
        assert_eq!(rows.wrt(v), array![[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]);
        let columns = v.mean_columns().backward_with(&array![[3.0], [6.0]]).unwrap();
        assert_eq!(columns.wrt(v), array![[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]);
    }
}
