//! # 17 · Adam, filled

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
            // Running means that began at zero are too small by these factors.
            let m = *m / (1.0 - BETA1.powi(self.n));
            let v = *v / (1.0 - BETA2.powi(self.n));
            theta[i] -= self.learning_rate * m / (v.sqrt() + EPSILON);
        }
    }
}
