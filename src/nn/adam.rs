//! The Adam optimiser.

use alloc::vec;
use alloc::vec::Vec;

use num_traits::Float;

use crate::Scalar;

/// Settings of [`Adam`]; the defaults are the paper's and PyTorch's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamConfig {
    /// Step size η.
    pub learning_rate: f64,
    /// Decay β₁ of the first moment.
    pub beta1: f64,
    /// Decay β₂ of the second moment.
    pub beta2: f64,
    /// ε, added outside the root.
    pub epsilon: f64,
}

impl AdamConfig {
    /// The defaults with this learning rate.
    #[must_use]
    pub fn with_learning_rate(learning_rate: f64) -> Self {
        Self { learning_rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
    }
}

/// Adam with its moments, one state per set of parameters.
///
/// # Formula
/// With g the gradient at step t = 1, 2, …:
/// `m ← β₁ m + (1 − β₁) g`, `v ← β₂ v + (1 − β₂) g²`,
/// `θ ← θ − η (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)`.
///
/// Kingma and Ba, *Adam: A Method for Stochastic Optimization* (2015), Algorithm 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Adam<T> {
    config: AdamConfig,
    m: Vec<T>,
    v: Vec<T>,
    t: u64,
}

impl<T: Scalar> Adam<T> {
    /// Fresh moments for `len` parameters.
    #[must_use]
    pub fn new(len: usize, config: AdamConfig) -> Self {
        Self { config, m: vec![T::zero(); len], v: vec![T::zero(); len], t: 0 }
    }

    /// How many steps were taken.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.t
    }

    /// One step down the gradient: `theta: [P]`, `gradient: [P]`.
    ///
    /// # Panics
    /// If either has another length than the moments.
    pub fn step(&mut self, theta: &mut [T], gradient: &[T]) {
        assert!(
            theta.len() == self.m.len() && gradient.len() == self.m.len(),
            "parameters, gradient and moments have one length"
        );
        self.t += 1;
        let AdamConfig { learning_rate, beta1, beta2, epsilon } = self.config;
        // The corrections in f64: in f32, 1 − β₂ᵗ would start with an error of 10⁻⁴.
        let correction = |beta: f64| 1.0 - Float::powf(beta, self.t as f64);
        let step_size = T::of(learning_rate / correction(beta1));
        let root_scale = T::of(1.0 / Float::sqrt(correction(beta2)));
        let (keep1, take1) = (T::of(beta1), T::of(1.0 - beta1));
        let (keep2, take2) = (T::of(beta2), T::of(1.0 - beta2));
        let epsilon = T::of(epsilon);
        let moments = self.m.iter_mut().zip(&mut self.v);
        for ((theta, &g), (m, v)) in theta.iter_mut().zip(gradient).zip(moments) {
            *m = keep1 * *m + take1 * g;
            *v = keep2 * *v + take2 * g * g;
            *theta -= step_size * *m / (v.sqrt() * root_scale + epsilon);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_steps_agree_with_the_formula_by_hand() {
        let config = AdamConfig { learning_rate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-3 };
        let mut adam = Adam::new(1, config);
        let mut theta = [1.0_f64];
        let (mut m, mut v, mut expected) = (0.0, 0.0, 1.0_f64);
        for (t, g) in [(1, 0.5), (2, -2.0), (3, 0.25)] {
            m = 0.9 * m + 0.1 * g;
            v = 0.99 * v + 0.01 * g * g;
            let m_hat = m / (1.0 - 0.9_f64.powi(t));
            let v_hat = v / (1.0 - 0.99_f64.powi(t));
            expected -= 0.1 * m_hat / (v_hat.sqrt() + 1e-3);
            adam.step(&mut theta, &[g]);
            assert!((theta[0] - expected).abs() < 1e-15, "step {t}");
        }
        assert_eq!(adam.steps(), 3);
    }

    #[test]
    fn the_first_step_has_the_length_of_the_learning_rate() {
        for g in [1e-3, -7.0, 1e5] {
            let mut theta = [0.0_f64];
            Adam::new(1, AdamConfig::with_learning_rate(0.01)).step(&mut theta, &[g]);
            assert!((theta[0] + 0.01 * g.signum()).abs() < 1e-6, "gradient {g}");
        }
    }

    #[test]
    fn epsilon_stands_outside_the_root() {
        // With g = ε the first step is η g / (|g| + ε) = η / 2; inside the root it would be η g / √(g² + ε).
        let config = AdamConfig { epsilon: 1e-2, ..AdamConfig::with_learning_rate(1.0) };
        let mut theta = [0.0_f64];
        Adam::new(1, config).step(&mut theta, &[1e-2]);
        assert!((theta[0] + 0.5).abs() < 1e-12);
    }
}
