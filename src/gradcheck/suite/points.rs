//! The points at which cases are checked.

use ndarray::Array2;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::gradcheck::checker::Checker;
use crate::nn::{Mlp, Params};
use crate::random::fill_normal;
use crate::tape::Shape;

/// Points of a case, all drawn from the checker's seed.
pub(super) struct Points {
    pub stream: ChaCha8Rng,
}

impl Points {
    pub fn new(checker: &Checker) -> Self {
        let mut stream = ChaCha8Rng::seed_from_u64(checker.seed);
        // Stream 0 is the cotangent's.
        stream.set_stream(1);
        Self { stream }
    }

    /// A matrix of independent standard normal numbers.
    pub fn normal(&mut self, shape: Shape) -> Array2<f64> {
        let mut x = Array2::zeros(shape);
        fill_normal(x.as_slice_mut().unwrap_or_default(), &mut self.stream);
        x
    }

    /// Initial parameters of a network.
    pub fn init(&mut self, mlp: &Mlp) -> Params<f64> {
        mlp.init(&mut self.stream)
    }

    /// A matrix of zeros and ones.
    pub fn flags(&mut self, shape: Shape) -> Array2<f64> {
        self.normal(shape).mapv(|x| f64::from(x > 0.5))
    }
}
