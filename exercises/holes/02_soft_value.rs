//! # 02 · The soft value of a state
//!
//! `V(s) = E[Q(s, a) − α log π(a|s)]` with `a ~ π(·|s)`: for finitely many actions a sum, weighted by their
//! probabilities. An action of probability 0 contributes nothing.
//!
//! Chapter: `docs/src/soft-values.md`.

/// The soft value, from the value `q[k]` and the probability `pi[k]` of each action.
pub fn soft_value(q: &[f64], pi: &[f64], alpha: f64) -> f64 {
    todo!("the expectation over the actions")
}
