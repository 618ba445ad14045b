//! The random numbers of an update.

use ndarray::Array2;

use crate::Scalar;
use crate::agent::UpdateNoise;
use crate::random::{Stream, fill_normal};
use crate::state::{StateError, Visitor, visit_matrix};

/// The noise of one update, drawn beforehand: nothing that is differentiated draws random numbers.
#[derive(Clone, Debug)]
pub struct Noise<T> {
    /// ξ′ for the actions in the next states, `[B, A]`
    pub next: Array2<T>,
    /// ξ for the actions in the current states, `[B, A]`
    pub current: Array2<T>,
}

impl<T: Scalar> UpdateNoise<T> for Noise<T> {
    fn new(batch_size: usize, action_dim: usize) -> Self {
        let zeros = Array2::zeros((batch_size, action_dim));
        Self { next: zeros.clone(), current: zeros }
    }

    fn draw(&mut self, stream: &mut Stream) {
        for xi in [&mut self.next, &mut self.current] {
            fill_normal(xi.as_slice_mut().unwrap_or_default(), stream);
        }
    }

    fn visit(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        visit_matrix(visitor, "noise.next", &mut self.next)?;
        visit_matrix(visitor, "noise.current", &mut self.current)
    }

    fn numbers(&self) -> usize {
        self.next.len() + self.current.len()
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::random::{Purpose, stream};
    use crate::state::Fingerprint;

    #[test]
    fn every_number_of_the_noise_is_one_of_its_own() {
        let mut noise = Noise::<f64>::new(7, 5);
        noise.draw(&mut stream(0, Purpose::Policy));
        let numbers: Vec<f64> = noise.next.iter().chain(&noise.current).copied().collect();
        let mut expected = [0.0; 35];
        let mut numbers_drawn = stream(0, Purpose::Policy);
        for half in numbers.chunks(35) {
            fill_normal(&mut expected, &mut numbers_drawn);
            assert_eq!(half, expected);
        }
    }

    #[test]
    fn noise_that_is_shown_is_told_from_any_other() {
        let shown = |noise: &Noise<f32>| {
            let mut fingerprint = Fingerprint::new();
            noise.clone().visit(&mut fingerprint).unwrap();
            fingerprint.finish()
        };
        let mut noise = Noise::new(3, 2);
        let nothing = shown(&noise);
        noise.draw(&mut stream(0, Purpose::Policy));
        let drawn = shown(&noise);
        assert_ne!(drawn, nothing);
        noise.current[[2, 1]] += 1.0;
        assert_ne!(shown(&noise), drawn);
        noise.current[[2, 1]] -= 1.0;
        noise.next[[2, 1]] += 1.0;
        assert_ne!(shown(&noise), drawn);
    }
}
