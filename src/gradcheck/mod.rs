//! A gradient checker that knows its own error.
//!
//! It compares the gradient of the tape with derivatives from function values alone, component by
//! component. Six traps of such checks, and what is done about them:
//!
//! - *A tolerance is guessed*: too wide it hides errors, too narrow it invents them. [`ridders`]
//!   gives a derivative *and* a bound on its error, and the bound decides.
//! - *Sums are blind*: Σ softmax is constant. Matrices are contracted with a fixed cotangent of
//!   random numbers.
//! - *Differences see through `detach`*, so that right code fails and wrong code can pass. Detached
//!   nodes are held to their values while inputs move.
//! - *Differences across a kink mean nothing.* Steps shrink until every piecewise function stays on
//!   its piece; at the kink itself the verdict is [`Unchecked`](Verdict::Unchecked), never a silent
//!   pass.
//! - *Bends and oscillations can be narrower than the step.* The value one tiny step away must be
//!   predicted; if it is not, or if estimates contradict each other, smaller steps follow.
//! - *What was not checked looks like what passed.* The report keeps a ledger, and fails when
//!   coverage falls.
//!
//! Operations of one's own ([`CustomOp`](crate::tape::CustomOp)) are checked like all others. The
//! book's chapter on checking gradients has the reasons, and a runnable example of every verdict.
//!
//! ```
//! use ndarray::array;
//! use softac::gradcheck::gradcheck;
//!
//! let x = array![[0.3, -1.2], [2.0, 0.7]];
//! let w = array![[0.5], [-0.3]];
//! let report = gradcheck(|_, p| p[0].matmul(p[1]).tanh().square().mean(), &[&x, &w])?;
//! report.assert_ok();
//! # Ok::<(), softac::tape::TapeError>(())
//! ```

mod attribution;
mod check;
mod checker;
mod culprit;
mod input;
mod judge;
mod noise;
mod oracle;
mod reason;
mod recording;
mod report;
mod row;
mod suite;
mod table;
#[cfg(test)]
mod tests;
mod verdict;

pub use checker::Checker;
pub use culprit::Culprit;
pub use input::{Input, Named, named};
pub use oracle::{Estimate, Probe, ridders};
pub use reason::Reason;
pub use report::{Coverage, Report};
pub use row::Row;
pub use suite::{Case, Group, SHAPES, suite, suite_at};
pub use verdict::Verdict;

use crate::tape::{Tape, TapeError, Var};

/// Checks the gradient of `f` with respect to all `inputs`, at the point that they are.
///
/// `f` gets a tape and one leaf per input, and returns a matrix of any shape. What it needs besides
/// goes in through `tape.constant`. It must give the same values whenever it is called with the
/// same inputs.
///
/// ```
/// use ndarray::array;
/// use softac::gradcheck::{gradcheck, named};
///
/// let (x, y) = (array![[0.1, 0.2], [0.3, -0.4]], array![[1.0], [0.0]]);
/// let (w, b) = (array![[0.5], [-0.3]], array![[0.1]]);
/// let loss = gradcheck(
///     |tape, p| {
///         let prediction = tape.constant(&x).matmul(p[0]).add_bias(p[1]);
///         (prediction - tape.constant(&y)).square().mean()
///     },
///     &[&named("w", &w), &named("b", &b)],
/// )?;
/// loss.assert_ok();
/// println!("{loss}");
/// # Ok::<(), softac::tape::TapeError>(())
/// ```
///
/// # Errors
/// If `f` asks for something that the tape refuses.
pub fn gradcheck<'p, F>(f: F, inputs: &[&dyn Input]) -> Result<Report, TapeError>
where
    F: for<'t> Fn(&'t Tape<'p, f64>, &[Var<'t, f64>]) -> Var<'t, f64>,
{
    Checker::new().check(f, inputs)
}
