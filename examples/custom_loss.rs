//! A custom loss, its gradient checked.
//!
//! The pinball loss `ρ_τ(u) = max(τ u, (τ − 1) u)`, `u = y − q`, is least where q is the τ-quantile of y;
//! distributional critics are trained with it. It has a kink at u = 0.

use std::error::Error;

use ndarray::{Array2, array};
use softac::gradcheck::{gradcheck, named};
use softac::tape::Var;

// ANCHOR: pinball_loss
fn pinball_loss<'t>(q: Var<'t, f64>, y: Var<'t, f64>, tau: f64) -> Var<'t, f64> {
    let u = y.detach() - q; // [B, 1]
    -(u * -tau).min(u * (1.0 - tau)).mean()
}
// ANCHOR_END: pinball_loss

fn main() -> Result<(), Box<dyn Error>> {
    let y: Array2<f64> = array![[1.0], [-0.5], [2.0], [0.3]];
    let q = array![[0.8], [-0.1], [2.5], [0.3]];

    // Away from the kink: every component is judged.
    let shifted = &q + 0.01;
    let report =
        gradcheck(|tape, p| pinball_loss(p[0], tape.constant(&y), 0.9), &[&named("q", &shifted)])?;
    report.assert_ok();
    println!("{report}");

    // At it: the last component has no derivative, and the report says so instead of passing it.
    let at_kink =
        gradcheck(|tape, p| pinball_loss(p[0], tape.constant(&y), 0.9), &[&named("q", &q)])?;
    println!("{at_kink}");
    Ok(())
}
