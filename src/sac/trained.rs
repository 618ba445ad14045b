//! Parameters that are trained, with their optimiser and a tape of their own.

use alloc::string::ToString;
use alloc::vec;

use crate::Scalar;
use crate::nn::{Adam, AdamConfig, Block, Params};
use crate::tape::{Gradients, Tape, VarId};

/// A set of parameters together with the state of its optimiser.
pub struct Trained<T: Scalar> {
    pub(super) params: Params<T>,
    adam: Adam<T>,
    pub(super) workspace: Workspace<T>,
}

impl<T: Scalar> Trained<T> {
    pub(super) fn new(params: Params<T>, learning_rate: f64) -> Self {
        let config = AdamConfig::with_learning_rate(learning_rate);
        let adam = Adam::new(params.as_slice().len(), config);
        Self { params, adam, workspace: Workspace::default() }
    }

    /// A single number, named.
    pub(super) fn scalar(name: &str, value: T, learning_rate: f64) -> Self {
        let block = Block { name: name.to_string(), start: 0, shape: [1, 1] };
        let mut params = Params::zeros(vec![block]);
        params.as_mut_slice()[0] = value;
        Self::new(params, learning_rate)
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

    /// One step down the gradient that the workspace holds for the variable `theta`.
    pub(super) fn step(&mut self, theta: VarId) {
        self.adam.step(self.params.as_mut_slice(), self.workspace.gradients.leaf(theta));
    }
}

/// A tape and its gradients, whose buffers are kept from pass to pass.
#[derive(Default)]
pub(super) struct Workspace<T: Scalar> {
    tape: Tape<'static, T>,
    pub gradients: Gradients<T>,
}

impl<T: Scalar> Workspace<T> {
    /// Takes the tape out for a pass over arrays of any lifetime.
    pub fn tape<'p>(&mut self) -> Tape<'p, T> {
        core::mem::take(&mut self.tape).recycle()
    }

    /// Puts the tape back.
    pub fn keep(&mut self, tape: Tape<'_, T>) {
        self.tape = tape.recycle();
    }
}
