//! # 10 · The smaller of two critics, filled

use softac::tape::Var;

/// The minimum, `[B, 1]` each.
pub fn q_min<'t>(q1: Var<'t, f64>, q2: Var<'t, f64>) -> Var<'t, f64> {
    q1.min(q2)
}
