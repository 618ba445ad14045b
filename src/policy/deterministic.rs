//! The deterministic policy, `a = tanh(f(s))`, with Gaussian noise for exploration.

use crate::Scalar;
use crate::elementary::tanh;
use crate::nn::{Activation, Mlp, Scratch};
use crate::tape::Var;

use super::acting::{Kind, Policy};

/// A policy network: one perceptron with A outputs, squashed by `tanh`.
///
/// It explores by `a = clip(tanh(f(s)) + σ ξ, −1, 1)` with noise `ξ ~ N(0, 1)`. The noise is added after squashing, so that σ
/// counts in half ranges of the action box, whatever the action.
///
/// ```
/// use softac::nn::{Activation, Scratch};
/// use softac::policy::{Deterministic, Policy};
///
/// let policy = Deterministic::new(1, 1, &[], Activation::Relu).exploring(0.1);
/// let phi = policy.mlp().zeros::<f64>(); // f(s) = 0
/// let (mut scratch, mut action) = (Scratch::default(), [9.0]);
/// policy.act(phi.as_slice(), &[0.3], Some(&[2.0]), &mut scratch, &mut action);
/// assert_eq!(action, [0.2]);
/// policy.act(phi.as_slice(), &[0.3], None, &mut scratch, &mut action);
/// assert_eq!(action, [0.0]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Deterministic {
    mlp: Mlp,
    /// σ
    exploration_noise: f64,
}

impl Deterministic {
    /// A policy for observations and actions of these dimensions, which adds no noise.
    #[must_use]
    pub fn new(
        observation_dim: usize,
        action_dim: usize,
        net_arch: &[usize],
        activation: Activation,
    ) -> Self {
        let mlp = Mlp::new(observation_dim, net_arch, action_dim, activation);
        Self { mlp, exploration_noise: 0.0 }
    }

    /// The same policy with exploration noise of this standard deviation σ, in half ranges of the action box.
    #[must_use]
    pub fn exploring(self, sigma: f64) -> Self {
        Self { exploration_noise: sigma, ..self }
    }

    /// The network f.
    #[must_use]
    pub fn mlp(&self) -> &Mlp {
        &self.mlp
    }

    /// Number of action dimensions, A.
    #[must_use]
    pub fn action_dim(&self) -> usize {
        self.mlp.outputs()
    }

    /// Standard deviation σ of the exploration noise, in half ranges of the action box.
    #[must_use]
    pub fn exploration_noise(&self) -> f64 {
        self.exploration_noise
    }

    // ANCHOR: action
    /// `a = tanh(f(s))`: `φ: [1, P], s: [B, S] → [B, A]`.
    #[must_use]
    pub fn action<'t, T: Scalar>(&self, phi: Var<'t, T>, s: Var<'t, T>) -> Var<'t, T> {
        self.mlp.forward(phi, s).tanh()
    }
    // ANCHOR_END: action
}

impl Policy for Deterministic {
    fn kind(&self) -> Kind {
        Kind::Deterministic
    }

    fn mlp(&self) -> &Mlp {
        &self.mlp
    }

    // ANCHOR: act
    fn act<T: Scalar>(
        &self,
        phi: &[T],
        s: &[T],
        xi: Option<&[T]>,
        scratch: &mut Scratch<T>,
        action: &mut [T],
    ) {
        let outputs = self.mlp.infer(phi, s, scratch); // [B, A]
        assert_eq!(action.len(), outputs.len(), "one number for each action dimension");
        action.iter_mut().zip(outputs).for_each(|(a, &output)| *a = tanh(output));
        if let Some(xi) = xi {
            assert_eq!(xi.len(), action.len(), "one noise number for each action dimension");
            let (sigma, one) = (T::of(self.exploration_noise), T::one());
            for (a, &xi) in action.iter_mut().zip(xi) {
                *a = num_traits::clamp(*a + sigma * xi, -one, one);
            }
        }
    }
    // ANCHOR_END: act
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use ndarray::Array2;

    use super::*;
    use crate::nn::Params;
    use crate::random::{Purpose, fill_normal, stream};
    use crate::tape::Tape;

    const ROWS: usize = 7;
    const A: usize = 5;

    fn network(activation: Activation) -> (Deterministic, Params<f64>, Array2<f64>) {
        let policy = Deterministic::new(3, A, &[8, 8], activation).exploring(0.5);
        let phi = policy.mlp().init(&mut stream(2, Purpose::Init));
        let mut s = Array2::zeros((ROWS, 3));
        fill_normal(s.as_slice_mut().unwrap(), &mut stream(2, Purpose::Policy));
        (policy, phi, s)
    }

    fn act(policy: &Deterministic, phi: &[f64], s: &[f64], xi: Option<&[f64]>) -> Vec<f64> {
        let mut action = vec![9.0; s.len() / 3 * A];
        policy.act(phi, s, xi, &mut Scratch::default(), &mut action);
        action
    }

    #[test]
    fn acting_without_a_tape_gives_the_bits_of_the_tape() {
        for activation in [Activation::Relu, Activation::Tanh] {
            let (policy, phi, s) = network(activation);
            let tape = Tape::new();
            let action = policy.action(tape.params(phi.as_slice()), tape.constant(&s));
            let action = action.value().unwrap();
            let without = act(&policy, phi.as_slice(), s.as_slice().unwrap(), None);
            assert_eq!(without, action.as_slice().unwrap());
        }
    }

    #[test]
    fn noise_is_added_after_squashing_and_clipped_at_the_box() {
        let (policy, phi, s) = network(Activation::Relu);
        let (phi, s) = (phi.as_slice(), s.as_slice().unwrap());
        let greedy = act(&policy, phi, s, None);
        for xi in [-100.0, -4.0, -0.3, 0.0, 0.3, 4.0, 100.0] {
            let noisy = act(&policy, phi, s, Some(&[xi; A * ROWS]));
            for (noisy, greedy) in noisy.iter().zip(&greedy) {
                assert_eq!(*noisy, (greedy + 0.5 * xi).clamp(-1.0, 1.0));
            }
            assert!(xi.abs() < 4.0 || noisy.iter().all(|a| a.abs() == 1.0));
        }
    }

    #[test]
    fn each_row_has_the_bits_that_it_has_alone() {
        let (policy, phi, s) = network(Activation::Tanh);
        let (phi, s) = (phi.as_slice(), s.as_slice().unwrap());
        let mut xi = [0.0; A * ROWS];
        fill_normal(&mut xi, &mut stream(4, Purpose::Policy));
        let alone =
            (0..ROWS).flat_map(|i| act(&policy, phi, &s[3 * i..][..3], Some(&xi[A * i..][..A])));
        assert_eq!(act(&policy, phi, s, Some(&xi)), alone.collect::<Vec<_>>());
    }

    #[test]
    fn an_action_of_a_broken_policy_is_not_a_number() {
        let policy = Deterministic::new(3, A, &[], Activation::Relu).exploring(0.1);
        let mut phi = policy.mlp().zeros();
        phi.set("0.bias", &[0.2, 0.0, 0.0, 0.0, f64::NAN]).unwrap();
        let action = act(&policy, phi.as_slice(), &[0.0; 3], Some(&[0.6, 0.0, 0.0, 0.0, 50.0]));
        assert!(action[..4].iter().all(|a| a.is_finite()) && action[4].is_nan());
    }
}
