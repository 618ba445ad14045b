//! Columns taken out, matrices side by side, and explicit repetition. All are linear.

use super::call::{Adjoint, Call, MAX_INPUTS, Operand};
use crate::Scalar;
use crate::tape::Shape;
use crate::tape::error::TapeError;

/// Operations that move numbers without changing them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// The columns `start..end`: `[R, C] → [R, end − start]`.
    Columns { start: usize, end: usize },
    /// Two matrices side by side: `[R, C₁], [R, C₂] → [R, C₁ + C₂]`.
    Concat,
    /// A scalar, a row or a column repeated to a shape; `x̄ += Σ` over the copies.
    Broadcast { shape: Shape },
}

impl Layout {
    pub fn name(self) -> &'static str {
        match self {
            Self::Columns { .. } => "columns",
            Self::Concat => "concat",
            Self::Broadcast { .. } => "broadcast",
        }
    }

    pub fn shape(self, &[x, other, _]: &[Shape; MAX_INPUTS]) -> Result<Shape, TapeError> {
        let op = self.name();
        let refuse = |right, rule| Err(TapeError::Shapes { op, left: x, right, rule });
        match self {
            Self::Columns { start, end } if start >= end || end > x[1] => {
                Err(TapeError::Range { op, start, end, length: x[1] })
            }
            Self::Columns { start, end } => Ok([x[0], end - start]),
            Self::Concat if x[0] != other[0] => refuse(other, "both need the same number of rows"),
            Self::Concat => Ok([x[0], x[1] + other[1]]),
            Self::Broadcast { shape } => {
                let repeats =
                    |axis: usize| shape[axis] == x[axis] || (x[axis] == 1 && shape[axis] > 0);
                if repeats(0) && repeats(1) {
                    Ok(shape)
                } else {
                    refuse(shape, "only axes of length one can be repeated")
                }
            }
        }
    }

    pub fn value<T: Scalar>(self, inputs: &[Operand<'_, T>; MAX_INPUTS], y: &mut [T]) {
        let [a, b, _] = *inputs;
        match self {
            Self::Columns { start, end } => {
                let rows = a.data.chunks_exact(a.shape[1]);
                y.chunks_exact_mut(end - start)
                    .zip(rows)
                    .for_each(|(y, row)| y.copy_from_slice(&row[start..end]));
            }
            Self::Concat => {
                let [left, right] = [a.shape[1], b.shape[1]];
                for (i, row) in y.chunks_exact_mut(left + right).enumerate() {
                    row[..left].copy_from_slice(&a.data[i * left..(i + 1) * left]);
                    row[left..].copy_from_slice(&b.data[i * right..(i + 1) * right]);
                }
            }
            Self::Broadcast { shape } => {
                y.iter_mut()
                    .zip(sources(a.shape, shape))
                    .for_each(|(y, source)| *y = a.data[source]);
            }
        }
    }

    // ANCHOR: vjp
    pub fn vjp<T: Scalar>(self, call: &Call<'_, T>, which: usize, adjoint: Adjoint<'_, T>) {
        let [a, b, _] = call.inputs;
        let dy = call.cotangent;
        match self {
            Self::Columns { start, end } => {
                let rows = adjoint.accumulated().chunks_exact_mut(a.shape[1]);
                for (row, dy) in rows.zip(dy.chunks_exact(end - start)) {
                    row[start..end].iter_mut().zip(dy).for_each(|(x, &dy)| *x += dy);
                }
            }
            Self::Concat => {
                let [left, right] = [a.shape[1], b.shape[1]];
                let part = if which == 0 { 0..left } else { left..left + right };
                let rows = dy.chunks_exact(left + right);
                adjoint.add(rows.flat_map(|row| row[part.clone()].iter().copied()));
            }
            Self::Broadcast { shape } => {
                let sums = adjoint.accumulated();
                for (&dy, source) in dy.iter().zip(sources(a.shape, shape)) {
                    sums[source] += dy;
                }
            }
        }
    }
    // ANCHOR_END: vjp
}

/// For each element of the broadcast matrix, in order, the index of the element it repeats.
fn sources(from: Shape, to: Shape) -> impl Iterator<Item = usize> {
    let [row_step, column_step] =
        [if from[0] == 1 { 0 } else { from[1] }, usize::from(from[1] != 1)];
    (0..to[0]).flat_map(move |i| (0..to[1]).map(move |j| i * row_step + j * column_step))
}

#[cfg(test)]
mod tests {
    use crate::tape::{Activation, Gradients, Tape, TapeError};
    use ndarray::{Array2, array};

    #[test]
    fn concat_and_columns_undo_each_other_with_their_gradients() {
        let (s, a) = (array![[1.0, 2.0], [3.0, 4.0]], array![[5.0], [6.0]]);
        let tape = Tape::new();
        let (vs, va) = (tape.leaf(&s), tape.leaf(&a));
        let joined = vs.concat(va);
        assert_eq!(joined.value().unwrap(), array![[1.0, 2.0, 5.0], [3.0, 4.0, 6.0]]);
        assert_eq!(joined.columns(0..2).value().unwrap(), s);
        let gradients =
            joined.columns(1..3).backward_with(&array![[7.0, 8.0], [9.0, 10.0]]).unwrap();
        assert_eq!(gradients.wrt(vs), array![[0.0, 7.0], [0.0, 9.0]]);
        assert_eq!(gradients.wrt(va), array![[8.0], [10.0]]);
    }

    #[test]
    fn what_was_concatenated_from_constants_gets_no_gradient() {
        let (first, second) = (array![[1.0, 2.0, 3.0]], array![[4.0, 5.0, 6.0]]);
        let (x, weights, bias) =
            (array![[7.0, 8.0]], Array2::from_elem((8, 2), 0.5), array![[0.0, 0.0]]);
        let tape = Tape::new();
        let mut kept = Gradients::new();
        // Nothing that another sweep left behind is seen.
        let large = Array2::from_elem((30, 30), 9.0);
        tape.leaf(&large).square().sum().backward_into(&mut kept).unwrap();
        let tape = Tape::new();
        let [first, second] = [&first, &second].map(|constant| tape.constant(constant));
        let x = tape.leaf(&x);
        let joined = first.concat(second.concat(x)); // [1, 8]
        let (weights, bias) = (tape.constant(&weights), tape.constant(&bias));
        let y = joined.linear(weights, bias, Activation::Identity);
        // A second contribution is added to the first.
        let z = joined.linear(weights * 2.0, bias, Activation::Identity);
        (y.sum() + z.sum()).backward_into(&mut kept).unwrap();
        assert_eq!(kept.wrt(x), array![[3.0, 3.0]]);
        assert_eq!(kept.wrt(joined), array![[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0, 3.0]]);
    }

    #[test]
    fn rows_of_any_width_are_concatenated_and_shapes_that_do_not_fit_refused() {
        let a = Array2::from_shape_fn((4, 2), |(i, j)| (10 * i + j) as f64);
        let b = Array2::from_shape_fn((4, 3), |(i, j)| (10 * i + 2 + j) as f64);
        let tape = Tape::new();
        let (va, vb) = (tape.leaf(&a), tape.leaf(&b));
        let expected = Array2::from_shape_fn((4, 5), |(i, j)| (10 * i + j) as f64);
        assert_eq!(va.concat(vb).value().unwrap(), expected);
        let short = array![[1.0, 2.0]];
        let tape = Tape::new();
        let joined = tape.leaf(&a).concat(tape.leaf(&short));
        assert!(matches!(joined.value(), Err(TapeError::Shapes { op: "concat", .. })));
        let tape = Tape::new();
        let nothing = tape.leaf(&short).broadcast([0, 2]);
        assert!(matches!(nothing.value(), Err(TapeError::Shapes { op: "broadcast", .. })));
    }

    #[test]
    fn broadcast_repeats_and_its_gradient_sums_the_copies() {
        let (scalar, row, column) = (array![[2.0]], array![[1.0, 2.0]], array![[1.0], [2.0]]);
        let cotangent = array![[1.0, 10.0], [100.0, 1000.0]];
        let tape = Tape::new();
        let wide = |x, repeated, summed| {
            let v = tape.leaf(x);
            let y = v.broadcast([2, 2]);
            assert_eq!(y.value().unwrap(), repeated);
            assert_eq!(y.backward_with(&cotangent).unwrap().wrt(v), summed);
        };
        wide(&scalar, array![[2.0, 2.0], [2.0, 2.0]], array![[1111.0]]);
        wide(&row, array![[1.0, 2.0], [1.0, 2.0]], array![[101.0, 1010.0]]);
        wide(&column, array![[1.0, 1.0], [2.0, 2.0]], array![[11.0], [1100.0]]);
    }

    #[test]
    fn impossible_ranges_and_repetitions_are_refused() {
        let x = array![[1.0, 2.0, 3.0]];
        for (start, end) in [(1, 1), (2, 4), (3, 2)] {
            let tape = Tape::new();
            let columns = tape.leaf(&x).columns(start..end);
            assert!(matches!(columns.value(), Err(TapeError::Range { op: "columns", .. })));
        }
        let tape = Tape::new();
        let wider = tape.leaf(&x).broadcast([2, 4]);
        assert!(matches!(wider.value(), Err(TapeError::Shapes { op: "broadcast", .. })));
    }
}
