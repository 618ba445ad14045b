//! The settings of a check.

use ndarray::Array2;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::random::fill_uniform;

/// Settings of a gradient check; [`gradcheck`](super::gradcheck) is the check with the defaults.
///
/// There is no tolerance among them: errors are judged by the bound of the oracle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Checker {
    pub(super) seed: u64,
    pub(super) min_coverage: f64,
    pub(super) pin_detached: bool,
    /// See [`Tape::inject`].
    #[cfg(test)]
    pub(super) fault: Option<(&'static str, f64)>,
}

impl Default for Checker {
    fn default() -> Self {
        Self::new()
    }
}

impl Checker {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            seed: 0,
            min_coverage: 0.9,
            pin_detached: true,
            #[cfg(test)]
            fault: None,
        }
    }

    /// The seed of the cotangent that a matrix is contracted with.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The share of components that has to be adjudicated for the report to be ok; 0.9 by default.
    #[must_use]
    pub fn min_coverage(self, min_coverage: f64) -> Self {
        Self { min_coverage, ..self }
    }

    /// Lets differences see through `detach`: what a plain finite-difference check would compute.
    /// Where something is detached, it disagrees with the gradient, and so shows that the `detach`
    /// matters.
    #[must_use]
    pub fn unpinned(self) -> Self {
        Self { pin_detached: false, ..self }
    }

    /// The fixed cotangent: of a scalar 1, else numbers of both signs, none of them small.
    pub(super) fn cotangent(&self, shape: (usize, usize)) -> Array2<f64> {
        if shape == (1, 1) {
            return Array2::ones(shape);
        }
        let mut stream = ChaCha8Rng::seed_from_u64(self.seed);
        Array2::from_shape_simple_fn(shape, || {
            let mut c = [0.0];
            fill_uniform(&mut c, 1.0, &mut stream);
            c[0] + 0.5_f64.copysign(c[0])
        })
    }
}
