//! # 01 · Entropy, filled

/// The entropy of outcomes with the probabilities `p`.
pub fn entropy(p: &[f64]) -> f64 {
    // What never happens surprises nobody; 0 · log 0 would be NaN.
    p.iter().filter(|&&p| p > 0.0).map(|p| -p * p.ln()).sum()
}
