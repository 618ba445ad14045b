//! # 09 · The log-probability of a squashed action, filled

use std::f64::consts::{LN_2, PI};

use softac::tape::Var;

/// The log-probability, `[B, A]` each → `[B, 1]`.
pub fn log_pi<'t>(xi: Var<'t, f64>, log_sigma: Var<'t, f64>, u: Var<'t, f64>) -> Var<'t, f64> {
    let log_normal = xi.square() * -0.5 - log_sigma - 0.5 * (2.0 * PI).ln(); // [B, A]
    let log_slope = (-u - (u * -2.0).softplus() + LN_2) * 2.0; // log(1 − tanh² u), [B, A]
    (log_normal - log_slope).sum_columns()
}
