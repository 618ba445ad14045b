//! A linear layer with its activation.

use alloc::format;

use super::Activation;
use super::params::Block;
use crate::kernel::{Panels, panels_len};
use crate::random::{Stream, fill_uniform};
use crate::tape::{Operand, Var, linear};
use crate::{Numerics, Scalar};

/// `y = f(x W + b)` with `W: [I, O]` and `b: [1, O]`, both in the network's flat parameters.
///
/// Inputs index the rows of W (PyTorch keeps the transpose): then a product with one observation
/// adds up rows, each output in the same order of terms whatever the vector width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linear {
    weight: Block,
    bias: Block,
    activation: Activation,
}

impl Linear {
    pub(super) fn new(
        index: usize,
        start: usize,
        [inputs, outputs]: [usize; 2],
        activation: Activation,
    ) -> Self {
        let weight = Block { name: format!("{index}.weight"), start, shape: [inputs, outputs] };
        let start = weight.range().end;
        let bias = Block { name: format!("{index}.bias"), start, shape: [1, outputs] };
        Self { weight, bias, activation }
    }

    /// Number of inputs, I.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.weight.shape[0]
    }

    /// Number of outputs, O.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.weight.shape[1]
    }

    /// The activation f.
    #[must_use]
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// Weight and bias, in the order in which they lie in the buffer.
    #[must_use]
    pub fn blocks(&self) -> [&Block; 2] {
        [&self.weight, &self.bias]
    }

    /// PyTorch's default for `nn.Linear`: weights and biases uniform in `±1/√I`.
    ///
    /// (`kaiming_uniform_` with `a = √5` has the bound `√(6 / ((1 + a²) I)) = 1/√I`.)
    pub(super) fn init<T: Scalar>(&self, theta: &mut [T], stream: &mut Stream) {
        let bound = 1.0 / num_traits::Float::sqrt(self.inputs() as f64);
        for block in self.blocks() {
            fill_uniform(&mut theta[block.range()], bound, stream);
        }
    }

    pub(super) fn forward<'t, T: Scalar>(&self, theta: Var<'t, T>, x: Var<'t, T>) -> Var<'t, T> {
        let w = theta.block(self.weight.start, self.weight.shape);
        let b = theta.block(self.bias.start, self.bias.shape);
        x.linear(w, b, self.activation)
    }

    /// The layer for some input rows, without tape: `x: [B, I] → y: [B, O]`.
    pub(super) fn infer<T: Scalar>(
        &self,
        numerics: Numerics,
        theta: &[T],
        x: &[T],
        y: &mut [T],
        panels: &mut Panels<T>,
    ) {
        let [inputs, _] = self.weight.shape;
        let x = Operand { data: x, shape: [x.len() / inputs, inputs] };
        let w = Operand { data: &theta[self.weight.range()], shape: self.weight.shape };
        linear(numerics, self.activation, [x, w], &theta[self.bias.range()], y, panels);
    }

    /// How many numbers the panels take of [`infer`](Self::infer) for so many rows.
    pub(super) fn panels_len(&self, rows: usize) -> usize {
        panels_len([rows, self.inputs(), self.outputs()], false, false)
    }
}
