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
