//! # 04 · One round of soft value iteration, filled

use softac_holes::table::{Task, soft_maximum};

/// The values after one round, from the values `v` before it.
pub fn backup(task: &Task, v: &[f64]) -> Vec<f64> {
    let q = |s: usize, a: usize| {
        let expected: f64 = task.successors[s][a].iter().map(|&(s_next, p)| p * v[s_next]).sum();
        task.rewards[s][a] + task.gamma * expected
    };
    let value = |s: usize| {
        let q: Vec<f64> = (0..task.rewards[s].len()).map(|a| q(s, a)).collect();
        soft_maximum(&q, task.alpha)
    };
    (0..task.rewards.len()).map(value).collect()
}
