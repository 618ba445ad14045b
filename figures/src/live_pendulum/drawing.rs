//! The pendulum, drawn.

use svg::node::Node;
use svg::node::element::Element;

use super::training::Watched;
use crate::chart::{With, rounded, tag};

/// The strongest torque, whose arc reaches a third of the way round.
const MAX_TORQUE: f64 = 2.0;

/// A rod from the pivot at `centre`, and an arc for the torque. Upright is up, and positive angles go to the left, as
/// Gymnasium draws them.
pub fn pendulum(watched: &Watched, [x, y]: [f64; 2], length: f64) -> Element {
    let [cos, sin, _] = watched.observation;
    let tip = [x - length * sin, y - length * cos];
    let mut group = tag("g", "pendulum");
    group.append(circle("box", [x, y], length));
    group.append(line("first rod", [x, y], tip));
    group.append(circle("solid first", tip, 6.0));
    group.append(circle("solid", [x, y], 3.0));
    group.append(arc(watched.torque / MAX_TORQUE, [x, y], 0.4 * length));
    group
}

fn circle(class: &str, [x, y]: [f64; 2], radius: f64) -> Element {
    let circle = tag("circle", class).with("cx", rounded(x)).with("cy", rounded(y));
    circle.with("r", rounded(radius))
}

fn line(class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) -> Element {
    let path = format!("M{} {}L{} {}", rounded(x1), rounded(y1), rounded(x2), rounded(y2));
    tag("path", &format!("line {class}")).with("d", path)
}

/// An arc from the top, to the left for a positive share of the strongest torque.
fn arc(share: f64, [x, y]: [f64; 2], radius: f64) -> Element {
    let points = (0..=20).map(|i| {
        let angle = share.clamp(-1.0, 1.0) * 2.1 * f64::from(i) / 20.0;
        let (sin, cos) = libm::sincos(angle);
        format!("{} {}", rounded(x - radius * sin), rounded(y - radius * cos))
    });
    let path = format!("M{}", points.collect::<Vec<_>>().join("L"));
    tag("path", "line second torque").with("d", path)
}
