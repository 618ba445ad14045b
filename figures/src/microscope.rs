//! The policy's loss on the tape, node by node, forwards and backwards.

mod nodes;

use ndarray::{Array2, array};
use softac::gradcheck::{Checker, Row};
use softac::policy::{gaussian_log_prob, log_tanh_jacobian};
use softac::sac::q_min;
use softac::tape::{Tape, Var};

use crate::chart::{Picture, With, tag, words};
use crate::double_q::{first_critic, second_critic};
use crate::figure::{Control, Figure, Pace, Readout, fixed};
use nodes::{ALPHA, CHOICES, COUNT, HEIGHT, LOSS, NODES, Node, RIGHT, SIZE};

/// The second critic stands this much above the first at the action 0.
const GAP: f64 = 0.1;

/// One sample of the policy's loss.
pub struct TapeMicroscope {
    /// μ, log σ, ξ, α
    leaves: [f64; 4],
    /// Nodes that the walk has been to, forwards and then backwards.
    step: usize,
    /// 0 for the node at which the walk is; else the node's number and one.
    choice: usize,
}

impl Default for TapeMicroscope {
    fn default() -> Self {
        Self { leaves: [0.3, -0.5, 0.8, 0.2], step: 2 * COUNT, choice: 0 }
    }
}

/// What the tape has at a node.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Found {
    value: f64,
    /// None where nothing is tracked.
    adjoint: Option<f64>,
}

/// Records the loss. To one of the nodes something may be added, by which it can be differentiated.
fn record<'t>(
    [mu, log_sigma, xi, alpha]: [Var<'t, f64>; 4],
    added: Option<(usize, Var<'t, f64>)>,
) -> [Var<'t, f64>; COUNT] {
    let mut nodes = Vec::with_capacity(COUNT);
    let mut keep = |x: Var<'t, f64>| {
        let moved = added.filter(|(at, _)| *at == nodes.len());
        let x = moved.map_or(x, |(_, by)| x + by);
        nodes.push(x);
        x
    };
    let [mu, log_sigma, xi, alpha] = [keep(mu), keep(log_sigma), keep(xi), keep(alpha)];
    let sigma = keep(log_sigma.exp());
    let spread = keep(sigma * xi);
    let u = keep(mu + spread);
    let log_normal = keep(gaussian_log_prob(xi, log_sigma));
    let a = keep(u.tanh());
    let jacobian = keep(log_tanh_jacobian(u));
    let log_pi = keep(log_normal - jacobian);
    let [first, second] = [keep(first_critic(a)), keep(second_critic(a, GAP))];
    let q = keep(q_min([first, second]));
    let held = keep(alpha.detach());
    let price = keep(held.broadcast_like(log_pi) * log_pi);
    keep((price - q).mean());
    nodes.try_into().unwrap_or_else(|_| unreachable!("every node is kept"))
}

impl TapeMicroscope {
    fn matrices(&self) -> [Array2<f64>; 4] {
        self.leaves.map(|x| array![[x]])
    }

    fn found(&self) -> [Found; COUNT] {
        let matrices = self.matrices();
        let tape = Tape::new();
        let [mu, log_sigma, alpha] = [0, 1, 3].map(|i: usize| tape.leaf(&matrices[i]));
        let nodes = record([mu, log_sigma, tape.constant(&matrices[2]), alpha], None);
        let gradients = nodes[LOSS].backward().expect("the loss is a scalar");
        nodes.map(|node| Found {
            value: node.item().expect("it is a scalar"),
            adjoint: gradients.is_tracked(node).then(|| gradients.wrt(node)[[0, 0]]),
        })
    }

    /// The derivative of the loss by a node: by the tape, and by differences.
    fn differences(&self, node: usize, checker: Checker) -> Row {
        let zero = array![[0.0]];
        let report = checker.check(
            |tape, p| {
                let constants = self.leaves.map(|x| tape.scalar(x));
                record(constants, Some((node, p[0])))[LOSS]
            },
            &[&zero],
        );
        report.expect("the shapes fit").rows.swap_remove(0)
    }

    /// The node that is looked at.
    fn node(&self) -> usize {
        match (self.choice, self.step) {
            (0, 0) => 0,
            (0, step) if step <= COUNT => step - 1,
            (0, step) => (2 * COUNT).saturating_sub(step),
            (choice, _) => choice - 1,
        }
    }

    fn has_value(&self, node: usize) -> bool {
        node < self.step
    }

    fn has_adjoint(&self, node: usize) -> bool {
        self.step + node >= 2 * COUNT
    }

    fn place(&self) -> String {
        match self.step {
            0 => "nothing is recorded yet".into(),
            step if step <= COUNT => format!("forwards, node {step} of {COUNT}"),
            step => format!("backwards, node {} of {COUNT}", 2 * COUNT - step + 1),
        }
    }
}

const SLIDERS: [(&str, &str, [f64; 3]); 4] = [
    ("mu", "mean μ", [-2.0, 2.0, 0.05]),
    ("log_sigma", "log σ", [-3.0, 1.0, 0.05]),
    ("xi", "noise ξ", [-2.5, 2.5, 0.05]),
    ("alpha", "temperature α", [0.0, 1.0, 0.01]),
];

impl Figure for TapeMicroscope {
    fn controls(&self) -> Vec<Control> {
        let range = [0.0, 2.0 * COUNT as f64, 1.0];
        let walk = Control::slider("step", "the walk", range, self.step as f64, self.place());
        let look = Control::choice("node", "look at", &CHOICES, self.choice);
        let sliders = SLIDERS.iter().zip(self.leaves).map(|(&(name, label, range), value)| {
            Control::slider(name, label, range, value, fixed(value, 2))
        });
        [walk, look].into_iter().chain(sliders).collect()
    }

    fn set(&mut self, control: &str, value: f64) {
        match control {
            "step" => self.step = value as usize,
            "node" => self.choice = value as usize,
            _ => {
                let leaves = SLIDERS.iter().zip(&mut self.leaves);
                leaves
                    .filter(|((name, ..), _)| *name == control)
                    .for_each(|(_, leaf)| *leaf = value);
            }
        }
    }

    fn readouts(&self) -> Vec<Readout> {
        let (node, found) = (self.node(), self.found());
        let (Found { value, adjoint }, about) = (found[node], &NODES[node]);
        let held = self.differences(node, Checker::new());
        let verdict = match adjoint {
            Some(_) => held.verdict.to_string(),
            None => "nothing to compare: no adjoint".into(),
        };
        vec![
            Readout::words("node", "node", about.name),
            Readout::words("forward", "value is", about.forward),
            Readout::number("value", "value", value, 8),
            Readout::words("backward", "adjoint is", about.backward),
            adjoint.map_or_else(
                || Readout::words("adjoint", "adjoint by the tape", "none"),
                |adjoint| Readout::number("adjoint", "adjoint by the tape", adjoint, 10),
            ),
            number_or("differences", "by differences", held.numeric),
            Readout::words("verdict", "gradient check", verdict),
            number_or(
                "unpinned",
                "differences that see through detach",
                self.differences(node, Checker::new().unpinned()).numeric,
            ),
        ]
    }

    fn picture(&self) -> String {
        let found = self.found();
        let about = format!(
            "The loss of the policy as a list of {COUNT} operations: {}. The loss is {}.",
            self.place(),
            fixed(found[LOSS].value, 4)
        );
        let mut picture = Picture::new(SIZE, &about);
        for (index, node) in NODES.iter().enumerate() {
            for &input in node.inputs {
                picture = picture.with(self.wire(input, index));
            }
        }
        picture = picture.with(scissors());
        for (index, found) in found.iter().enumerate() {
            picture = picture.with(self.plate(index, found));
        }
        picture.to_string()
    }

    fn pace(&self) -> Option<Pace> {
        Some(Pace { ticks_per_second: Some(2.0), heavy: false })
    }

    fn tick(&mut self) -> bool {
        self.step = if self.step >= 2 * COUNT { 0 } else { self.step + 1 };
        self.step < 2 * COUNT
    }
}

fn number_or(name: &'static str, label: &str, value: f64) -> Readout {
    match value.is_finite() {
        true => Readout::number(name, label, value, 10),
        false => Readout::words(name, label, "there is none"),
    }
}

impl TapeMicroscope {
    /// The wire from a node to one that uses it.
    fn wire(&self, from: usize, to: usize) -> svg::node::element::Element {
        let ([x1, y1], [x2, y2]) = (NODES[from].at, NODES[to].at);
        // Wires to the right side of what stands below, past what stands between.
        let aside = if from == 1 && to == 7 { 34.0 } else { 0.0 };
        let begun = self.has_value(to);
        let back = self.has_adjoint(to) && from != ALPHA && from != 2 && from != 14;
        let class = match (back, begun) {
            (true, _) => "line second thin",
            (false, true) => "line first thin",
            (false, false) => "line faint thin",
        };
        let [top, bottom] = [y1 + 0.5 * HEIGHT, y2 - 0.5 * HEIGHT];
        tag("path", class).with("d", format!("M{} {top}L{} {bottom}", x1 + aside, x2 + aside))
    }

    /// A node with its value and its adjoint, as far as the walk has come.
    fn plate(&self, index: usize, found: &Found) -> svg::node::element::Element {
        let Node { name, at: [x, y], width, .. } = NODES[index];
        let looked_at = index == self.node();
        let mut group =
            tag("g", "node").with("data-sets", "node").with("data-to", (index + 1).to_string());
        let class = if looked_at { "plate chosen" } else { "plate" };
        let rectangle = tag("rect", class)
            .with("x", x - 0.5 * width)
            .with("y", y - 0.5 * HEIGHT)
            .with("width", width)
            .with("height", HEIGHT)
            .with("rx", 5);
        let value = if self.has_value(index) { fixed(found.value, 4) } else { String::new() };
        let adjoint = match (self.has_adjoint(index), found.adjoint) {
            (false, _) => String::new(),
            (true, Some(adjoint)) => fixed(adjoint, 4),
            (true, None) => "none".into(),
        };
        let lines = [("strong", name.to_string()), ("first", value), ("second", adjoint)];
        group = group.with_child(rectangle);
        for (line, (class, text)) in lines.into_iter().enumerate() {
            let place = [x, y - 9.5 + 14.0 * line as f64];
            group = group.with_child(words(&format!("middle small {class}"), place, &text));
        }
        group
    }
}

/// Where the wire from α is cut.
fn scissors() -> svg::node::element::Element {
    let [x, y] = [RIGHT, 120.0];
    let cut = format!(
        "M{} {}L{} {}M{} {}L{} {}",
        x - 9.0,
        y - 5.0,
        x + 9.0,
        y + 5.0,
        x - 9.0,
        y + 3.0,
        x + 9.0,
        y + 13.0
    );
    tag("g", "cut")
        .with_child(tag("path", "gap").with("d", format!("M{} {}L{} {}", x, y - 1.0, x, y + 9.0)))
        .with_child(tag("path", "line second").with("d", cut))
        .with_child(words("small second end", [x - 14.0, y + 8.0], "cut"))
}

/// An element with one more inside.
trait WithChild {
    fn with_child(self, child: Self) -> Self;
}

impl WithChild for svg::node::element::Element {
    fn with_child(mut self, child: Self) -> Self {
        svg::node::Node::append(&mut self, child);
        self
    }
}

#[cfg(test)]
mod tests;
