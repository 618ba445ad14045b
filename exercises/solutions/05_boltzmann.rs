//! # 05 · The Boltzmann policy, filled

/// The probability of each action under the best policy for the values `q`.
pub fn boltzmann(q: &[f64], alpha: f64) -> Vec<f64> {
    // A constant taken from all values changes no probability.
    let largest = q.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = q.iter().map(|q| ((q - largest) / alpha).exp()).collect();
    let z: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / z).collect()
}
