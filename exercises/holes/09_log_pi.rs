//! # 09 · The log-probability of a squashed action
//!
//! `log π(a|s) = Σⱼ [log N(uⱼ; μⱼ, σⱼ) − log(1 − tanh² uⱼ)]` for `a = tanh u`, `u = μ + σ ⊙ ξ`, with
//! `log N = −½ ξ² − log σ − ½ log 2π`.
//!
//! It has to be right at `|u| = 40`, where `1 − tanh² u` is 0 to a computer. The chapter has a form of the logarithm that is
//! exact everywhere.
//!
//! Chapter: `docs/src/squashed-gaussian.md`.

use std::f64::consts::{LN_2, PI};

use softac::tape::Var;

/// The log-probability, `[B, A]` each → `[B, 1]`.
///
/// On the tape `x.square()`, `x.softplus()` and `x.sum_columns()` are at hand; `x * 2.0` and `x + 1.0` take numbers.
pub fn log_pi<'t>(xi: Var<'t, f64>, log_sigma: Var<'t, f64>, u: Var<'t, f64>) -> Var<'t, f64> {
    todo!(
        "the Gaussian's logarithm less that of the slope of tanh, summed over the dimensions of the action"
    )
}
