//! An operation of one's own on the tape, its derivative written by hand and checked; then written
//! wrongly, and found.

use std::error::Error;
use std::f64::consts::LN_2;

use ndarray::{ArrayView2, ArrayViewMut2, Zip, array};
use softac::Scalar;
use softac::elementary::{softplus, tanh};
use softac::gradcheck::{gradcheck, named};
use softac::tape::{CustomOp, Pullback};

// ANCHOR: log_cosh
/// `y = ln cosh x = |x| + softplus(−2|x|) − ln 2`, which does not overflow; `x̄ = ȳ tanh x`.
struct LogCosh;

impl<T: Scalar> CustomOp<T> for LogCosh {
    fn name(&self) -> &'static str {
        "log_cosh"
    }

    fn value(&self, x: &[ArrayView2<T>], mut y: ArrayViewMut2<T>) {
        let log_cosh = |x: T| x.abs() + softplus(T::of(-2.0) * x.abs()) - T::of(LN_2);
        y.zip_mut_with(&x[0], |y, &x| *y = log_cosh(x));
    }

    fn vjp(&self, at: &Pullback<T>, _which: usize, x_bar: ArrayViewMut2<T>) {
        let points = Zip::from(x_bar).and(at.inputs[0]).and(at.cotangent);
        points.for_each(|x_bar, &x, &y_bar| *x_bar = y_bar * tanh(x));
    }
}
// ANCHOR_END: log_cosh

/// The same function, whose derivative forgets the sign of x.
struct Wrong;

impl<T: Scalar> CustomOp<T> for Wrong {
    fn name(&self) -> &'static str {
        "log_cosh_wrong"
    }

    fn value(&self, x: &[ArrayView2<T>], y: ArrayViewMut2<T>) {
        LogCosh.value(x, y);
    }

    fn vjp(&self, at: &Pullback<T>, _which: usize, x_bar: ArrayViewMut2<T>) {
        let points = Zip::from(x_bar).and(at.inputs[0]).and(at.cotangent);
        points.for_each(|x_bar, &x, &y_bar| *x_bar = y_bar * tanh(x.abs()));
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    // ANCHOR: check
    let x = array![[0.3, -1.2], [2.0, -40.0]];
    let report = gradcheck(|tape, p| tape.custom(&LogCosh, &[p[0]]), &[&named("x", &x)])?;
    report.assert_ok();
    // ANCHOR_END: check
    println!("{report}");

    // Within a loss, and wrong: the report names the operation.
    let (x, w) = (array![[0.5, -1.0], [2.0, 1.25]], array![[0.3], [-0.8]]);
    let loss = gradcheck(
        |tape, p| tape.custom(&Wrong, &[tape.constant(&x).matmul(p[0])]).mean(),
        &[&named("w", &w)],
    )?;
    println!("{loss}");
    assert_eq!(loss.culprit.map(|culprit| culprit.operation), Some("log_cosh_wrong"));
    Ok(())
}
