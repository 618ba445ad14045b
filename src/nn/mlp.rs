//! Multi-layer perceptrons.

use alloc::vec::Vec;

use super::Activation;
use super::linear::Linear;
use super::params::Params;
use crate::kernel::Panels;
use crate::random::Stream;
use crate::tape::Var;
use crate::{Numerics, Scalar};

/// The architecture of a multi-layer perceptron: linear layers, an activation after each but the last.
///
/// It holds no numbers: the parameters θ come in as an argument, so that a network is a pure function
/// `f(θ, x)`.
///
/// ```
/// use ndarray::array;
/// use softac::nn::{Activation, Mlp};
/// use softac::random::{Purpose, stream};
/// use softac::tape::Tape;
///
/// let mlp = Mlp::new(3, &[64, 64], 2, Activation::Relu);
/// let theta = mlp.init::<f32>(&mut stream(0, Purpose::Init));
/// let x = array![[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]; // [2, 3]
/// let tape = Tape::new();
/// let y = mlp.forward(tape.params(theta.as_slice()), tape.constant(&x)); // [2, 2]
/// assert_eq!(y.shape(), [2, 2]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mlp {
    layers: Vec<Linear>,
}

impl Mlp {
    /// A network with hidden layers of the sizes in `net_arch`, of which there may be none.
    ///
    /// A size of zero is caught when the network is used: the tape refuses empty matrices.
    #[must_use]
    pub fn new(inputs: usize, net_arch: &[usize], outputs: usize, activation: Activation) -> Self {
        let mut layers: Vec<Linear> = Vec::with_capacity(net_arch.len() + 1);
        let (mut start, mut width) = (0, inputs);
        for (index, &size) in net_arch.iter().chain([&outputs]).enumerate() {
            let hidden = index < net_arch.len();
            let activation = if hidden { activation } else { Activation::Identity };
            let layer = Linear::new(index, start, [width, size], activation);
            start = layer.blocks()[1].range().end;
            width = size;
            layers.push(layer);
        }
        Self { layers }
    }

    /// The layers, from input to output.
    #[must_use]
    pub fn layers(&self) -> &[Linear] {
        &self.layers
    }

    /// Number of parameters.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.layers[self.layers.len() - 1].blocks()[1].range().end
    }

    /// Number of inputs.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.layers[0].inputs()
    }

    /// Number of outputs.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.layers[self.layers.len() - 1].outputs()
    }

    /// Parameters that are all zero, in this network's layout.
    #[must_use]
    pub fn zeros<T: Scalar>(&self) -> Params<T> {
        Params::zeros(
            self.layers.iter().flat_map(|layer| layer.blocks().map(Clone::clone)).collect(),
        )
    }

    /// Fresh parameters, each layer as PyTorch initialises `nn.Linear`: weights and biases uniform in
    /// `±1/√I`, where I is the number of the layer's inputs.
    #[must_use]
    pub fn init<T: Scalar>(&self, stream: &mut Stream) -> Params<T> {
        let mut params = self.zeros();
        for layer in &self.layers {
            layer.init(params.as_mut_slice(), stream);
        }
        params
    }

    /// `f(θ, x)` on a tape: `θ: [1, P], x: [B, I] → [B, O]`.
    #[must_use]
    pub fn forward<'t, T: Scalar>(&self, theta: Var<'t, T>, x: Var<'t, T>) -> Var<'t, T> {
        self.layers.iter().fold(x, |x, layer| layer.forward(theta, x))
    }

    /// `f(θ, x)` for some inputs, row after row, without tape or allocation: `x: [B, I] → [B, O]`, which lies in
    /// the scratch. Each row has the bits that it has by itself.
    ///
    /// # Panics
    /// If `theta` does not have the length of this network's parameters, or `x` is not made of whole rows.
    // ANCHOR: infer
    pub fn infer<'s, T: Scalar>(
        &self,
        theta: &[T],
        x: &[T],
        scratch: &'s mut Scratch<T>,
    ) -> &'s [T] {
        let rows = x.len() / self.inputs();
        assert_eq!(x.len(), rows * self.inputs(), "one number for each input");
        scratch.fit(self, rows);
        let Scratch { numerics, x: input, y: output, panels } = scratch;
        input[..x.len()].copy_from_slice(x);
        for layer in &self.layers {
            let (x, y) = (&input[..rows * layer.inputs()], &mut output[..rows * layer.outputs()]);
            layer.infer(*numerics, theta, x, y, panels);
            core::mem::swap(input, output);
        }
        &input[..rows * self.outputs()]
    }
    // ANCHOR_END: infer
}

/// Room for the activations of [`Mlp::infer`], kept from call to call, and how it rounds.
#[derive(Clone, Debug, Default)]
pub struct Scratch<T> {
    numerics: Numerics,
    x: Vec<T>,
    y: Vec<T>,
    panels: Panels<T>,
}

impl<T: Scalar> Scratch<T> {
    /// Empty room.
    #[must_use]
    pub fn new(numerics: Numerics) -> Self {
        Self { numerics, x: Vec::new(), y: Vec::new(), panels: Panels::new() }
    }

    /// Room for so many inputs at a time of this network, for which nothing is added later.
    #[must_use]
    pub fn for_rows(mlp: &Mlp, rows: usize, numerics: Numerics) -> Self {
        let mut scratch = Self::new(numerics);
        scratch.fit(mlp, rows);
        scratch
    }

    fn fit(&mut self, mlp: &Mlp, rows: usize) {
        let widths = mlp.layers.iter().map(|layer| layer.inputs().max(layer.outputs()));
        let len = rows * widths.max().unwrap_or(0);
        for buffer in [&mut self.x, &mut self.y] {
            if buffer.len() < len {
                buffer.resize(len, T::zero());
            }
        }
        let products = mlp.layers.iter().map(|layer| layer.panels_len(rows));
        self.panels.make_room(products.max().unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::ParamsError;
    use crate::random::{Purpose, stream};
    use crate::tape::Tape;
    use ndarray::Array2;

    fn init(mlp: &Mlp) -> Params<f64> {
        mlp.init(&mut stream(3, Purpose::Init))
    }

    #[test]
    fn parameters_are_named_parts_of_one_buffer() {
        let mlp = Mlp::new(3, &[5, 4], 2, Activation::Relu);
        let params = init(&mlp);
        let names: Vec<_> = params.blocks().iter().map(|block| block.name.as_str()).collect();
        assert_eq!(names, ["0.weight", "0.bias", "1.weight", "1.bias", "2.weight", "2.bias"]);
        assert_eq!(params.as_slice().len(), 3 * 5 + 5 + 5 * 4 + 4 + 4 * 2 + 2);
        assert_eq!(params.view("1.weight").unwrap().dim(), (5, 4));
        let last = &params.as_slice()[params.as_slice().len() - 2..];
        assert_eq!(params.view("2.bias").unwrap().as_slice().unwrap(), last);
    }

    #[test]
    fn every_layer_but_the_last_has_the_activation() {
        for activation in [Activation::Relu, Activation::Tanh] {
            let mlp = Mlp::new(3, &[5, 4], 2, activation);
            let found: Vec<_> = mlp.layers().iter().map(Linear::activation).collect();
            assert_eq!(found, [activation, activation, Activation::Identity]);
        }
    }

    #[test]
    fn setting_a_part_checks_name_and_length() {
        let mut params = Mlp::new(1, &[], 2, Activation::Relu).zeros::<f64>();
        params.set("0.weight", &[1.0, 2.0]).unwrap();
        assert_eq!(params.as_slice(), [1.0, 2.0, 0.0, 0.0]);
        assert!(matches!(params.set("0.weight", &[1.0]), Err(ParamsError::Length { .. })));
        assert!(matches!(params.set("1.weight", &[1.0]), Err(ParamsError::UnknownBlock(_))));
    }

    #[test]
    fn initial_parameters_fill_the_range_of_pytorchs_default() {
        let mlp = Mlp::new(16, &[64], 4, Activation::Relu);
        let params = init(&mlp);
        for (layer, inputs) in [("0", 16.0_f64), ("1", 64.0)] {
            let weight = params.view(&alloc::format!("{layer}.weight")).unwrap();
            let bound = 1.0 / inputs.sqrt();
            assert!(weight.iter().all(|w| w.abs() <= bound));
            assert!(
                weight.iter().any(|w| *w > 0.9 * bound) && weight.iter().any(|w| *w < -0.9 * bound)
            );
            assert!(weight.mean().unwrap().abs() < 0.2 * bound);
            // Variance of a uniform law: bound² / 3.
            let variance = weight.mapv(|w| w * w).mean().unwrap();
            assert!((variance / (bound * bound / 3.0) - 1.0).abs() < 0.15);
        }
    }

    #[test]
    fn inference_without_a_tape_gives_the_bits_of_the_tape() {
        for net_arch in [&[][..], &[7], &[5, 9, 3]] {
            for activation in [Activation::Relu, Activation::Tanh] {
                let mlp = Mlp::new(4, net_arch, 3, activation);
                let theta = init(&mlp);
                let x = Array2::from_shape_fn((6, 4), |(i, j)| (i as f64 + 0.37 * j as f64).sin());
                let tape = Tape::new();
                let y =
                    mlp.forward(tape.params(theta.as_slice()), tape.constant(&x)).value().unwrap();
                let mut scratch = Scratch::default();
                for (x, y) in x.rows().into_iter().zip(y.rows()) {
                    let inferred = mlp.infer(theta.as_slice(), x.as_slice().unwrap(), &mut scratch);
                    assert!(inferred.iter().zip(y).all(|(a, b)| a == b));
                }
                // Several rows at once, as many as make another tile of the product.
                for rows in [2, 3, 4, 6] {
                    let x = &x.as_slice().unwrap()[..rows * 4];
                    let inferred = mlp.infer(theta.as_slice(), x, &mut scratch);
                    assert_eq!(inferred.len(), rows * 3);
                    assert!(inferred.iter().zip(&y).all(|(a, b)| a == b));
                }
            }
        }
    }
}
