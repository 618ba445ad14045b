//! The points at which equations are checked.

use ndarray::Array2;

use crate::nn::{Mlp, Params};
use crate::random::{Stream, fill_normal};
use crate::tape::Shape;

/// Random points, drawn one after another from one stream.
pub struct Points {
    stream: Stream,
}

impl Points {
    /// Points from this stream.
    #[must_use]
    pub fn new(stream: Stream) -> Self {
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

    /// A matrix of actions, in `(−1, 1)`.
    pub fn actions(&mut self, shape: Shape) -> Array2<f64> {
        self.normal(shape).mapv(|x| x / (1.0 + x.abs()))
    }
}

/// One number per transition: of these there are `B · D`, so that each shape gives another batch.
pub(crate) fn column([batch, dim]: Shape) -> Shape {
    [batch * dim, 1]
}
