//! What is exported, without a word about languages: the numbers, and the order of their sums.

use super::error::ExportError;
use crate::Scalar;
use crate::elementary::tanh;
use crate::nn::Activation;
use crate::normalise::Standardisation;
use crate::policy::{Axis, Policy};
use crate::train::SavedPolicy;

/// Outputs that a device sums at a time, in registers. It decides where weights lie, not what they add up to.
pub const TILE: usize = 16;

/// A policy of any kind that acts without noise, in single precision: `a = clamp(centre + half_range · tanh(μ(ŝ)))`.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// What is done to observations first.
    pub standardisation: Option<Standardisation<f32>>,
    /// From the observation to μ, the outputs that decide the action without noise. Those for log σ, if the policy has
    /// any, are not among them.
    pub layers: Vec<Layer>,
    /// The map to the environment's actions, dimension by dimension.
    pub axes: Vec<Axis<f32>>,
}

/// `y = f(x W + b)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Row after row, `[inputs, outputs]`.
    pub weights: Vec<f32>,
    /// `[outputs]`
    pub bias: Vec<f32>,
    /// f
    pub activation: Activation,
    /// How the sums are ordered.
    pub order: Order,
}

/// The order in which an output's products are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `((b + x₀w₀) + x₁w₁) + …`
    Chain,
    /// `b +` the sum of sixteen chains, k modulo 16, which begin with 0 and are added pairwise, the upper half onto
    /// the lower one: what the training does where a layer has a single output.
    SixteenParts,
}

impl Network {
    /// The network of a policy.
    ///
    /// # Errors
    /// [`ExportError::NotFinite`] where single precision does not hold a number of the policy,
    /// [`ExportError::NarrowBox`] where it has no number within the bounds of an action.
    pub fn of<T: Scalar>(policy: &SavedPolicy<T>) -> Result<Self, ExportError> {
        let axes: Vec<Axis<f32>> = policy.action_box().axes().collect();
        if let Some(dimension) = axes.iter().position(|axis| axis.low > axis.high) {
            return Err(ExportError::NarrowBox { dimension });
        }
        let mlp = policy.policy().mlp();
        let (phi, last) = (policy.params().as_slice(), mlp.layers().len() - 1);
        let mut layers = Vec::with_capacity(last + 1);
        for (index, layer) in mlp.layers().iter().enumerate() {
            let [weight, bias] = layer.blocks();
            let kept = if index == last { axes.len() } else { layer.outputs() };
            let rows = phi[weight.range()].chunks_exact(layer.outputs());
            layers.push(Layer {
                weights: single(rows.flat_map(|row| &row[..kept]), &weight.name)?,
                bias: single(&phi[bias.range()][..kept], &bias.name)?,
                activation: layer.activation(),
                order: if layer.outputs() == 1 { Order::SixteenParts } else { Order::Chain },
            });
        }
        let standardisation = policy.standardisation().map(standardisation).transpose()?;
        Ok(Self { standardisation, layers, axes })
    }

    /// The number of observations.
    #[must_use]
    pub fn observations(&self) -> usize {
        self.layers[0].inputs()
    }

    /// Multiplications with an addition each, of one action.
    #[must_use]
    pub fn multiply_accumulates(&self) -> usize {
        self.layers.iter().map(|layer| layer.weights.len()).sum()
    }

    /// The greatest number of activations between two layers, or of standardised observations; 0 if there are none.
    #[must_use]
    pub fn width(&self) -> usize {
        let hidden = self.layers.split_last().map_or(&[][..], |(_, hidden)| hidden);
        let input = self.standardisation.as_ref().map_or(0, |_| self.observations());
        hidden.iter().map(Layer::outputs).max().unwrap_or(0).max(input)
    }

    /// Weights and biases.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(|layer| layer.weights.len() + layer.bias.len()).sum()
    }

    /// Bytes of all parameters.
    #[must_use]
    pub fn parameter_bytes(&self) -> usize {
        4 * self.words().len()
    }

    /// The words of all parameters, in the order in which they lie in memory.
    pub(super) fn words(&self) -> Vec<u32> {
        let mut words = self.words_of_statistics();
        for layer in &self.layers {
            let (tiled, rest) = layer.tiled();
            words.extend(bits(&tiled).chain(bits(&rest)).chain(bits(&layer.bias)));
        }
        words.extend(self.words_of_axes());
        words
    }

    pub(super) fn words_of_statistics(&self) -> Vec<u32> {
        let Some(standardisation) = &self.standardisation else { return Vec::new() };
        let (mean, scale, clip) = standardisation.parts();
        bits(mean).chain(bits(scale)).chain([clip.to_bits()]).collect()
    }

    pub(super) fn words_of_axes(&self) -> Vec<u32> {
        let parts: [fn(&Axis<f32>) -> f32; 4] =
            [|axis| axis.centre, |axis| axis.half_range, |axis| axis.low, |axis| axis.high];
        parts.iter().flat_map(|part| self.axes.iter().map(|axis| part(axis).to_bits())).collect()
    }

    /// What the layers before the last one make of a standardised observation, layer by layer; of the last one
    /// μ. This is the definition written out, for what looks inside; acting is the policy's own.
    #[must_use]
    pub fn activations(&self, standardised: &[f32]) -> Vec<Vec<f32>> {
        let mut all: Vec<Vec<f32>> = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let x = all.last().map_or(standardised, Vec::as_slice);
            all.push(layer.apply(x));
        }
        all
    }
}

impl Layer {
    /// I
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.weights.len() / self.bias.len()
    }

    /// O
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// The weights as a device reads them: tiles of [`TILE`] outputs, `[tiles, inputs, TILE]`, and then the rest,
    /// `[inputs, outputs % TILE]`.
    #[must_use]
    pub fn tiled(&self) -> (Vec<f32>, Vec<f32>) {
        tiled(&self.weights, self.outputs(), TILE)
    }

    fn apply(&self, x: &[f32]) -> Vec<f32> {
        let column = |n: usize| self.weights[n..].iter().step_by(self.outputs());
        let sum = |(n, &bias): (usize, &f32)| match self.order {
            Order::Chain => x.iter().zip(column(n)).fold(bias, |sum, (x, w)| x * w + sum),
            Order::SixteenParts => {
                let mut parts = [0.0; 16];
                for (k, (x, w)) in x.iter().zip(column(n)).enumerate() {
                    parts[k % 16] += x * w;
                }
                for half in [8, 4, 2, 1] {
                    (0..half).for_each(|k| parts[k] += parts[k + half]);
                }
                bias + parts[0]
            }
        };
        self.bias.iter().enumerate().map(sum).map(|y| activated(self.activation, y)).collect()
    }
}

fn bits(numbers: &[f32]) -> impl Iterator<Item = u32> {
    numbers.iter().map(|x| x.to_bits())
}

fn activated(activation: Activation, y: f32) -> f32 {
    match activation {
        Activation::Identity => y,
        Activation::Relu if y < 0.0 => 0.0,
        Activation::Relu => y,
        Activation::Tanh => tanh(y),
    }
}

/// See [`Layer::tiled`].
pub(super) fn tiled<W: Copy>(weights: &[W], outputs: usize, tile: usize) -> (Vec<W>, Vec<W>) {
    let rows = || weights.chunks_exact(outputs);
    let whole = outputs / tile;
    let tiles = (0..whole).flat_map(|t| rows().flat_map(move |row| &row[t * tile..][..tile]));
    (tiles.copied().collect(), rows().flat_map(|row| &row[whole * tile..]).copied().collect())
}

fn standardisation<T: Scalar>(
    exact: &Standardisation<T>,
) -> Result<Standardisation<f32>, ExportError> {
    let (mean, scale, clip) = exact.parts();
    let name = "the statistics of observations";
    let clip = single(&[clip], name)?[0];
    Ok(Standardisation::of_parts(single(mean, name)?, single(scale, name)?, clip))
}

fn single<'a, T: Scalar>(
    numbers: impl IntoIterator<Item = &'a T>,
    name: &str,
) -> Result<Vec<f32>, ExportError> {
    let numbers: Vec<f32> = numbers.into_iter().map(|x| x.as_f64() as f32).collect();
    let finite = numbers.iter().all(|x| x.is_finite());
    finite.then_some(numbers).ok_or_else(|| ExportError::NotFinite { name: name.into() })
}
