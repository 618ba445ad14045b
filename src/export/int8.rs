//! A policy in integers: weights of eight bits, activations of sixteen, sums of thirty-two.
//!
//! What is here is the definition; the device has to equal it exactly.

use super::network::{Layer, Network};
use super::reference::Reference;
use super::rollout::Rollout;
use super::vectors::word_of_int8;
use crate::elementary::tanh;
use crate::nn::Activation;

/// Outputs that a device sums at a time: as many as processors without many registers have room for.
pub const INT8_TILE: usize = 4;

/// The greatest activation, and the greatest weight.
const INT16: f32 = 32_767.0;
const INT8: f64 = 127.0;
/// The greatest bias: half the range of a sum.
const BIAS: f64 = (1 << 30) as f64;
/// How far beyond what was met on the policy's own way an activation may go before it saturates.
const HEAD_ROOM: f64 = 2.0;
/// Observations that the ranges of activations are taken from.
const CALIBRATION: usize = 2_000;

/// The integers of a policy.
///
/// `q₀ = round(ŝ ⊙ input_scale)`, saturating at ±32767 and rounding halves away from zero; then layer by layer
/// `sumₙ = biasₙ + Σₖ wₖₙ qₖ`, exactly, and what [`After`] says.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantised {
    network: Network,
    /// How many steps of an integer a standardised observation of 1 is, `[S]`.
    pub input_scale: Vec<f32>,
    /// From the observation to μ.
    pub layers: Vec<QuantisedLayer>,
}

/// The integers of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantisedLayer {
    /// Row after row, `[inputs, outputs]`; each output has a scale of its own.
    pub weights: Vec<i8>,
    /// `[outputs]`, on the scale of the sums.
    pub bias: Vec<i32>,
    /// What becomes of a sum.
    pub after: After,
}

/// What becomes of a sum.
#[derive(Clone, Debug, PartialEq)]
pub enum After {
    /// `q = (max(sum, lowest) · multiplier + 2^(shift − 1)) / 2^shift`, rounded downwards, saturating at ±32767; the
    /// lowest is 0 for relu.
    Integer {
        /// From 0 to 2³¹ − 1, `[outputs]`.
        multiplier: Vec<i32>,
        /// From 1 to 62, `[outputs]`.
        shift: Vec<u8>,
        /// Whether negative sums count as 0.
        relu: bool,
    },
    /// `q = round(32767 tanh(sum · scale))` in single precision, for a hidden layer.
    Tanh {
        /// `[outputs]`
        scale: Vec<f32>,
    },
    /// `μ = sum · scale` in single precision, for the last layer.
    Mu {
        /// `[outputs]`
        scale: Vec<f32>,
    },
}

impl Quantised {
    /// The integers nearest to a network, with ranges for activations twice as wide as what was met.
    #[must_use]
    pub fn of(network: &Network, rollout: &Rollout) -> Self {
        let mut largest_input = vec![0.0_f64; network.observations()];
        let mut largest = vec![0.0_f64; network.layers.len()];
        for observation in rollout.spread(rollout.len().min(CALIBRATION)) {
            let standardised = standardised(network, observation);
            for (largest, x) in largest_input.iter_mut().zip(&standardised) {
                *largest = largest.max(f64::from(x.abs()));
            }
            for (largest, y) in largest.iter_mut().zip(network.activations(&standardised)) {
                *largest = y.iter().fold(*largest, |largest, y| largest.max(f64::from(y.abs())));
            }
        }
        // What one step of an integer is worth.
        let unit = |largest: f64| (HEAD_ROOM * largest.max(1e-30)) / f64::from(INT16);
        let input_scale: Vec<f32> = largest_input.iter().map(|&x| (1.0 / unit(x)) as f32).collect();
        let mut units: Vec<f64> = input_scale.iter().map(|&x| 1.0 / f64::from(x)).collect();
        let last = network.layers.len() - 1;
        let mut layers = Vec::with_capacity(network.layers.len());
        for (index, (layer, &largest)) in network.layers.iter().zip(&largest).enumerate() {
            let unit = match layer.activation {
                Activation::Tanh => 1.0 / f64::from(INT16),
                _ => unit(largest),
            };
            layers.push(quantised_layer(layer, &units, (index < last).then_some(unit)));
            units = vec![unit; layer.outputs()];
        }
        Self { network: network.clone(), input_scale, layers }
    }

    /// Bytes of all parameters.
    #[must_use]
    pub fn parameter_bytes(&self) -> usize {
        let statistics =
            self.network.standardisation.as_ref().map_or(0, |_| 1 + 2 * self.input_scale.len());
        let floats = statistics + self.input_scale.len() + 4 * self.network.axes.len();
        let of_layer = |layer: &QuantisedLayer| {
            let each = if matches!(layer.after, After::Integer { .. }) { 9 } else { 8 };
            layer.weights.len() + each * layer.bias.len()
        };
        4 * floats + self.layers.iter().map(of_layer).sum::<usize>()
    }

    /// The words of all parameters, in the order of the checksum.
    pub(super) fn words(&self) -> Vec<u32> {
        let mut words = self.network.words_of_statistics();
        words.extend(self.input_scale.iter().map(|x| x.to_bits()));
        for layer in &self.layers {
            let (tiled, rest) = layer.tiled();
            words.extend(tiled.into_iter().chain(rest).map(word_of_int8));
            words.extend(layer.bias.iter().map(|&bias| bias as u32));
            match &layer.after {
                After::Integer { multiplier, shift, .. } => {
                    words.extend(multiplier.iter().map(|&multiplier| multiplier as u32));
                    words.extend(shift.iter().map(|&shift| u32::from(shift)));
                }
                After::Tanh { scale } | After::Mu { scale } => {
                    words.extend(scale.iter().map(|scale| scale.to_bits()));
                }
            }
        }
        words.extend(self.network.words_of_axes());
        words
    }
}

impl QuantisedLayer {
    /// The weights as a device reads them: see [`Layer::tiled`], with tiles of [`INT8_TILE`].
    #[must_use]
    pub fn tiled(&self) -> (Vec<i8>, Vec<i8>) {
        super::network::tiled(&self.weights, self.bias.len(), INT8_TILE)
    }

    fn sums(&self, x: &[i16]) -> Vec<i32> {
        let outputs = self.bias.len();
        let mut sums = self.bias.clone();
        for (&x, row) in x.iter().zip(self.weights.chunks_exact(outputs)) {
            for (sum, &w) in sums.iter_mut().zip(row) {
                *sum += i32::from(x) * i32::from(w);
            }
        }
        sums
    }
}

impl Reference for Quantised {
    fn network(&self) -> &Network {
        &self.network
    }

    fn policy(&mut self, observation: &[f32], action: &mut [f32]) {
        let standardised = standardised(&self.network, observation);
        let scaled = standardised.iter().zip(&self.input_scale).map(|(x, scale)| x * scale);
        let mut x: Vec<i16> = scaled.map(to_int16).collect();
        for layer in &self.layers {
            let sums = layer.sums(&x);
            match &layer.after {
                After::Integer { multiplier, shift, relu } => {
                    let lowest = if *relu { 0 } else { i32::MIN };
                    let factors = multiplier.iter().zip(shift);
                    let pairs = sums.iter().map(|&sum| sum.max(lowest)).zip(factors);
                    x = pairs.map(|(sum, (&m, &shift))| requantised(sum, m, shift)).collect();
                }
                After::Tanh { scale } => {
                    let y = sums.iter().zip(scale).map(|(&sum, scale)| tanh(sum as f32 * scale));
                    x = y.map(|y| to_int16(y * INT16)).collect();
                }
                After::Mu { scale } => {
                    let mu = sums.iter().zip(scale).map(|(&sum, scale)| sum as f32 * scale);
                    let axes = &self.network.axes;
                    for ((action, axis), mu) in action.iter_mut().zip(axes).zip(mu) {
                        *action = axis.action(tanh(mu));
                    }
                }
            }
        }
    }
}

fn standardised(network: &Network, observation: &[f32]) -> Vec<f32> {
    let mut x = observation.to_vec();
    if let Some(standardisation) = &network.standardisation {
        standardisation.apply(&mut x);
    }
    x
}

/// The integer nearest to a number, halves away from zero, saturating.
fn to_int16(x: f32) -> i16 {
    let x = if x > INT16 { INT16 } else { x };
    let x = if x < -INT16 { -INT16 } else { x };
    let half = if x < 0.0 { -0.5 } else { 0.5 };
    (x + half) as i16
}

/// See [`After::Integer`].
fn requantised(sum: i32, multiplier: i32, shift: u8) -> i16 {
    let rounded = (i64::from(sum) * i64::from(multiplier) + (1 << (shift - 1))) >> shift;
    rounded.clamp(-32_767, 32_767) as i16
}

/// The integers of a layer whose inputs are worth `units` a step, and whose outputs are worth `unit`; none for the last
/// layer.
fn quantised_layer(layer: &Layer, units: &[f64], unit: Option<f64>) -> QuantisedLayer {
    let outputs = layer.outputs();
    let mut weights = vec![0; layer.weights.len()];
    let (mut bias, mut scales) = (Vec::with_capacity(outputs), Vec::with_capacity(outputs));
    for n in 0..outputs {
        let column = layer.weights[n..].iter().step_by(outputs);
        let column: Vec<f64> = column.zip(units).map(|(&w, unit)| f64::from(w) * unit).collect();
        let (scale, integers, b) = quantised_column(&column, f64::from(layer.bias[n]));
        weights[n..].iter_mut().step_by(outputs).zip(integers).for_each(|(to, w)| *to = w);
        bias.push(b);
        scales.push(scale);
    }
    let real = || scales.iter().map(|&scale| scale as f32).collect();
    let after = match (unit, layer.activation) {
        (None, _) => After::Mu { scale: real() },
        (Some(_), Activation::Tanh) => After::Tanh { scale: real() },
        (Some(unit), activation) => {
            let (multiplier, shift) = scales.iter().map(|scale| factor(scale / unit)).unzip();
            After::Integer { multiplier, shift, relu: activation == Activation::Relu }
        }
    };
    QuantisedLayer { weights, bias, after }
}

/// The weights and the bias of one output as multiples of a scale, so coarse that no sum can overflow.
fn quantised_column(column: &[f64], bias: f64) -> (f64, Vec<i8>, i32) {
    let largest = column.iter().fold(0.0, |largest: f64, w| largest.max(w.abs()));
    let mut scale = (largest / INT8).max(bias.abs() / BIAS).max(f64::MIN_POSITIVE);
    loop {
        let weights: Vec<i8> = column.iter().map(|w| (w / scale).round() as i8).collect();
        let b = (bias / scale).round() as i32;
        let magnitude: i64 = weights.iter().map(|&w| i64::from(w).abs()).sum();
        if magnitude * 32_767 + i64::from(b).abs() <= i64::from(i32::MAX) {
            return (scale, weights, b);
        }
        scale *= 2.0;
    }
}

/// `ratio` as `multiplier / 2^shift`, with as many digits as the multiplier has.
fn factor(ratio: f64) -> (i32, u8) {
    let mut shift = 31 - (ratio.log2().floor() as i32 + 1);
    let multiplier = |shift: i32| (ratio * 2.0_f64.powi(shift)).round();
    if multiplier(shift) > f64::from(i32::MAX) {
        shift -= 1;
    }
    // Beyond these the outcome is 0, or saturates, anyway.
    let shift = shift.clamp(1, 62);
    (multiplier(shift).min(f64::from(i32::MAX)) as i32, shift as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_the_nearest_integers_and_saturate() {
        let cases = [(0.0, 0), (0.49, 0), (0.5, 1), (-0.5, -1), (-1.4, -1), (32_766.6, 32_767)];
        for (x, expected) in cases {
            assert_eq!(to_int16(x), expected, "{x}");
        }
        for (x, expected) in [(1e9, 32_767), (f32::INFINITY, 32_767), (-1e9, -32_767)] {
            assert_eq!(to_int16(x), expected, "{x}");
        }
    }

    #[test]
    fn a_factor_is_its_ratio_to_nine_digits() {
        for ratio in [1.0, 0.5, 1.0 - 1e-12, 3.7e-5, 0.999_999_999_9, 123.456, 2.0_f64.powi(-20)] {
            let (multiplier, shift) = factor(ratio);
            let found = f64::from(multiplier) / 2.0_f64.powi(i32::from(shift));
            assert!((found / ratio - 1.0).abs() < 1e-9, "{ratio}: {multiplier} / 2^{shift}");
            for sum in [0, 1, -1, 77, -1234] {
                let expected = (f64::from(sum) * ratio).clamp(-32_767.0, 32_767.0);
                assert!(
                    (f64::from(requantised(sum, multiplier, shift)) - expected).abs() <= 0.5001
                );
            }
        }
        let (multiplier, shift) = factor(1e-30);
        assert_eq!(requantised(i32::MAX, multiplier, shift), 0);
        let (multiplier, shift) = factor(1e30);
        assert_eq!([0, 1, -1].map(|sum| requantised(sum, multiplier, shift)), [0, 32_767, -32_767]);
    }

    #[test]
    fn no_sum_overflows_whatever_the_activations() {
        // 1,000 equal weights at ±32767 would come to twice the range of a sum.
        for (column, bias) in [(vec![0.3; 1000], 0.1), (vec![0.0; 3], -7.0), (vec![1e-20], 5.0)] {
            let (scale, weights, b) = quantised_column(&column, bias);
            let worst: i64 = weights.iter().map(|&w| i64::from(w).abs() * 32_767).sum();
            assert!(worst + i64::from(b).abs() <= i64::from(i32::MAX));
            assert!((f64::from(b) * scale - bias).abs() <= 0.5 * scale);
            // Half a step, and the rounding of the division.
            let near = |(&w, x): (&i8, &f64)| (f64::from(w) * scale - x).abs() <= 0.500_001 * scale;
            assert!(weights.iter().zip(&column).all(near));
        }
        assert_eq!(quantised_column(&[0.0, 0.0], 0.0).1, [0, 0]);
    }
}
