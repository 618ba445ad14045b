//! The random numbers of an update.

use ndarray::Array2;

use crate::Scalar;
use crate::agent::UpdateNoise;
use crate::random::{Stream, fill_normal};
use crate::state::{StateError, Visitor, visit_matrix};

/// The smoothing noise of one update, drawn beforehand.
#[derive(Clone, Debug)]
pub struct Noise<T> {
    /// ξ for the target policy's actions in the next states, `[B, A]`
    pub next: Array2<T>,
}

impl<T: Scalar> UpdateNoise<T> for Noise<T> {
    fn new(batch_size: usize, action_dim: usize) -> Self {
        Self { next: Array2::zeros((batch_size, action_dim)) }
    }

    fn draw(&mut self, stream: &mut Stream) {
        fill_normal(self.next.as_slice_mut().unwrap_or_default(), stream);
    }

    fn visit(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        visit_matrix(visitor, "noise.next", &mut self.next)
    }

    fn numbers(&self) -> usize {
        self.next.len()
    }
}
