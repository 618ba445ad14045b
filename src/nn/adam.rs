//! The Adam optimiser.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use num_traits::Float;

use super::polyak::average;
use crate::Scalar;
use crate::kernel::vectorised;
use crate::state::{StateError, Visitor, as_count, visit_words};

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
///
/// # Numbers near zero
/// A moment below n = [`Scalar::NEGLIGIBLE`] becomes 0, and so do a gradient below n and, before it is squared, one
/// below √n. Otherwise the moments of a unit that gets no gradient any more would decay to denormal numbers and stay
/// there, which makes a step several times slower on some processors. In `f32` and with ε = 10⁻⁸ a step changes by at
/// most 10⁻²¹ η for m, which is 0 where |g| stays below n/(1 − β₁), and by 10⁻¹¹ η for v, which is 0 where |g| stays
/// below √(n/(1 − β₂)) ≈ 3·10⁻¹⁴: it shortens a step of 3·10⁻⁶ η by its 3·10⁻⁶-th. In `f64` it is less by hundreds of
/// orders of magnitude.
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

    /// Shows both moments and the number of steps, under names that begin so.
    ///
    /// # Errors
    /// What the visitor said.
    pub fn visit(&mut self, prefix: &str, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        visitor.numbers(&format!("{prefix}.m"), [1, self.m.len()], &mut self.m)?;
        visitor.numbers(&format!("{prefix}.v"), [1, self.v.len()], &mut self.v)?;
        let name = format!("{prefix}.t");
        let [t] = visit_words(visitor, &name, [self.t])?;
        self.t = as_count(&name, self.t, t)?;
        Ok(())
    }

    /// The step size η.
    #[must_use]
    pub fn learning_rate(&self) -> f64 {
        self.config.learning_rate
    }

    /// Changes the step size η, from the next step on; moments and the count of steps stay.
    pub fn set_learning_rate(&mut self, learning_rate: f64) {
        self.config.learning_rate = learning_rate;
    }

    /// One step down the gradient: `theta: [P]`, `gradient: [P]`.
    ///
    /// # Panics
    /// If either has another length than the moments.
    pub fn step(&mut self, theta: &mut [T], gradient: &[T]) {
        let rates = self.begin_step(theta, gradient);
        vectorised!(|| {
            let moments = self.m.iter_mut().zip(&mut self.v);
            for ((theta, &g), (m, v)) in theta.iter_mut().zip(gradient).zip(moments) {
                rates.step(theta, g, m, v);
            }
        });
    }

    /// [`step`](Adam::step) and [`polyak`](super::polyak) in one pass over memory: the target moves a step
    /// of τ towards the new parameters.
    ///
    /// # Panics
    /// If one has another length than the moments.
    pub fn step_with_target(&mut self, theta: &mut [T], gradient: &[T], target: &mut [T], tau: T) {
        let rates = self.begin_step(theta, gradient);
        assert_eq!(target.len(), theta.len(), "target and online network have one layout");
        vectorised!(|| {
            let moments = self.m.iter_mut().zip(&mut self.v);
            let parameters = theta.iter_mut().zip(target);
            for (((theta, target), &g), (m, v)) in parameters.zip(gradient).zip(moments) {
                rates.step(theta, g, m, v);
                *target = average(*target, *theta, tau);
            }
        });
    }

    /// Counts the step, and works out what is the same for all parameters.
    fn begin_step(&mut self, theta: &[T], gradient: &[T]) -> Rates<T> {
        assert!(
            theta.len() == self.m.len() && gradient.len() == self.m.len(),
            "parameters, gradient and moments have one length"
        );
        self.t += 1;
        let AdamConfig { learning_rate, beta1, beta2, epsilon } = self.config;
        // The corrections in f64: in f32, 1 − β₂ᵗ would start with an error of 10⁻⁴.
        let correction = |beta: f64| 1.0 - libm::pow(beta, self.t as f64);
        Rates {
            step_size: T::of(learning_rate / correction(beta1)),
            root_scale: T::of(1.0 / Float::sqrt(correction(beta2))),
            keep: [T::of(beta1), T::of(beta2)],
            take: [T::of(1.0 - beta1), T::of(1.0 - beta2)],
            epsilon: T::of(epsilon),
        }
    }
}

/// The numbers of one step.
#[derive(Clone, Copy)]
struct Rates<T> {
    /// η / (1 − β₁ᵗ)
    step_size: T,
    /// 1 / √(1 − β₂ᵗ)
    root_scale: T,
    /// β₁, β₂
    keep: [T; 2],
    /// 1 − β₁, 1 − β₂
    take: [T; 2],
    epsilon: T,
}

impl<T: Scalar> Rates<T> {
    // ANCHOR: step
    #[inline(always)]
    fn step(&self, theta: &mut T, g: T, m: &mut T, v: &mut T) {
        // Selected before it is multiplied: the product of small numbers would be denormal as well.
        let (g, root) = (g.zero_below(T::NEGLIGIBLE), g.zero_below(T::NEGLIGIBLE_ROOT));
        *m = (self.keep[0] * *m + self.take[0] * g).zero_below(T::NEGLIGIBLE);
        *v = (self.keep[1] * *v + self.take[1] * root * root).zero_below(T::NEGLIGIBLE);
        *theta -= self.step_size * *m / (v.sqrt() * self.root_scale + self.epsilon);
    }
    // ANCHOR_END: step
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Fingerprint;

    /// An optimiser of two parameters, and these, after some steps along a constant gradient.
    fn after(steps: u64) -> (Adam<f64>, [f64; 2]) {
        let mut adam = Adam::new(2, AdamConfig::with_learning_rate(0.5));
        let mut theta = [1.0, -1.0];
        (0..steps).for_each(|_| adam.step(&mut theta, &[2.0, -3.0]));
        (adam, theta)
    }

    #[test]
    fn the_step_size_can_be_changed_between_steps() {
        let (mut adam, mut theta) = after(3);
        assert_eq!((adam.steps(), adam.learning_rate()), (3, 0.5));
        adam.set_learning_rate(0.25);
        assert_eq!(adam.learning_rate(), 0.25);
        let before = theta;
        adam.step(&mut theta, &[2.0, -3.0]);
        // Along a constant gradient every step is η long.
        assert!((before[0] - theta[0] - 0.25).abs() < 1e-8);
        assert!((before[1] - theta[1] + 0.25).abs() < 1e-8);
        assert_eq!(adam.steps(), 4);
    }

    #[test]
    fn a_step_with_the_target_is_a_step_and_then_an_average() {
        let (mut adam, mut theta) = after(3);
        let (mut target, tau) = ([4.0, 2.0], 0.25);
        adam.step_with_target(&mut theta, &[2.0, -3.0], &mut target, tau);
        let expected = after(4).1;
        assert_eq!(theta, expected);
        let mut average = [4.0, 2.0];
        crate::nn::polyak(&mut average, &expected, tau);
        assert_eq!(target, average);
        assert_eq!(adam.steps(), 4);
    }

    /// `mₜ = (1 − β₁) Σᵢ β₁ᵗ⁻ⁱ gᵢ` and `vₜ = (1 − β₂) Σᵢ β₂ᵗ⁻ⁱ gᵢ²`; the target is `θ̄ₜ = τ Σᵢ (1 − τ)ᵗ⁻ⁱ θᵢ`.
    #[test]
    fn three_thousand_steps_with_the_target_agree_with_the_sums_that_they_are() {
        const STEPS: usize = 3_000;
        let (rate, tau) = (1e-2, 0.005);
        let AdamConfig { beta1, beta2, epsilon, .. } = AdamConfig::with_learning_rate(rate);
        let mut adam = Adam::new(1, AdamConfig::with_learning_rate(rate));
        let (mut theta, mut target) = ([0.0], [0.0]);
        let (mut gradients, mut thetas) = (Vec::new(), Vec::new());
        let powers = [beta1, beta2, 1.0 - tau];
        let powers = powers.map(|x| (0..=STEPS).map(|n| libm::pow(x, n as f64)).collect());
        let [first, second, kept]: [Vec<f64>; 3] = powers;
        // Σᵢ wᵗ⁻ⁱ xᵢ
        let sum = |powers: &[f64], x: &[f64]| -> f64 {
            x.iter().rev().zip(powers).map(|(x, power)| x * power).sum()
        };
        let mut expected = 0.0;
        let mut squares = Vec::new();
        for t in 1..=STEPS {
            let g = libm::sin(0.37 * t as f64) + 0.2;
            gradients.push(g);
            squares.push(g * g);
            let m = (1.0 - beta1) * sum(&first, &gradients) / (1.0 - first[t]);
            let v = (1.0 - beta2) * sum(&second, &squares) / (1.0 - second[t]);
            expected -= rate * m / (libm::sqrt(v) + epsilon);
            thetas.push(expected);
            adam.step_with_target(&mut theta, &[g], &mut target, tau);
            assert!((theta[0] - expected).abs() < 1e-11, "step {t}: {theta:?}, {expected}");
            let average = tau * sum(&kept, &thetas);
            assert!((target[0] - average).abs() < 1e-11, "step {t}: {target:?}, {average}");
        }
    }

    /// Where βᵗ is nothing any more, at counts at which a narrower counter would begin again.
    #[test]
    fn however_many_steps_were_taken_the_next_one_is_not_corrected_as_if_it_were_an_early_one() {
        for bits in [16, 32, 53] {
            let (mut adam, mut theta) = after(3);
            let (m, v, before) = (adam.m.clone(), adam.v.clone(), theta);
            adam.t = 1 << bits;
            adam.step(&mut theta, &[2.0, -3.0]);
            for (i, g) in [2.0, -3.0].into_iter().enumerate() {
                let (m, v) = (0.9 * m[i] + 0.1 * g, 0.999 * v[i] + 0.001 * g * g);
                let expected = before[i] - 0.5 * m / (libm::sqrt(v) + 1e-8);
                assert!((theta[i] - expected).abs() < 1e-12, "2^{bits}: {theta:?}, {expected}");
            }
        }
    }

    /// Whether both moments are 0 or normal numbers.
    fn has_no_denormal<T: Scalar>(adam: &Adam<T>) -> bool {
        adam.m.iter().chain(&adam.v).all(|x| x.is_zero() || x.is_normal())
    }

    fn decays_to_zero<T: Scalar>() {
        let mut adam = Adam::new(3, AdamConfig::with_learning_rate(1e-3));
        let mut theta = [T::of(0.1); 3];
        adam.step(&mut theta, &[1.0, -1e-6, 1e-12].map(T::of));
        for _ in 0..800_000 {
            adam.step(&mut theta, &[T::zero(); 3]);
            assert!(has_no_denormal(&adam), "{adam:?}");
        }
        assert!(adam.m.iter().chain(&adam.v).all(|x| x.is_zero()), "{adam:?}");
    }

    #[test]
    fn moments_that_get_no_gradient_reach_zero_and_none_is_denormal_on_the_way() {
        decays_to_zero::<f32>();
        decays_to_zero::<f64>();
    }

    #[test]
    fn gradients_near_zero_leave_no_denormal_behind_and_the_parameters_as_they_are() {
        let tiny = [1e-45, -1e-40, 1e-38, 9.9e-31, 3e-29, -1e-23, 9.9e-16, 4e-14];
        let mut adam = Adam::<f32>::new(8, AdamConfig::with_learning_rate(1e-3));
        let mut theta = [1.0; 8];
        for _ in 0..100 {
            adam.step(&mut theta, &tiny);
            assert!(has_no_denormal(&adam), "{adam:?}");
        }
        assert_eq!(theta, [1.0; 8]);
        // From the bound on, it is the formula.
        assert!(adam.m[4] > 2.9e-29 && adam.v[7] > 1e-30, "{adam:?}");
        assert_eq!(adam.m[3], 0.0);
    }

    #[test]
    fn a_gradient_that_is_no_number_is_not_taken_for_zero() {
        let (mut adam, mut theta) = after(3);
        adam.step(&mut theta, &[f64::NAN, 0.0]);
        assert!(adam.m[0].is_nan() && adam.v[0].is_nan() && theta[0].is_nan());
    }

    #[test]
    fn what_is_shown_tells_every_state_from_every_other() {
        let fingerprint = |mut adam: Adam<f64>| {
            let mut fingerprint = Fingerprint::new();
            adam.visit("adam", &mut fingerprint).unwrap();
            fingerprint.finish()
        };
        let (mut other_m, mut other_v, mut other_t) = (after(2).0, after(2).0, after(2).0);
        other_m.m[1] += 1.0;
        other_v.v[1] += 1.0;
        other_t.t += 1;
        let same = fingerprint(after(2).0);
        assert_eq!(fingerprint(after(2).0), same);
        for other in [other_m, other_v, other_t, after(0).0] {
            assert_ne!(fingerprint(other), same);
        }
    }
}
