//! Axes: where a number lies, and which numbers are written.

use softac::elementary::ln;
use svg::node::Node;
use svg::node::element::Element;

use super::{With, rounded, tag, words};
use crate::figure::{fixed, grouped};

/// What an axis is called, and what it goes over.
#[derive(Clone, Debug)]
pub struct Axis {
    label: String,
    range: [f64; 2],
    scale: Scale,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Scale {
    Linear,
    Logarithmic,
    /// Linear, and without numbers.
    Unmarked,
}

impl Axis {
    /// An axis over `[low, high]`.
    #[must_use]
    pub fn new(label: &str, range: [f64; 2]) -> Self {
        Self { label: label.into(), range, scale: Scale::Linear }
    }

    /// An axis over `[low, high]`, both above 0, on which equal factors are equal lengths.
    #[must_use]
    pub fn logarithmic(label: &str, range: [f64; 2]) -> Self {
        Self { label: label.into(), range, scale: Scale::Logarithmic }
    }

    /// An axis over `[low, high]` at which no numbers are written.
    #[must_use]
    pub fn unmarked(label: &str, range: [f64; 2]) -> Self {
        Self { scale: Scale::Unmarked, ..Self::new(label, range) }
    }

    /// The numbers that are written at it, in no more than so many steps where they are equal.
    fn ticks(&self, most: f64) -> Vec<(f64, String)> {
        let [low, high] = self.range;
        if self.scale == Scale::Unmarked {
            return Vec::new();
        }
        if self.scale == Scale::Logarithmic {
            let powers = POWERS.iter().zip(-6..).filter(|(power, _)| (low..=high).contains(power));
            return powers.map(|(&power, exponent)| (power, decimal(power, exponent))).collect();
        }
        let Some((step, digits)) = step((high - low) / most) else { return Vec::new() };
        // A tick at an end is not lost to rounding.
        let (first, last) =
            ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
        (first..=last)
            .map(|i| (i as f64 * step, grouped(&fixed(i as f64 * step, digits))))
            .collect()
    }
}

const POWERS: [f64; 16] =
    [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

fn decimal(power: f64, exponent: i32) -> String {
    grouped(&fixed(power, usize::try_from(-exponent).unwrap_or(0)))
}

/// The step of 1, 2 or 5 times a power of ten that is not below this one, and its digits after the point.
fn step(least: f64) -> Option<(f64, usize)> {
    let steps = POWERS.iter().zip(-6..).flat_map(|(&power, exponent)| {
        [1.0, 2.0, 5.0].map(|digit| (digit * power, usize::try_from(-exponent).unwrap_or(0)))
    });
    steps.into_iter().find(|(step, _)| *step >= least * (1.0 - 1e-9))
}

/// An axis laid along an edge of the field.
pub(super) struct Side {
    axis: Axis,
    from: f64,
    to: f64,
}

impl Side {
    /// From here to there, in units of the picture.
    pub fn new(axis: Axis, from: f64, to: f64) -> Self {
        Self { axis, from, to }
    }

    pub fn range(&self) -> [f64; 2] {
        self.axis.range
    }

    /// Where a number lies.
    pub fn place(&self, value: f64) -> f64 {
        let [low, high] = self.axis.range;
        let share = if self.axis.scale == Scale::Logarithmic {
            ln(value / low) / ln(high / low)
        } else {
            (value - low) / (high - low)
        };
        self.from + (self.to - self.from) * share
    }

    /// A number as a slider has it: on a logarithmic axis its power of ten.
    pub fn on_slider(&self, value: f64) -> f64 {
        if self.axis.scale == Scale::Logarithmic { libm::log10(value) } else { value }
    }

    /// The axis below the field.
    pub fn across(&self, [width, height]: [f64; 2]) -> Element {
        let mut group = tag("g", "axis");
        for (value, text) in self.axis.ticks((width / 45.0).clamp(2.0, 5.0)) {
            let x = self.place(value);
            group.append(grid([x, x], [0.0, height]));
            group.append(words("tick middle", [x, height + 14.0], &text));
        }
        group.append(words("label middle", [0.5 * width, height + 31.0], &self.axis.label));
        group
    }

    /// The axis at the left of the field.
    pub fn upright(&self, [width, height]: [f64; 2]) -> Element {
        let mut group = tag("g", "axis");
        for (value, text) in self.axis.ticks((height / 25.0).clamp(2.0, 5.0)) {
            let y = self.place(value);
            group.append(grid([0.0, width], [y, y]));
            group.append(words("tick end", [-6.0, y + 4.0], &text));
        }
        let middle = rounded(0.5 * height);
        let turned = format!("rotate(-90 -47 {middle})");
        let label = words("label middle", [-47.0, middle], &self.axis.label);
        group.append(label.with("transform", turned));
        group
    }
}

fn grid([x1, x2]: [f64; 2], [y1, y2]: [f64; 2]) -> Element {
    tag("path", "grid")
        .with("d", format!("M{} {}L{} {}", rounded(x1), rounded(y1), rounded(x2), rounded(y2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(axis: &Axis) -> Vec<String> {
        axis.ticks(5.0).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn ticks_are_round_numbers_within_the_range() {
        assert_eq!(written(&Axis::new("", [0.0, 1.0])), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(written(&Axis::new("", [-1600.0, 0.0])), ["−1,500", "−1,000", "−500", "0"]);
        assert_eq!(written(&Axis::new("", [0.3, 0.34])), ["0.30", "0.31", "0.32", "0.33", "0.34"]);
    }

    #[test]
    fn a_logarithmic_axis_has_the_powers_of_ten_at_equal_distances() {
        let axis = Axis::logarithmic("", [0.01, 1000.0]);
        assert_eq!(written(&axis), ["0.01", "0.1", "1", "10", "100", "1,000"]);
        let side = Side::new(axis, 0.0, 100.0);
        assert!((side.place(0.1) - 20.0).abs() < 1e-9 && (side.place(1000.0) - 100.0).abs() < 1e-9);
    }
}
