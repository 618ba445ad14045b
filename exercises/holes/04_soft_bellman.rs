//! # 04 · One round of soft value iteration
//!
//! `Q(s, a) = r(s, a) + γ E[V(s′)]` and `V(s) ← α log Σₐ exp(Q(s, a)/α)`, in every state.
//!
//! Chapter: `docs/src/soft-bellman.md`.

use softac_holes::table::{Task, soft_maximum};

/// The values after one round, from the values `v` before it.
///
/// `task.rewards[s][a]` is a reward, `task.successors[s][a]` a list of pairs `(s′, p(s′|s, a))`. `soft_maximum(q, alpha)`
/// is that of the last hole.
pub fn backup(task: &Task, v: &[f64]) -> Vec<f64> {
    todo!("Q of every action, then the soft maximum, in every state")
}
