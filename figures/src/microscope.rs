//! The policy's loss on the tape, node by node, forwards and backwards.

use ndarray::{Array2, array};
use softac::gradcheck::{Checker, Row};
use softac::policy::{gaussian_log_prob, log_tanh_jacobian};
use softac::sac::q_min;
use softac::tape::{Tape, Var};

use crate::chart::{Picture, With, tag, words};
use crate::double_q::{first_critic, second_critic};
use crate::figure::{Control, Figure, Pace, Readout, fixed};

/// The second critic stands this much above the first at the action 0.
const GAP: f64 = 0.1;

/// What is known of a node before anything is computed.
struct Node {
    name: &'static str,
    /// How its value is computed.
    forward: &'static str,
    /// How its adjoint is.
    backward: &'static str,
    inputs: &'static [usize],
    /// Its middle in the picture, and its width.
    at: [f64; 2],
    width: f64,
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
const RIGHT: f64 = 366.0;
const ALPHA: usize = 3;
const LOSS: usize = 16;

/// The nodes in the order of their computation.
#[rustfmt::skip]
const NODES: [Node; LOSS + 1] = [
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
const COUNT: usize = NODES.len();
const SIZE: [f64; 2] = [420.0, 482.0];
const HEIGHT: f64 = 46.0;
/// Where the picture looks: at the node of the walk, or at one of them.
const CHOICES: [&str; COUNT + 1] = {
    let mut names = ["where the walk is"; COUNT + 1];
    let mut i = 0;
    while i < COUNT {
        names[i + 1] = NODES[i].name;
        i += 1;
    }
    names
};

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
mod tests {
    use super::*;
    use softac::gradcheck::Verdict;
    use softac::policy::Gaussian;
    use softac::sac::actor_loss;

    fn points() -> impl Iterator<Item = TapeMicroscope> {
        let leaves = [[0.3, -0.5, 0.8, 0.2], [-1.3, 0.4, -0.6, 0.7], [2.0, -3.0, 2.5, 0.0]];
        leaves.into_iter().map(|leaves| TapeMicroscope { leaves, ..Default::default() })
    }

    #[test]
    fn the_loss_and_its_gradients_are_those_of_the_crates_own_functions() {
        for figure in points() {
            let matrices = figure.matrices();
            let tape = Tape::new();
            let [mu, log_sigma, alpha] = [0, 1, 3].map(|i: usize| tape.leaf(&matrices[i]));
            let sample = Gaussian { mu, log_sigma }.sample(tape.constant(&matrices[2]));
            let a = sample.action;
            let q = q_min([first_critic(a), second_critic(a, GAP)]);
            let loss = actor_loss(alpha, sample.log_pi, q);
            let found = figure.found();
            assert_eq!(found[LOSS].value, loss.item().unwrap());
            let gradients = loss.backward().unwrap();
            for (node, leaf) in [(0, mu), (1, log_sigma), (ALPHA, alpha)] {
                assert_eq!(found[node].adjoint, Some(gradients.wrt(leaf)[[0, 0]]));
            }
        }
    }

    #[test]
    fn every_adjoint_is_the_difference_quotient_of_its_node() {
        for figure in points() {
            for (node, found) in figure.found().into_iter().enumerate() {
                let row = figure.differences(node, Checker::new());
                assert_eq!(row.verdict, Verdict::Pass, "{}: {row:?}", NODES[node].name);
                if let Some(adjoint) = found.adjoint {
                    assert!((adjoint - row.analytic).abs() < 1e-14, "{}", NODES[node].name);
                }
            }
        }
    }

    #[test]
    fn only_constants_and_what_is_detached_have_no_adjoint() {
        let found = TapeMicroscope::default().found();
        let without = (0..COUNT).filter(|&node| found[node].adjoint.is_none());
        assert_eq!(without.map(|node| NODES[node].name).collect::<Vec<_>>(), ["ξ", "detach α"]);
        assert_eq!(found[ALPHA].adjoint, Some(0.0));
    }

    #[test]
    fn plain_differences_see_through_the_detach() {
        let figure = TapeMicroscope::default();
        let log_pi = figure.found()[10].value;
        assert_eq!(figure.differences(ALPHA, Checker::new()).numeric, 0.0);
        let unpinned = figure.differences(ALPHA, Checker::new().unpinned());
        assert!((unpinned.numeric - log_pi).abs() < 1e-9, "{unpinned:?}");
        assert_eq!(unpinned.verdict, Verdict::Mismatch);
    }

    #[test]
    fn the_rules_beside_the_nodes_hold() {
        for figure in points() {
            let found = figure.found();
            let value = |i: usize| found[i].value;
            let adjoint = |i: usize| found[i].adjoint.unwrap();
            let [a, alpha] = [value(8), value(ALPHA)];
            let slopes = [0.5 - 1.2 * a, -0.4 - 0.4 * a];
            for (node, expected) in [
                (0, adjoint(6)),
                (1, value(4) * adjoint(4) - adjoint(7)),
                (4, value(2) * adjoint(5)),
                (5, adjoint(6)),
                (6, (1.0 - a * a) * adjoint(8) - 2.0 * a * adjoint(9)),
                (7, adjoint(10)),
                (8, slopes[0] * adjoint(11) + slopes[1] * adjoint(12)),
                (9, -adjoint(10)),
                (10, alpha * adjoint(15)),
                (13, -adjoint(LOSS)),
                (15, adjoint(LOSS)),
                (LOSS, 1.0),
            ] {
                assert!((adjoint(node) - expected).abs() < 1e-14, "{}", NODES[node].name);
            }
            let smaller = usize::from(value(12) < value(11));
            assert_eq!(adjoint(11 + smaller), adjoint(13));
            assert_eq!(adjoint(12 - smaller), 0.0);
        }
    }

    #[test]
    fn the_walk_goes_once_through_the_list_and_back() {
        let mut figure = TapeMicroscope { step: 0, ..Default::default() };
        let mut visited = vec![];
        loop {
            let more = figure.tick();
            visited.push(figure.node());
            if !more {
                break;
            }
        }
        let expected: Vec<_> = (0..COUNT).chain((0..COUNT).rev()).collect();
        assert_eq!(visited, expected);
    }

    #[test]
    fn no_node_stands_before_its_inputs() {
        for (index, node) in NODES.iter().enumerate() {
            assert!(node.inputs.iter().all(|&input| input < index), "{}", node.name);
        }
    }
}
