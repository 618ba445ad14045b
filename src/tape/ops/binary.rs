//! Element-wise functions of two matrices of one shape.

use super::call::{Adjoint, Call};
use crate::Scalar;
use crate::kernel::vectorised;
use crate::tape::Shape;
use crate::tape::error::TapeError;

/// `y = f(a, b)`, element by element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Sub,
    Mul,
    Min,
}

/// What is to be done with a function and its two partial slopes.
trait Visit<T> {
    /// `value` is `f(a, b)`; `slopes` are `∂f/∂a` and `∂f/∂b`.
    fn visit(self, value: impl Fn(T, T) -> T, slopes: impl Fn(T, T) -> [T; 2]);
}

impl Binary {
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Sub => "sub",
            Self::Mul => "mul",
            Self::Min => "min",
        }
    }

    pub fn shape(self, a: Shape, b: Shape) -> Result<Shape, TapeError> {
        if a != b {
            let rule = "element-wise operations need equal shapes; `broadcast` repeats explicitly";
            return Err(TapeError::Shapes { op: self.name(), left: a, right: b, rule });
        }
        Ok(a)
    }

    // ANCHOR: define
    /// Every function beside its slopes. Domain: all reals, smooth, unless said otherwise.
    fn define<T: Scalar>(self, visit: impl Visit<T>) {
        let (zero, one, half) = (T::zero(), T::one(), T::of(0.5));
        match self {
            Self::Add => visit.visit(|a, b| a + b, |_, _| [one, one]),
            Self::Sub => visit.visit(|a, b| a - b, |_, _| [one, -one]),
            Self::Mul => visit.visit(|a, b| a * b, |a, b| [b, a]),
            // A kink where a = b: half of the gradient to either. A NaN on either side wins.
            Self::Min => visit.visit(
                |a, b| if b < a || b.is_nan() { b } else { a },
                |a, b| {
                    if a < b {
                        [one, zero]
                    } else if b < a {
                        [zero, one]
                    } else {
                        [half, half]
                    }
                },
            ),
        }
    }
    // ANCHOR_END: define

    pub fn value<T: Scalar>(self, a: &[T], b: &[T], y: &mut [T]) {
        self.define(Value { a, b, y });
    }

    pub fn vjp<T: Scalar>(self, call: &Call<'_, T>, which: usize, adjoint: Adjoint<'_, T>) {
        self.define(Vjp { call, which, adjoint });
    }
}

struct Value<'a, T> {
    a: &'a [T],
    b: &'a [T],
    y: &'a mut [T],
}

impl<T: Scalar> Visit<T> for Value<'_, T> {
    fn visit(self, value: impl Fn(T, T) -> T, _slopes: impl Fn(T, T) -> [T; 2]) {
        let pairs = self.a.iter().zip(self.b);
        vectorised!(|| self.y.iter_mut().zip(pairs).for_each(|(y, (&a, &b))| *y = value(a, b)));
    }
}

struct Vjp<'a, T> {
    call: &'a Call<'a, T>,
    which: usize,
    adjoint: Adjoint<'a, T>,
}

impl<T: Scalar> Visit<T> for Vjp<'_, T> {
    fn visit(self, _value: impl Fn(T, T) -> T, slopes: impl Fn(T, T) -> [T; 2]) {
        let [a, b, _] = &self.call.inputs;
        let points = a.data.iter().zip(b.data);
        let terms =
            points.zip(self.call.cotangent).map(|((&a, &b), &dy)| dy * slopes(a, b)[self.which]);
        self.adjoint.add(terms);
    }
}

#[cfg(test)]
mod tests {
    use crate::tape::{Tape, TapeError};
    use ndarray::array;

    #[test]
    fn values_are_the_functions() {
        let (a, b) = (array![[1.0, -2.0]], array![[3.0, 0.5]]);
        let tape = Tape::new();
        let (a, b) = (tape.leaf(&a), tape.leaf(&b));
        assert_eq!((a + b).value().unwrap(), array![[4.0, -1.5]]);
        assert_eq!((a - b).value().unwrap(), array![[-2.0, -2.5]]);
        assert_eq!((a * b).value().unwrap(), array![[3.0, -1.0]]);
        assert_eq!(a.min(b).value().unwrap(), array![[1.0, -2.0]]);
        assert_eq!(b.min(a).value().unwrap(), array![[1.0, -2.0]]);
    }

    #[test]
    fn of_two_zeros_min_is_the_first() {
        let zeros = [array![[0.0_f64]], array![[-0.0]]];
        let tape = Tape::new();
        let [plus, minus] = zeros.each_ref().map(|zero| tape.leaf(zero));
        assert!(plus.min(minus).item().unwrap().is_sign_positive());
        assert!(minus.min(plus).item().unwrap().is_sign_negative());
    }

    #[test]
    fn min_sends_the_gradient_to_the_smaller_side_and_halves_it_at_a_tie() {
        let (a, b) = (array![[1.0, 2.0, 5.0]], array![[3.0, 2.0, 4.0]]);
        let tape = Tape::new();
        let (a, b) = (tape.leaf(&a), tape.leaf(&b));
        let gradients = a.min(b).sum().backward().unwrap();
        assert_eq!(gradients.wrt(a), array![[1.0, 0.5, 0.0]]);
        assert_eq!(gradients.wrt(b), array![[0.0, 0.5, 1.0]]);
    }

    #[test]
    fn min_never_hides_not_a_number() {
        let (a, b) = (array![[f64::NAN, 1.0]], array![[1.0, f64::NAN]]);
        let tape = Tape::new();
        let y = tape.leaf(&a).min(tape.leaf(&b)).value().unwrap();
        assert!(y.iter().all(|y| y.is_nan()));
    }

    #[test]
    fn a_column_and_a_row_are_not_broadcast_against_each_other() {
        let (column, row) = (array![[1.0], [2.0]], array![[1.0, 2.0]]);
        let tape = Tape::new();
        let sum = tape.leaf(&column) + tape.leaf(&row);
        assert!(matches!(
            sum.value(),
            Err(TapeError::Shapes { op: "add", left: [2, 1], right: [1, 2], .. })
        ));
    }
}
