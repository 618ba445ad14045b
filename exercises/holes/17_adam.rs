//! # 17 · Adam
//!
//! In step number n: `m ← β₁ m + (1 − β₁) g`, `v ← β₂ v + (1 − β₂) g²`, and
//! `θ ← θ − η (m / (1 − β₁ⁿ)) / (√(v / (1 − β₂ⁿ)) + 10⁻⁸)`.
//!
//! The means m and v are right. There are two mistakes in the line that moves θ. Repair both.
//!
//! Chapter: `docs/src/algorithm.md`.

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// The optimiser of some parameters.
pub struct Adam {
    /// η
    learning_rate: f64,
    m: Vec<f64>,
    v: Vec<f64>,
    /// How many steps were taken.
    n: i32,
}

impl Adam {
    /// Before the first step.
    pub fn new(parameters: usize, learning_rate: f64) -> Self {
        Self { learning_rate, m: vec![0.0; parameters], v: vec![0.0; parameters], n: 0 }
    }

    /// One step of the parameters down their gradient.
    pub fn step(&mut self, theta: &mut [f64], gradient: &[f64]) {
        self.n += 1;
        for (i, g) in gradient.iter().enumerate() {
            let (m, v) = (&mut self.m[i], &mut self.v[i]);
            *m = BETA1 * *m + (1.0 - BETA1) * g;
            *v = BETA2 * *v + (1.0 - BETA2) * g * g;
            theta[i] -= self.learning_rate * *m / (*v + EPSILON).sqrt();
        }
    }
}
