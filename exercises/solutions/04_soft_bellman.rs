//! # 04 · One round of soft value iteration, filled

use softac_holes::table::{Task, soft_maximum};

/// The values after one round, from the values `v` before it.
pub fn backup(task: &Task, v: &[f64]) -> Vec<f64> {
    let q = |(r, next): (&f64, &Vec<(usize, f64)>)| {
        let expected: f64 = next.iter().map(|&(s_next, p)| p * v[s_next]).sum();
        r + task.gamma * expected
    };
    let states = task.rewards.iter().zip(&task.successors);
    let value = |(rewards, successors): (&Vec<f64>, &Vec<Vec<(usize, f64)>>)| {
        let q: Vec<f64> = rewards.iter().zip(successors).map(q).collect();
        soft_maximum(&q, task.alpha)
    };
    states.map(value).collect()
}
