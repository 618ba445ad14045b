//! What the templates speak of.

use serde::Serialize;

use super::int8::{After, INT8_TILE, QuantisedLayer};
use super::model::Model;
use super::network::{Layer, Network, Order, TILE};
use super::provenance::Provenance;
use super::vectors::{EDGES, ON_POLICY, RANDOM, SelfTest, VECTORS};
use crate::elementary::{Constants, constants};
use crate::nn::Activation;
use crate::normalise::Standardisation;
use crate::policy::Axis;

/// C's limit for string literals.
const LONGEST_STRING: usize = 4095;

/// Everything by the names that the templates use.
#[derive(Serialize)]
pub(super) struct Context<'a> {
    name: &'a str,
    #[serde(rename = "NAME")]
    upper: String,
    /// What the names of the templates for this kind of numbers begin with.
    kind: &'static str,
    about: String,
    notes: Vec<String>,
    version: &'static str,
    config: String,
    /// Whether the configuration is longer than C lets a string be.
    overlong: bool,
    observations: usize,
    actions: usize,
    width: usize,
    tile: usize,
    standardisation: Option<Statistics<'a>>,
    /// Of integers alone.
    input_scale: Option<&'a [f32]>,
    widths: Widths,
    layers: Vec<LayerText>,
    axes: Axes,
    checksum: u32,
    tanh: Constants,
    test: Test<'a>,
}

#[derive(Serialize)]
struct Statistics<'a> {
    mean: &'a [f32],
    scale: &'a [f32],
    clip: f32,
}

#[derive(Serialize)]
struct Axes {
    centre: Vec<f32>,
    half_range: Vec<f32>,
    low: Vec<f32>,
    high: Vec<f32>,
}

/// The greatest number of inputs of a layer, and of outputs.
#[derive(Serialize)]
struct Widths {
    x: usize,
    sums: usize,
}

impl Widths {
    fn of(network: &Network) -> Self {
        let greatest =
            |size: fn(&Layer) -> usize| network.layers.iter().map(size).max().unwrap_or(0);
        Self { x: greatest(Layer::inputs), sums: greatest(Layer::outputs) }
    }
}

#[derive(Serialize)]
struct Test<'a> {
    vectors: usize,
    on_policy: usize,
    /// The vectors with an edge begin here, and here those of which all components are one.
    edges_from: usize,
    edges_alone_from: usize,
    met: Vec<f32>,
    middle: Vec<f32>,
    half: Vec<f32>,
    /// Middle and half, in pairs.
    ranges: Vec<f32>,
    edges: [u32; EDGES.len()],
    expected: &'a [u32],
}

impl<'a> Context<'a> {
    pub fn of(
        name: &'a str,
        model: Model<'a>,
        provenance: &Provenance,
        test: &'a SelfTest,
    ) -> Self {
        let network = model.network();
        // Strings and numbers alone: JSON has them all.
        let config = serde_json::to_string(provenance).unwrap_or_default();
        let statistics = |s: &'a Standardisation<f32>| {
            let (mean, scale, clip) = s.parts();
            Statistics { mean, scale, clip }
        };
        Self {
            name,
            upper: name.to_uppercase(),
            kind: match model {
                Model::Float(_) => "float",
                Model::Int8(_) => "int8",
            },
            about: about(network, provenance),
            notes: notes(network, provenance),
            version: provenance.softac,
            overlong: config.len() > LONGEST_STRING,
            config,
            observations: network.observations(),
            actions: network.axes.len(),
            width: network.width(),
            tile: match model {
                Model::Float(_) => TILE,
                Model::Int8(_) => INT8_TILE,
            },
            standardisation: network.standardisation.as_ref().map(statistics),
            input_scale: match model {
                Model::Float(_) => None,
                Model::Int8(quantised) => Some(&quantised.input_scale),
            },
            widths: Widths::of(network),
            layers: layers(model),
            axes: Axes::of(network),
            checksum: model.checksum(),
            tanh: constants(),
            test: Test {
                vectors: VECTORS,
                on_policy: ON_POLICY,
                edges_from: ON_POLICY + RANDOM,
                edges_alone_from: VECTORS - EDGES.len(),
                met: test.on_policy.concat(),
                middle: test.ranges.iter().map(|range| range.0).collect(),
                half: test.ranges.iter().map(|range| range.1).collect(),
                ranges: test.ranges.iter().flat_map(|range| [range.0, range.1]).collect(),
                edges: EDGES,
                expected: &test.expected,
            },
        }
    }
}

impl Axes {
    fn of(network: &Network) -> Self {
        let part = |part: fn(&Axis<f32>) -> f32| network.axes.iter().map(part).collect();
        Self {
            centre: part(|axis| axis.centre),
            half_range: part(|axis| axis.half_range),
            low: part(|axis| axis.low),
            high: part(|axis| axis.high),
        }
    }
}

/// A layer as the templates see it.
#[derive(Serialize)]
struct LayerText {
    inputs: usize,
    outputs: usize,
    /// Tiles of outputs, and how many outputs are left.
    tiles: usize,
    left: usize,
    /// The tiles' weights, those that are left, and both.
    tiled: Numbers,
    rest: Numbers,
    weights: Numbers,
    bias: Numbers,
    activation: Activation,
    sixteen_parts: bool,
    /// The buffers, in C.
    from: &'static str,
    to: &'static str,
    /// Of integers alone: factors of the sums, or scales.
    multiplier: Option<Vec<i32>>,
    shift: Option<Vec<u8>>,
    scale: Option<Vec<f32>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Numbers {
    F32(Vec<f32>),
    I8(Vec<i8>),
    I32(Vec<i32>),
}

/// Hidden layers take two buffers in turn.
fn layers(model: Model<'_>) -> Vec<LayerText> {
    let network = model.network();
    let mut from = if network.standardisation.is_some() { "a" } else { "observation" };
    let last = network.layers.len() - 1;
    let mut text = Vec::new();
    for (index, layer) in network.layers.iter().enumerate() {
        let to = match from {
            _ if index == last => "mu",
            "a" => "b",
            _ => "a",
        };
        text.push(match model {
            Model::Float(_) => LayerText::float(layer, from, to),
            Model::Int8(quantised) => LayerText::int8(layer, &quantised.layers[index]),
        });
        from = to;
    }
    text
}

impl LayerText {
    fn float(layer: &Layer, from: &'static str, to: &'static str) -> Self {
        let (tiled, rest) = layer.tiled();
        Self {
            inputs: layer.inputs(),
            outputs: layer.outputs(),
            tiles: layer.outputs() / TILE,
            left: layer.outputs() % TILE,
            weights: Numbers::F32([&tiled[..], &rest].concat()),
            tiled: Numbers::F32(tiled),
            rest: Numbers::F32(rest),
            bias: Numbers::F32(layer.bias.clone()),
            activation: layer.activation,
            sixteen_parts: layer.order == Order::SixteenParts,
            from,
            to,
            multiplier: None,
            shift: None,
            scale: None,
        }
    }

    fn int8(layer: &Layer, quantised: &QuantisedLayer) -> Self {
        let (tiled, rest) = quantised.tiled();
        let text = Self {
            tiles: layer.outputs() / INT8_TILE,
            left: layer.outputs() % INT8_TILE,
            weights: Numbers::I8([&tiled[..], &rest].concat()),
            tiled: Numbers::I8(tiled),
            rest: Numbers::I8(rest),
            bias: Numbers::I32(quantised.bias.clone()),
            ..Self::float(layer, "x", "sums")
        };
        match quantised.after.clone() {
            After::Integer { multiplier, shift, .. } => {
                Self { multiplier: Some(multiplier), shift: Some(shift), ..text }
            }
            After::Tanh { scale } | After::Mu { scale } => Self { scale: Some(scale), ..text },
        }
    }
}

fn about(network: &Network, provenance: &Provenance) -> String {
    let inputs = network.observations().to_string();
    let sizes = network.layers.iter().map(|layer| layer.outputs().to_string());
    let sizes: Vec<_> = [inputs].into_iter().chain(sizes).collect();
    let env = comment(&provenance.env);
    format!("A policy for {env}, {}, exported by softac {}.", sizes.join("-"), provenance.softac)
}

/// What a caller has to know of how the policy was trained.
fn notes(network: &Network, provenance: &Provenance) -> Vec<String> {
    let mut notes = Vec::new();
    if provenance.frame_stack > 1 {
        let (frames, each) =
            (provenance.frame_stack, network.observations() / provenance.frame_stack);
        notes.push(format!(
            "It acts on the last {frames} observations of the environment together, {each} numbers"
        ));
        notes.push(
            "each, the oldest first; at the start of an episode the first one stands in for those"
                .into(),
        );
        notes.push("that are missing. The caller stacks them.".into());
    }
    if provenance.action_repeat > 1 {
        notes.push(format!(
            "The caller takes each action {} times in a row.",
            provenance.action_repeat
        ));
    }
    if network.standardisation.is_some() {
        notes.push(
            "Observations are given as the environment gives them; they are standardised here."
                .into(),
        );
    }
    notes
}

/// What ends no comment in C.
fn comment(text: &str) -> String {
    text.replace("*/", "* /").chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}
