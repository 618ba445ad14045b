//! ONNX: the same policy for runtimes on larger machines.
//!
//! The messages are those of `onnx.proto3` (ONNX 1.12, <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3>), as far as a
//! perceptron needs them.

use prost::Message;

use super::network::Network;
use super::provenance::Provenance;
use crate::nn::Activation;

/// The version of ONNX's operators.
pub const OPSET: i64 = 17;

/// The version of the file format that came with them.
const IR_VERSION: i64 = 8;

/// The type of tensors in single precision.
const FLOAT: i32 = 1;

#[derive(Clone, PartialEq, Message)]
struct Model {
    #[prost(int64, tag = "1")]
    ir_version: i64,
    #[prost(string, tag = "2")]
    producer_name: String,
    #[prost(string, tag = "3")]
    producer_version: String,
    #[prost(message, optional, tag = "7")]
    graph: Option<Graph>,
    #[prost(message, repeated, tag = "8")]
    opset_import: Vec<OperatorSet>,
    #[prost(message, repeated, tag = "14")]
    metadata_props: Vec<Entry>,
}

#[derive(Clone, PartialEq, Message)]
struct OperatorSet {
    #[prost(string, tag = "1")]
    domain: String,
    #[prost(int64, tag = "2")]
    version: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Entry {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, PartialEq, Message)]
struct Graph {
    #[prost(message, repeated, tag = "1")]
    node: Vec<Node>,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(message, repeated, tag = "5")]
    initializer: Vec<Tensor>,
    #[prost(message, repeated, tag = "11")]
    input: Vec<ValueInfo>,
    #[prost(message, repeated, tag = "12")]
    output: Vec<ValueInfo>,
}

#[derive(Clone, PartialEq, Message)]
struct Node {
    #[prost(string, repeated, tag = "1")]
    input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    output: Vec<String>,
    #[prost(string, tag = "3")]
    name: String,
    #[prost(string, tag = "4")]
    op_type: String,
}

#[derive(Clone, PartialEq, Message)]
struct Tensor {
    #[prost(int64, repeated, tag = "1")]
    dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    data_type: i32,
    #[prost(string, tag = "8")]
    name: String,
    #[prost(bytes = "vec", tag = "9")]
    raw_data: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct ValueInfo {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, optional, tag = "2")]
    kind: Option<Kind>,
}

#[derive(Clone, PartialEq, Message)]
struct Kind {
    #[prost(message, optional, tag = "1")]
    tensor: Option<TensorKind>,
}

#[derive(Clone, PartialEq, Message)]
struct TensorKind {
    #[prost(int32, tag = "1")]
    elem_type: i32,
    #[prost(message, optional, tag = "2")]
    shape: Option<Shape>,
}

#[derive(Clone, PartialEq, Message)]
struct Shape {
    #[prost(message, repeated, tag = "1")]
    dim: Vec<Dimension>,
}

#[derive(Clone, PartialEq, Message)]
struct Dimension {
    #[prost(int64, optional, tag = "1")]
    value: Option<i64>,
    #[prost(string, optional, tag = "2")]
    name: Option<String>,
}

/// The policy as an ONNX model: `observation [batch, S] → action [batch, A]`, as the environment gives the one and takes
/// the other. Standardisation and the map to the action box are part of it.
///
/// A runtime adds up in an order of its own: its actions are not the policy's to the bit. What it makes of NaN is its own
/// affair, too.
#[must_use]
pub fn onnx(network: &Network, provenance: &Provenance) -> Vec<u8> {
    let mut graph = Builder::default();
    let mut x = "observation".to_string();
    if let Some(standardisation) = &network.standardisation {
        let (mean, scale, clip) = standardisation.parts();
        x = graph.with_tensor("Sub", x, "mean", &[mean.len()], mean);
        x = graph.with_tensor("Mul", x, "scale", &[scale.len()], scale);
        let bounds = [("lowest", -clip), ("highest", clip)];
        let bounds = bounds.map(|(name, bound)| graph.tensor(name, &[], &[bound]));
        x = graph.node("Clip", [x].into_iter().chain(bounds));
    }
    for (index, layer) in network.layers.iter().enumerate() {
        let shape = [layer.inputs(), layer.outputs()];
        x = graph.with_tensor("MatMul", x, &format!("{index}.weight"), &shape, &layer.weights);
        x = graph.with_tensor("Add", x, &format!("{index}.bias"), &[layer.outputs()], &layer.bias);
        match layer.activation {
            Activation::Identity => {}
            Activation::Relu => x = graph.node("Relu", [x]),
            Activation::Tanh => x = graph.node("Tanh", [x]),
        }
    }
    x = graph.node("Tanh", [x]);
    let part = |part: fn(&crate::policy::Axis<f32>) -> f32| -> Vec<f32> {
        network.axes.iter().map(part).collect()
    };
    let actions = [network.axes.len()];
    x = graph.with_tensor("Mul", x, "half_range", &actions, &part(|axis| axis.half_range));
    x = graph.with_tensor("Add", x, "centre", &actions, &part(|axis| axis.centre));
    x = graph.with_tensor("Max", x, "low", &actions, &part(|axis| axis.low));
    x = graph.with_tensor("Min", x, "high", &actions, &part(|axis| axis.high));
    graph.rename_output(&x, "action");
    let model = Model {
        ir_version: IR_VERSION,
        producer_name: "softac".into(),
        producer_version: provenance.softac.into(),
        graph: Some(Graph {
            node: graph.nodes,
            name: "policy".into(),
            initializer: graph.tensors,
            input: vec![matrix("observation", network.observations())],
            output: vec![matrix("action", network.axes.len())],
        }),
        opset_import: vec![OperatorSet { domain: String::new(), version: OPSET }],
        metadata_props: vec![Entry {
            key: "softac".into(),
            value: serde_json::to_string(provenance).unwrap_or_default(),
        }],
    };
    model.encode_to_vec()
}

/// Nodes one after another, each named by what it gives.
#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    tensors: Vec<Tensor>,
}

impl Builder {
    fn node(&mut self, op_type: &str, input: impl IntoIterator<Item = String>) -> String {
        let name = format!("{}_{}", self.nodes.len(), op_type.to_lowercase());
        self.nodes.push(Node {
            input: input.into_iter().collect(),
            output: vec![name.clone()],
            name: name.clone(),
            op_type: op_type.into(),
        });
        name
    }

    fn with_tensor(
        &mut self,
        op: &str,
        x: String,
        name: &str,
        shape: &[usize],
        data: &[f32],
    ) -> String {
        let tensor = self.tensor(name, shape, data);
        self.node(op, [x, tensor])
    }

    fn tensor(&mut self, name: &str, shape: &[usize], data: &[f32]) -> String {
        self.tensors.push(Tensor {
            dims: shape.iter().map(|&size| size as i64).collect(),
            data_type: FLOAT,
            name: name.into(),
            raw_data: data.iter().flat_map(|x| x.to_le_bytes()).collect(),
        });
        name.into()
    }

    fn rename_output(&mut self, old: &str, new: &str) {
        for node in self.nodes.iter_mut().filter(|node| node.output[0] == old) {
            node.output[0] = new.into();
        }
    }
}

fn matrix(name: &str, columns: usize) -> ValueInfo {
    let batch = Dimension { value: None, name: Some("batch".into()) };
    let columns = Dimension { value: Some(columns as i64), name: None };
    let shape = Some(Shape { dim: vec![batch, columns] });
    let tensor = Some(TensorKind { elem_type: FLOAT, shape });
    ValueInfo { name: name.into(), kind: Some(Kind { tensor }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::BoxSpace;
    use crate::export::Single;
    use crate::normalise::Standardisation;
    use crate::policy::{AnyPolicy, Kind, Policy};
    use crate::random::{Purpose, stream};
    use crate::train::{Config, SavedPolicy};

    /// A policy for three observations and two actions with five hidden units, as a model.
    fn model(kind: Kind, standardised: bool) -> (SavedPolicy<f32>, Graph) {
        let space = BoxSpace::new(vec![-1.0, 0.0], vec![1.0, 3.0]).unwrap();
        let policy = AnyPolicy::new(kind, 3, 2, &[5], Activation::Relu);
        let phi = policy.mlp().init(&mut stream(0, Purpose::Init));
        let statistics = || Standardisation::of_parts(vec![0.1; 3], vec![2.0; 3], 5.0);
        let statistics = standardised.then(statistics);
        let numerics = crate::Numerics::Portable;
        let saved = SavedPolicy::new("any", "env", &space, policy, phi, statistics, numerics);
        let saved = saved.unwrap();
        let single = Single::of(&saved).unwrap();
        let provenance = Provenance::of(&single, &Config::default());
        let bytes = onnx(&Network::of(&saved).unwrap(), &provenance);
        (saved, Model::decode(&bytes[..]).unwrap().graph.unwrap())
    }

    #[test]
    fn the_nodes_are_standardisation_network_and_map_in_a_chain() {
        const NETWORK: [&str; 6] = ["MatMul", "Add", "Relu", "MatMul", "Add", "Tanh"];
        const MAP: [&str; 4] = ["Mul", "Add", "Max", "Min"];
        for kind in Kind::ALL {
            for (standardised, before) in [(false, &[][..]), (true, &["Sub", "Mul", "Clip"])] {
                let nodes = model(kind, standardised).1.node;
                let found: Vec<_> = nodes.iter().map(|node| node.op_type.as_str()).collect();
                assert_eq!(found, [before, &NETWORK, &MAP].concat(), "{kind}");
                let mut x = "observation";
                for node in &nodes {
                    assert_eq!(node.input[0], x, "{kind}");
                    x = &node.output[0];
                }
                assert_eq!(x, "action");
            }
        }
    }

    #[test]
    fn the_last_layer_has_the_outputs_that_decide_the_action() {
        for kind in Kind::ALL {
            let (policy, graph) = model(kind, false);
            let weight = graph.initializer.iter().find(|tensor| tensor.name == "1.weight").unwrap();
            assert_eq!(weight.dims, [5, 2], "{kind}");
            let trained = policy.params().view("1.weight").unwrap();
            let kept = trained.rows().into_iter().flat_map(|row| [row[0], row[1]]);
            let bytes: Vec<u8> = kept.flat_map(f32::to_le_bytes).collect();
            assert_eq!(weight.raw_data, bytes, "{kind}");
        }
    }
}
