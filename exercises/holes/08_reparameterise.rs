//! # 08 · A sample with a gradient
//!
//! `u = μ + σ ⊙ ξ`: the noise ξ is given, and u is to be a differentiable function of μ and log σ. The value below is
//! right. The gradient is not: find what cuts it, and repair it.
//!
//! Chapter: `docs/src/reparameterisation.md`.

use softac::tape::Var;

/// The sample, all of them `[B, A]`.
pub fn reparameterise<'t>(
    mu: Var<'t, f64>,
    log_sigma: Var<'t, f64>,
    xi: Var<'t, f64>,
) -> Var<'t, f64> {
    let sigma = log_sigma.exp(); // [B, A]
    let u = mu + sigma * xi; // [B, A]
    u.detach()
}
