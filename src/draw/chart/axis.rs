//! What an axis covers, where its ticks stand and how they are labelled.

use std::ops::Range;

use plotters::coord::combinators::IntoLogRange as _;
use plotters::coord::ranged1d::{
    BoldPoints, KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter,
};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::LogCoord;

use super::data::Scale;

/// Ticks on an axis, at most.
const TICKS: usize = 8;

/// Plotters' linear and logarithmic coordinates, kept to what they can bear.
#[derive(Clone)]
pub(super) struct Axis {
    scale: Scale,
    range: Range<f64>,
    ticks: Vec<f64>,
}

impl Scale {
    /// Whether `value` can be shown; sums and ratios of such values stay finite.
    pub(super) fn has_place(self, value: f64) -> bool {
        value.abs() <= 1e300 && (self == Self::Linear || value >= 1e-300)
    }
}

impl Axis {
    /// The axis over those `values` that have a place, wider by `padding` of it on either side.
    pub(super) fn new(scale: Scale, values: impl Iterator<Item = f64>, padding: f64) -> Self {
        let log = scale == Scale::Log;
        let values =
            values.filter(|&v| scale.has_place(v)).map(|v| if log { v.log10() } else { v });
        let all =
            values.fold(f64::INFINITY..f64::NEG_INFINITY, |r, v| r.start.min(v)..r.end.max(v));
        let Range { start, end } = if all.start <= all.end { all } else { 0.0..1.0 };

        // Spans that rounding errors would soon swallow count as constant.
        let (span, largest) = (end - start, start.abs().max(end.abs()));
        let constant = span <= 1e-9 * largest.max(1e-3);
        let widening = if log { 1.0 } else { (0.1 * largest).max(1e-6) };
        let margin = if constant { widening } else { padding * span };
        let (low, high) = (start - margin, end + margin);

        if !log {
            let ticks = round_numbers(low, high);
            return Self { scale, range: low..high, ticks };
        }
        // Padding must not lead out of the numbers that there are.
        let (low, high) = (low.max(-307.0), high.min(307.0));
        let range = 10_f64.powf(low)..10_f64.powf(high);
        let ticks = if high - low < 1.0 {
            // Less than a decade looks almost linear.
            round_numbers(range.start, range.end)
        } else {
            let digits: &[f64] = if high - low <= 3.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
            let stride = ((high - low) / TICKS as f64).ceil() as usize;
            let decades = (low.floor() as i32..=high as i32).step_by(stride);
            let ticks = decades.flat_map(|k| digits.iter().map(move |d| d * 10_f64.powi(k)));
            ticks.filter(|tick| (range.start..=range.end).contains(tick)).collect()
        };
        Self { scale, range, ticks }
    }

    /// The labels of all ticks.
    pub(super) fn labels(&self) -> impl Iterator<Item = String> {
        self.ticks.iter().map(|tick| self.format_ext(tick))
    }
}

/// Plotters' ticks, found among whole numbers, where it loses none to rounding errors.
fn round_numbers(low: f64, high: f64) -> Vec<f64> {
    let unit = 10_f64.powf((high - low).log10().floor() - 2.0);
    let whole = (low / unit - 1e-6).ceil()..(high / unit + 1e-6).floor();
    let ticks = RangedCoordf64::from(whole).key_points(BoldPoints(TICKS));
    ticks.into_iter().map(|tick| tick.round() * unit).collect()
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        match self.scale {
            Scale::Linear => RangedCoordf64::from(self.range()).map(value, limit),
            Scale::Log => LogCoord::from(self.range().log_scale()).map(value, limit),
        }
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, &tick: &f64) -> String {
        let sign = if tick < 0.0 { "−" } else { "" };
        // Twelve digits show no rounding errors.
        let size = format!("{:.11e}", tick.abs()).parse().unwrap_or(tick.abs());
        let largest = self.range.start.abs().max(self.range.end);
        let smallest = if self.scale == Scale::Log { self.range.start } else { largest };
        if size == 0.0 || smallest >= 1e-5 && largest < 1e8 {
            let mut text = size.to_string();
            let whole = text.find('.').unwrap_or(text.len());
            (1..whole).rev().filter(|at| (whole - at) % 3 == 0).for_each(|at| text.insert(at, ','));
            return format!("{sign}{text}");
        }
        let text = format!("{size:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let raise = |c: char| c.to_digit(10).and_then(|d| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(d as usize));
        let exponent: String = exponent.chars().map(|c| raise(c).unwrap_or('⁻')).collect();
        let mantissa = if mantissa == "1" { String::new() } else { format!("{mantissa}×") };
        format!("{sign}{mantissa}10{exponent}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_keeps_to_finite_numbers() {
        let axis = Axis::new(Scale::Log, [1e-300, 1e300].into_iter(), 0.05);
        assert!(axis.range.start > 0.0 && axis.range.end.is_finite());
        assert!(axis.ticks.iter().all(|tick| tick.is_finite()));
    }

    #[test]
    fn ticks_read_as_people_write_them() {
        use Scale::{Linear, Log};
        let cases: [(Scale, [f64; 2], &str); 10] = [
            (Linear, [0.0, 1.0], "0 0.2 0.4 0.6 0.8 1"),
            (Linear, [-1_500.0, 250.0], "−1,500 −1,000 −500 0"),
            (Linear, [-1e300, 1e300], "−10³⁰⁰ −5×10²⁹⁹ 0 5×10²⁹⁹ 10³⁰⁰"),
            (Linear, [7.0, 7.0], "6.4 6.6 6.8 7 7.2 7.4 7.6"),
            (Log, [0.019, 1.1], "0.02 0.05 0.1 0.2 0.5 1"),
            (Log, [1e-300, 1e299], "10⁻²²⁵ 10⁻¹⁵⁰ 10⁻⁷⁵ 10⁰ 10⁷⁵ 10¹⁵⁰ 10²²⁵"),
            (Log, [0.19, 0.64], "0.2 0.3 0.4 0.5 0.6"),
            (Log, [2.9e-20, 4.1e-20], "3×10⁻²⁰ 3.2×10⁻²⁰ 3.4×10⁻²⁰ 3.6×10⁻²⁰ 3.8×10⁻²⁰ 4×10⁻²⁰"),
            (Log, [1.9e-20, 2.1e-19], "2×10⁻²⁰ 5×10⁻²⁰ 10⁻¹⁹ 2×10⁻¹⁹"),
            (Log, [0.01, 100.0], "0.01 0.1 1 10 100"),
        ];
        for (scale, values, expected) in cases {
            let axis = Axis::new(scale, values.into_iter(), 0.0);
            assert_eq!(axis.labels().collect::<Vec<_>>().join(" "), expected);
        }
    }
}
