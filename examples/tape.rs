//! The tape alone: a gradient beside its finite difference.

use ndarray::array;
use softac::tape::{Tape, TapeError};

fn main() -> Result<(), TapeError> {
    let x = array![[1.0, 2.0], [3.0, -1.0]]; // [2, 2]
    let loss_at = |w0: f64| -> Result<(f64, f64), TapeError> {
        let w = array![[w0], [-0.3]]; // [2, 1]
        let tape = Tape::new();
        let (x, w) = (tape.constant(&x), tape.leaf(&w));
        let loss = x.matmul(w).tanh().square().mean();
        Ok((loss.item()?, loss.backward()?.wrt(w)[[0, 0]]))
    };
    let (_, gradient) = loss_at(0.5)?;
    let difference = (loss_at(0.5 + 1e-5)?.0 - loss_at(0.5 - 1e-5)?.0) / 2e-5;
    println!("gradient   {gradient:.10}\ndifference {difference:.10}");
    Ok(())
}
