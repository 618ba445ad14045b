//! # 02 · The soft value of a state, filled

/// The soft value, from the value `q[k]` and the probability `pi[k]` of each action.
pub fn soft_value(q: &[f64], pi: &[f64], alpha: f64) -> f64 {
    let taken = q.iter().zip(pi).filter(|(_, pi)| **pi > 0.0);
    taken.map(|(q, pi)| pi * (q - alpha * pi.ln())).sum()
}
