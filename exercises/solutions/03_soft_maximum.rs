//! # 03 · The soft maximum, filled

/// The soft maximum of the values `q` at the temperature `alpha`.
pub fn soft_maximum(q: &[f64], alpha: f64) -> f64 {
    // A constant can be taken out of the logarithm. With the largest value no exponential exceeds 1, and one is 1.
    let largest = q.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = q.iter().map(|q| ((q - largest) / alpha).exp()).sum();
    largest + alpha * sum.ln()
}
