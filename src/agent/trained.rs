//! Parameters that are trained, with their optimiser and tapes of their own.

use alloc::format;
use alloc::string::ToString;
use alloc::vec;

use super::shards::{PassFault, Shards};
use crate::Scalar;
use crate::nn::{Adam, AdamConfig, Block, Params, clip_norm, norm};
use crate::state::{StateError, Visitor};

/// A set of parameters together with the state of its optimiser.
pub struct Trained<T: Scalar> {
    pub(crate) params: Params<T>,
    adam: Adam<T>,
    pub(crate) shards: Shards<T>,
}

impl<T: Scalar> Trained<T> {
    pub(crate) fn new(params: Params<T>, learning_rate: f64) -> Self {
        let config = AdamConfig::with_learning_rate(learning_rate);
        let adam = Adam::new(params.as_slice().len(), config);
        Self { params, adam, shards: Shards::new() }
    }

    /// A single number, named.
    pub(crate) fn scalar(name: &str, value: T, learning_rate: f64) -> Self {
        let block = Block { name: name.to_string(), start: 0, shape: [1, 1] };
        let mut params = Params::zeros(vec![block]);
        params.as_mut_slice()[0] = value;
        Self::new(params, learning_rate)
    }

    /// Why the gradient of the last sweep must not be used, if so.
    pub(crate) fn fault(&self) -> Option<&PassFault> {
        self.shards.fault.as_ref()
    }

    /// How many parameters there are.
    pub(crate) fn len(&self) -> usize {
        self.params.as_slice().len()
    }

    /// The parameters.
    #[must_use]
    pub fn params(&self) -> &Params<T> {
        &self.params
    }

    /// The parameters, to be changed.
    #[must_use]
    pub fn params_mut(&mut self) -> &mut Params<T> {
        &mut self.params
    }

    /// The optimiser.
    #[must_use]
    pub fn adam(&self) -> &Adam<T> {
        &self.adam
    }

    /// `‖g‖₂` of the gradient that the last update went down, as it did: `None` before the first one, and after what was
    /// learned has been put in from elsewhere.
    #[must_use]
    pub fn gradient_norm(&self) -> Option<f64> {
        self.shards.last_gradient().map(norm)
    }

    /// Shows parameters and optimiser, under names that begin so.
    pub(crate) fn visit(
        &mut self,
        prefix: &str,
        visitor: &mut dyn Visitor<T>,
    ) -> Result<(), StateError> {
        self.params.visit(prefix, visitor)?;
        self.adam.visit(&format!("{prefix}.adam"), visitor)
    }

    pub(crate) fn set_learning_rate(&mut self, learning_rate: f64) {
        self.adam.set_learning_rate(learning_rate);
    }

    /// One Adam step down the gradient of the last sweep, which is shortened to `max_norm` first.
    pub(crate) fn step(&mut self, max_norm: Option<f64>) {
        let gradient = clipped(self.shards.gradient(), max_norm);
        self.adam.step(self.params.as_mut_slice(), gradient);
    }

    /// The same, and the target follows by a step of τ.
    pub(crate) fn step_with_target(
        &mut self,
        max_norm: Option<f64>,
        target: &mut Params<T>,
        tau: T,
    ) {
        let gradient = clipped(self.shards.gradient(), max_norm);
        let (theta, target) = (self.params.as_mut_slice(), target.as_mut_slice());
        self.adam.step_with_target(theta, gradient, target, tau);
    }
}

/// The gradient, no longer than `max_norm`.
fn clipped<T: Scalar>(gradient: &mut [T], max_norm: Option<f64>) -> &[T] {
    if let Some(max_norm) = max_norm {
        clip_norm(gradient, max_norm);
    }
    gradient
}
