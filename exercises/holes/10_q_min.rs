//! # 10 · The smaller of two critics
//!
//! `minᵢ Qᵢ(s, a)`, sample by sample. What stands below is smaller than both critics on average, and is not that. Repair it.
//!
//! Chapter: `docs/src/clipped-double-q.md`.

use softac::tape::Var;

/// The minimum, `[B, 1]` each.
pub fn q_min<'t>(q1: Var<'t, f64>, q2: Var<'t, f64>) -> Var<'t, f64> {
    q1.mean().min(q2.mean()).broadcast_like(q1)
}
