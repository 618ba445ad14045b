//! # 08 · A sample with a gradient, filled

use softac::tape::Var;

/// The sample, all of them `[B, A]`.
pub fn reparameterise<'t>(
    mu: Var<'t, f64>,
    log_sigma: Var<'t, f64>,
    xi: Var<'t, f64>,
) -> Var<'t, f64> {
    mu + log_sigma.exp() * xi
}
