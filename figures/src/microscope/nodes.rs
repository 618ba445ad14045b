//! The operations of the policy's loss: what they are called, and where they stand in the picture.

/// What is known of a node before anything is computed.
pub struct Node {
    pub name: &'static str,
    /// How its value is computed.
    pub forward: &'static str,
    /// How its adjoint is.
    pub backward: &'static str,
    pub inputs: &'static [usize],
    /// Its middle in the picture, and its width.
    pub at: [f64; 2],
    pub width: f64,
}

const fn node(
    name: &'static str,
    [forward, backward]: [&'static str; 2],
    inputs: &'static [usize],
    at: [f64; 2],
    width: f64,
) -> Node {
    Node { name, forward, backward, inputs, at, width }
}

const LEFT: f64 = 52.0;
const INNER: f64 = 155.0;
const OUTER: f64 = 262.0;
pub const RIGHT: f64 = 366.0;
pub const ALPHA: usize = 3;
pub const LOSS: usize = 16;

/// The nodes in the order of their computation.
#[rustfmt::skip]
pub const NODES: [Node; LOSS + 1] = [
    node("μ", ["a parameter", "adjoint of u"], &[], [LEFT, 30.0], 84.0),
    node("log σ", ["a parameter", "σ × adjoint of σ − adjoint of log N"], &[], [OUTER, 30.0], 84.0),
    node("ξ", ["noise, a constant", "constants have none"], &[], [INNER, 30.0], 84.0),
    node("α", ["learned by another loss", "nothing comes through detach"], &[], [RIGHT, 30.0], 84.0),
    node("σ", ["exp(log σ)", "ξ × adjoint of σξ"], &[1], [236.0, 90.0], 64.0),
    node("σ ξ", ["σ × ξ", "adjoint of u"], &[4, 2], [INNER, 150.0], 84.0),
    node("u", ["μ + σ ξ", "(1 − a²) × adjoint of a − 2a × adjoint of J"], &[0, 5], [LEFT, 210.0], 84.0),
    node("log N", ["−½ ξ² − log σ − ½ log 2π", "adjoint of log π"], &[1, 2], [OUTER, 210.0], 84.0),
    node("a", ["tanh u", "slope of Q₁ × adjoint of Q₁ + slope of Q₂ × adjoint of Q₂"], &[6], [LEFT, 270.0], 84.0),
    node("J", ["log(1 − tanh² u)", "− adjoint of log π"], &[6], [INNER, 270.0], 84.0),
    node("log π", ["log N − J", "α × adjoint of α log π"], &[7, 9], [OUTER, 330.0], 84.0),
    node("Q₁", ["0.6 + 0.5 a − 0.6 a², frozen", "that of min Q, where it is the smaller"], &[8], [LEFT, 330.0], 84.0),
    node("Q₂", ["0.7 − 0.4 a − 0.2 a², frozen", "that of min Q, where it is the smaller"], &[8], [INNER, 330.0], 84.0),
    node("min Q", ["min(Q₁, Q₂)", "− adjoint of the loss"], &[11, 12], [103.0, 390.0], 84.0),
    node("detach α", ["α, held constant", "detached: it has none"], &[ALPHA], [RIGHT, 210.0], 88.0),
    node("α log π", ["detach α × log π", "adjoint of the loss"], &[14, 10], [314.0, 390.0], 90.0),
    node("loss", ["mean(α log π − min Q)", "1, where the walk begins"], &[15, 13], [208.0, 450.0], 96.0),
];
pub const COUNT: usize = NODES.len();
pub const SIZE: [f64; 2] = [420.0, 482.0];
pub const HEIGHT: f64 = 46.0;
/// Where the picture looks: at the node of the walk, or at one of them.
pub const CHOICES: [&str; COUNT + 1] = {
    let mut names = ["where the walk is"; COUNT + 1];
    let mut i = 0;
    while i < COUNT {
        names[i + 1] = NODES[i].name;
        i += 1;
    }
    names
};
