//! Pictures in SVG: axes, lines, areas, points and handles.
//!
//! No colour is said here. Every mark has a class, and `web/picture.css` says what a class looks like in light, in dark
//! and in print: `first`, `second` and `third` are the three colours that a reader with any sight can tell apart, `faint`
//! recedes, `dashed` and `thin` are what they say. Lengths are in units of the picture, of which a page shows about one
//! to a pixel.

mod axis;

use std::fmt;

use svg::node::Node;
use svg::node::element::Element;

pub use axis::Axis;
use axis::Side;

/// Room for the numbers and the label of the upright axis, and for those of the other.
const MARGIN: [f64; 2] = [58.0, 36.0];
/// Room above and at the right, for half a number.
const EDGE: [f64; 2] = [12.0, 10.0];

/// A picture, of the given width and height.
pub struct Picture {
    element: Element,
}

impl Picture {
    /// An empty one; `about` is what is read out in its place.
    #[must_use]
    pub fn new([width, height]: [f64; 2], about: &str) -> Self {
        let element = tag("svg", "picture")
            .with("xmlns", "http://www.w3.org/2000/svg")
            .with("viewBox", format!("0 0 {} {}", rounded(width), rounded(height)))
            .with("role", "img")
            .with("aria-label", about);
        Self { element }
    }

    /// With something more in it.
    #[must_use]
    pub fn with(mut self, content: impl Into<Element>) -> Self {
        self.element.append(content.into());
        self
    }

    /// The picture as a file of its own, which brings its colours with it, on white.
    #[must_use]
    pub fn standalone(picture: &str) -> String {
        let style = include_str!("../web/picture.css");
        let (head, body) = picture.split_once('>').unwrap_or((picture, ""));
        let ground = "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>";
        format!("{head}>\n<style>\n{style}</style>\n{ground}{body}\n")
    }
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.element.fmt(f)
    }
}

/// Two axes, and what is drawn between them.
pub struct Chart {
    x: Side,
    y: Side,
    /// The left upper corner of the field between the axes.
    corner: [f64; 2],
    /// Its width and height.
    size: [f64; 2],
    /// What is drawn in the field, and cut off at its edges.
    field: Element,
    /// What is drawn over it.
    above: Element,
}

impl Chart {
    /// A chart in the rectangle `[left, top, width, height]` of a picture, axes included.
    #[must_use]
    pub fn new([left, top, width, height]: [f64; 4], x: Axis, y: Axis) -> Self {
        let corner = [left + MARGIN[0], top + EDGE[1]];
        let size = [width - MARGIN[0] - EDGE[0], height - MARGIN[1] - EDGE[1]];
        let (field, above) = (tag("svg", "field"), tag("g", "above"));
        Self {
            x: Side::new(x, 0.0, size[0]),
            y: Side::new(y, size[1], 0.0),
            corner,
            size,
            field,
            above,
        }
    }

    /// A line through points; it is broken where one is not finite.
    pub fn line(&mut self, class: &str, points: impl IntoIterator<Item = (f64, f64)>) {
        let path = self.path(points);
        self.field.append(tag("path", &format!("line {class}")).with("d", path));
    }

    /// The area between two lines over the same places: `(x, lower, upper)`.
    pub fn band(&mut self, class: &str, points: impl IntoIterator<Item = (f64, f64, f64)>) {
        let points: Vec<_> = points.into_iter().collect();
        let there = points.iter().map(|&(x, _, upper)| (x, upper));
        let back = points.iter().rev().map(|&(x, lower, _)| (x, lower));
        let path = self.path(there.chain(back)) + "Z";
        self.field.append(tag("path", &format!("area {class}")).with("d", path));
    }

    /// The area between a line and `y = 0`.
    pub fn area(&mut self, class: &str, points: impl IntoIterator<Item = (f64, f64)>) {
        self.band(class, points.into_iter().map(|(x, y)| (x, 0.0, y)));
    }

    /// Upright bars from `y = 0`: `(left, right, height)`.
    pub fn bars(&mut self, class: &str, bars: impl IntoIterator<Item = (f64, f64, f64)>) {
        let corners =
            |(left, right, height)| [(left, 0.0), (left, height), (right, height), (right, 0.0)];
        let path: String = bars.into_iter().map(|bar| self.path(corners(bar)) + "Z").collect();
        self.field.append(tag("path", &format!("area {class}")).with("d", path));
    }

    /// A point.
    pub fn point(&mut self, class: &str, at: (f64, f64)) {
        self.points(class, [at]);
    }

    /// Many points.
    pub fn points(&mut self, class: &str, points: impl IntoIterator<Item = (f64, f64)>) {
        for (x, y) in points.into_iter().filter(|(x, y)| x.is_finite() && y.is_finite()) {
            let circle = tag("circle", &format!("point {class}"))
                .with("cx", rounded(self.x.place(x)))
                .with("cy", rounded(self.y.place(y)))
                .with("r", if class.contains("large") { 6 } else { 3 });
            self.field.append(circle);
        }
    }

    /// A level line at `y`, with its name at the right end; none where the name is empty.
    pub fn rule_y(&mut self, class: &str, y: f64, name: &str) {
        let (left, right) = (self.x.range()[0], self.x.range()[1]);
        self.line(&format!("rule {class}"), [(left, y), (right, y)]);
        let at = [self.size[0] - 4.0, self.y.place(y) - 4.0];
        self.note(&format!("end {class}"), at, name);
    }

    /// An upright line at `x`, with its name at the upper end; none where the name is empty.
    pub fn rule_x(&mut self, class: &str, x: f64, name: &str) {
        let (low, high) = (self.y.range()[0], self.y.range()[1]);
        self.line(&format!("rule {class}"), [(x, low), (x, high)]);
        self.note(class, [self.x.place(x) + 4.0, 11.0], name);
    }

    /// Words at a place; the class `end` has them end there, `middle` puts it in their middle.
    pub fn words(&mut self, class: &str, (x, y): (f64, f64), text: &str) {
        self.note(class, [self.x.place(x), self.y.place(y)], text);
    }

    /// A point to be dragged. In each direction it sets the control of this name, whose slider goes over this range of
    /// the axis; on a logarithmic axis, over its powers of ten.
    pub fn handle(
        &mut self,
        (x, y): (f64, f64),
        along_x: Option<(&str, [f64; 2])>,
        along_y: Option<(&str, [f64; 2])>,
    ) {
        let mut handle = tag("g", "handle");
        for (direction, side, corner, control) in
            [("x", &self.x, self.corner[0], along_x), ("y", &self.y, self.corner[1], along_y)]
        {
            let Some((control, [low, high])) = control else { continue };
            let [from, to] = [low, high].map(|value| rounded(corner + side.place(value)));
            let [low, high] = [low, high].map(|value| side.on_slider(value));
            handle.assign(format!("data-control-{direction}"), control);
            handle.assign(format!("data-travel-{direction}"), format!("{from} {to} {low} {high}"));
        }
        // The larger one, which is not seen, is for fingers.
        for (class, radius) in [("reach", 22), ("grip", 7)] {
            let circle = tag("circle", class)
                .with("cx", rounded(self.x.place(x)))
                .with("cy", rounded(self.y.place(y)))
                .with("r", radius);
            handle.append(circle);
        }
        self.above.append(handle);
    }

    fn note(&mut self, class: &str, [x, y]: [f64; 2], text: &str) {
        if !text.is_empty() {
            self.above.append(words(&format!("note {class}"), [x, y], text));
        }
    }

    fn path(&self, points: impl IntoIterator<Item = (f64, f64)>) -> String {
        let (mut path, mut command) = (String::new(), 'M');
        for (x, y) in points {
            if !(x.is_finite() && y.is_finite()) {
                command = 'M';
                continue;
            }
            // A point far outside would only make the numbers long.
            let [x, y] = [self.x.place(x), self.y.place(y)].map(|x| rounded(x.clamp(-2e3, 2e3)));
            path += &format!("{command}{x} {y}");
            command = 'L';
        }
        path
    }
}

impl From<Chart> for Element {
    fn from(chart: Chart) -> Self {
        let Chart { x, y, corner, size, field, above } = chart;
        let place = format!("translate({} {})", rounded(corner[0]), rounded(corner[1]));
        let mut group = tag("g", "chart").with("transform", place);
        group.append(x.across(size));
        group.append(y.upright(size));
        let [width, height] = size.map(rounded);
        group.append(field.with("width", width).with("height", height));
        group.append(above);
        group
    }
}

/// An element with classes.
#[must_use]
pub fn tag(name: &str, class: &str) -> Element {
    let mut element = Element::new(name);
    element.assign("class", class.trim());
    element
}

/// Words at a place of the picture.
#[must_use]
pub fn words(class: &str, [x, y]: [f64; 2], text: &str) -> Element {
    let mut element = tag("text", class).with("x", rounded(x)).with("y", rounded(y));
    element.append(svg::node::Text::new(text));
    element
}

/// An element with one more attribute.
pub trait With {
    /// With this attribute.
    #[must_use]
    fn with(self, name: &str, value: impl Into<svg::node::Value>) -> Self;
}

impl With for Element {
    fn with(mut self, name: &str, value: impl Into<svg::node::Value>) -> Self {
        self.assign(name, value);
        self
    }
}

/// A length to a hundredth, which no eye sees: it keeps pictures short.
#[must_use]
pub fn rounded(length: f64) -> f64 {
    // Adding zero takes the sign off a zero.
    (length * 100.0).round() / 100.0 + 0.0
}

/// So many numbers over a range, its ends among them.
#[must_use]
pub fn samples([low, high]: [f64; 2], count: u32) -> Vec<f64> {
    let last = f64::from(count.max(2) - 1);
    (0..count.max(2)).map(|i| low + (high - low) * f64::from(i) / last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart() -> Chart {
        let rectangle = [0.0, 0.0, 170.0, 146.0];
        Chart::new(rectangle, Axis::new("x", [0.0, 10.0]), Axis::new("y", [0.0, 1.0]))
    }

    fn drawn(chart: Chart) -> String {
        Element::from(chart).to_string()
    }

    #[test]
    fn the_corners_of_the_axes_are_those_of_the_field() {
        let mut chart = chart();
        chart.line("first", [(0.0, 0.0), (10.0, 1.0)]);
        assert!(drawn(chart).contains("d=\"M0 100L100 0\""));
    }

    #[test]
    fn a_line_is_broken_where_a_point_is_not_finite() {
        let mut chart = chart();
        chart.line("first", [(0.0, 0.0), (5.0, f64::NAN), (10.0, 1.0), (10.0, 0.0)]);
        assert!(drawn(chart).contains("d=\"M0 100M100 0L100 100\""));
    }

    #[test]
    fn a_handle_says_which_control_it_sets_and_where_its_slider_lies() {
        let mut chart = chart();
        chart.handle((5.0, 0.5), Some(("p", [0.0, 10.0])), Some(("q", [0.0, 1.0])));
        let drawn = drawn(chart);
        assert!(drawn.contains("data-control-x=\"p\""));
        assert!(drawn.contains("data-travel-x=\"58 158 0 10\""));
        assert!(drawn.contains("data-travel-y=\"110 10 0 1\""));
    }

    #[test]
    fn what_is_written_cannot_leave_its_element() {
        let picture = Picture::new([10.0, 10.0], "a < \"b\" & c");
        let picture = picture.with(words("note", [0.0, 0.0], "<script>")).to_string();
        assert!(!picture.contains("<script>") && !picture.contains("\"b\""));
    }
}
