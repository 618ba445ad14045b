//! The trait of operations that others bring along.

use ndarray::{ArrayView2, ArrayViewMut2};

use crate::Scalar;
use crate::tape::Shape;

/// An operation with a hand-written derivative, for [`Tape::custom`](crate::tape::Tape::custom).
///
/// Name, value and vector–Jacobian product (VJP) are all that an element-wise, smooth operation has to
/// say. Put it under [`gradcheck`](crate::gradcheck::gradcheck) before it is used: a VJP that is
/// wrong is found and named.
///
/// ```
/// use ndarray::{ArrayView2, ArrayViewMut2, array};
/// use softac::gradcheck::gradcheck;
/// use softac::tape::{CustomOp, Pullback};
///
/// /// `y = x³`, `x̄ = 3 x² ȳ`.
/// struct Cube;
///
/// impl CustomOp<f64> for Cube {
///     fn name(&self) -> &'static str {
///         "cube"
///     }
///     fn value(&self, x: &[ArrayView2<f64>], mut y: ArrayViewMut2<f64>) {
///         y.zip_mut_with(&x[0], |y, x| *y = x.powi(3));
///     }
///     fn vjp(&self, at: &Pullback<f64>, _: usize, mut x_bar: ArrayViewMut2<f64>) {
///         x_bar.assign(&(&at.cotangent * &at.inputs[0].map(|x| 3.0 * x * x)));
///     }
/// }
///
/// let x = array![[0.5, -1.2]];
/// gradcheck(|tape, p| tape.custom(&Cube, &[p[0]]), &[&x])?.assert_ok();
/// # Ok::<(), softac::tape::TapeError>(())
/// ```
///
/// The methods must give the same results whenever they get the same inputs.
// `Sync` keeps tapes `Send`. It also keeps an operation from holding a tape, which is not `Sync`: what
// runs while the tape's cell is borrowed cannot borrow it again.
pub trait CustomOp<T: Scalar>: Sync {
    /// The name in error messages and reports; best one that no other operation has.
    fn name(&self) -> &'static str;

    /// The shape of the output, or the rule that the inputs' shapes break. By default the operation is
    /// element-wise: all shapes are equal.
    ///
    /// # Errors
    /// The rule, in words: `"both need the same number of rows"`.
    fn shape(&self, inputs: &[Shape]) -> Result<Shape, &'static str> {
        let equal = inputs.iter().all(|shape| *shape == inputs[0]);
        if equal { Ok(inputs[0]) } else { Err("element-wise operations need equal shapes") }
    }

    /// Writes the output `y`. What is not written stays NaN, and so does not stay unnoticed.
    fn value(&self, inputs: &[ArrayView2<'_, T>], y: ArrayViewMut2<'_, T>);

    /// Writes `ȳ ∂y/∂x` for input number `which`. `x_bar` comes as zeros, in the shape of that input;
    /// the tape adds what is written to the contributions of other operations. Not called for inputs
    /// that depend on no leaf.
    fn vjp(&self, at: &Pullback<'_, T>, which: usize, x_bar: ArrayViewMut2<'_, T>);

    /// A number for the piece that element `[i, j]` of the output is on, where the operation is defined
    /// in pieces: two points with a kink between them must get different numbers. By default 0: the
    /// operation is smooth. Only the gradient checker asks; it then steps around kinks.
    fn piece(&self, inputs: &[ArrayView2<'_, T>], element: [usize; 2]) -> i32 {
        let _ = (inputs, element);
        0
    }

    /// Bounds the rounding error of element `[i, j]` of the output `y`, in units of ε. Only the gradient
    /// checker asks: from a bound that is too small it would conclude mismatches that are none, with one
    /// that is too wide it abstains.
    ///
    /// By default `8 (1 + |y| + Σ|x|)`, over all elements of all inputs. That is ample where intermediate
    /// results are no larger than the larger of 1, inputs and output; where they are, as in a product of
    /// large numbers that cancel, override it.
    fn rounding(
        &self,
        inputs: &[ArrayView2<'_, T>],
        y: ArrayView2<'_, T>,
        element: [usize; 2],
    ) -> T {
        let sum: T = inputs.iter().flatten().map(|x| x.abs()).sum();
        T::of(8.0) * (T::one() + y[element].abs() + sum)
    }
}

/// What a [`CustomOp`]'s VJP may read.
#[derive(Clone, Copy, Debug)]
pub struct Pullback<'a, T> {
    /// The inputs, as they were when the value was computed.
    pub inputs: &'a [ArrayView2<'a, T>],
    /// The output `y`.
    pub output: ArrayView2<'a, T>,
    /// The adjoint of the output, `ȳ`.
    pub cotangent: ArrayView2<'a, T>,
}

/// The custom operations of one recording.
pub(crate) type Customs<'a, T> = &'a [&'a dyn CustomOp<T>];
