//! Where values stand along an axis, and which of them get a label.

use super::{Scale, label};

/// Spans below this fraction of the values themselves count as constant data: labels of more
/// digits help nobody, and rounding errors would soon show.
const NARROWEST: f64 = 1e-9;

/// An axis over an interval of finite numbers.
///
/// Values are held in *inner coordinates*, in which neither 1e308 nor 1e−308 overflows:
/// `v / 10^magnitude` on a linear axis, `log₁₀ v` on a logarithmic one.
#[derive(Debug)]
pub(super) struct Axis {
    scale: Scale,
    magnitude: i32,
    low: f64,
    high: f64,
}

/// A labelled place on an axis.
#[derive(Debug)]
pub(super) struct Tick {
    /// 0 at the low end of the axis, 1 at the high end.
    pub(super) fraction: f64,
    pub(super) label: String,
}

impl Axis {
    /// The axis from the least to the greatest of the `values` that have a place on it, wider
    /// by the fraction `padding` on either side.
    pub(super) fn covering(
        scale: Scale,
        values: impl Iterator<Item = f64> + Clone,
        padding: f64,
    ) -> Self {
        let placed = values.filter(|&v| scale.has_place(v));
        let largest = placed.clone().fold(0.0, |largest: f64, v| largest.max(v.abs()));
        let mut axis = Self { scale, magnitude: magnitude(largest), low: 0.0, high: 1.0 };

        let inner = placed.map(|v| axis.inner(v));
        let (low, high) = inner
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        let margin = if low > high {
            return axis;
        } else if high - low > NARROWEST * low.abs().max(high.abs()) {
            padding * (high - low)
        } else if low == 0.0 || scale == Scale::Log {
            1.0
        } else {
            0.1 * low.abs()
        };
        (axis.low, axis.high) = (low - margin, high + margin);
        axis
    }

    /// How far along the axis `value` stands, or `None` if it has no place there.
    pub(super) fn fraction(&self, value: f64) -> Option<f64> {
        self.scale.has_place(value).then(|| self.inner_fraction(self.inner(value)))
    }

    /// About `wanted` ticks at round numbers.
    pub(super) fn ticks(&self, wanted: usize) -> Vec<Tick> {
        let span = self.high - self.low;
        match self.scale {
            Scale::Linear => round_numbers(self.low, self.high, wanted)
                .map(|(digits, exponent)| Tick {
                    fraction: self.inner_fraction(digits as f64 * 10_f64.powi(exponent)),
                    label: label::number(digits, exponent + self.magnitude, self.magnitude),
                })
                .collect(),
            Scale::Log if span < 1.0 => {
                // Less than a decade looks almost linear, and is labelled so.
                let magnitude = self.high.floor();
                let [low, high] = [self.low, self.high].map(|v| 10_f64.powf(v - magnitude));
                round_numbers(low, high, wanted)
                    .map(|(digits, exponent)| {
                        let logarithm = (digits as f64).log10() + f64::from(exponent);
                        self.log_tick(logarithm + magnitude, digits, exponent, magnitude as i32)
                    })
                    .collect()
            }
            Scale::Log if span <= 3.0 => (self.low.floor() as i32..=self.high.floor() as i32)
                .flat_map(|decade| [1_i64, 2, 5].map(|digits| (digits, decade)))
                .map(|(digits, decade)| {
                    let logarithm = (digits as f64).log10() + f64::from(decade);
                    self.log_tick(logarithm, digits, 0, decade)
                })
                .filter(|tick| (0.0..=1.0).contains(&tick.fraction))
                .collect(),
            Scale::Log => {
                let stride = (span / wanted.max(1) as f64).ceil();
                let first = (self.low / stride).ceil() as i32;
                let last = (self.high / stride).floor() as i32;
                (first..=last)
                    .map(|i| f64::from(i) * stride)
                    .map(|decade| Tick {
                        fraction: self.inner_fraction(decade),
                        label: label::power_of_ten(decade as i32),
                    })
                    .collect()
            }
        }
    }

    fn log_tick(&self, logarithm: f64, digits: i64, exponent: i32, magnitude: i32) -> Tick {
        Tick {
            fraction: self.inner_fraction(logarithm),
            label: label::number(digits, exponent + magnitude, magnitude),
        }
    }

    fn inner(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => value / 10_f64.powi(self.magnitude),
            Scale::Log => value.log10(),
        }
    }

    fn inner_fraction(&self, inner: f64) -> f64 {
        (inner - self.low) / (self.high - self.low)
    }
}

impl Scale {
    /// Whether `value` can be shown on an axis of this scale.
    pub(super) fn has_place(self, value: f64) -> bool {
        value.is_finite() && (self == Self::Linear || value > 0.0)
    }
}

/// The order of magnitude of `largest`, within what `10^magnitude` can hold.
fn magnitude(largest: f64) -> i32 {
    // The logarithm of 0 is −∞, for which any magnitude will do.
    if largest > 0.0 { (largest.log10().floor() as i32).clamp(-300, 308) } else { 0 }
}

/// The multiples of 1, 2, 2.5 or 5 times a power of ten within `[low, high]`, as `(digits,
/// exponent)`, with the finest step that gives no more than about `wanted` of them.
fn round_numbers(low: f64, high: f64, wanted: usize) -> impl Iterator<Item = (i64, i32)> {
    let finest = (high - low) / wanted.max(1) as f64;
    let decade = finest.log10().floor() as i32;
    let length = |&(digits, exponent): &(i64, i32)| digits as f64 * 10_f64.powi(exponent);
    let steps = [(1, decade), (2, decade), (25, decade - 1), (5, decade)];
    // The tolerance keeps a step that just fits, and ticks at the very ends, despite rounding.
    let tolerance = 1e-6;
    let fine = |step: &(i64, i32)| length(step) >= finest * (1.0 - tolerance);
    let step = steps.into_iter().find(fine).unwrap_or((1, decade + 1));
    let first = (low / length(&step) - tolerance).ceil() as i64;
    let last = (high / length(&step) + tolerance).floor() as i64;
    (first..=last).map(move |i| (i * step.0, step.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: Scale, values: &[f64]) -> Vec<String> {
        let axis = Axis::covering(scale, values.iter().copied(), 0.0);
        axis.ticks(6).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_stand_at_round_numbers() {
        use Scale::{Linear, Log};
        let cases: [(Scale, &[f64], &[&str]); 8] = [
            (Linear, &[0.0, 1.0], &["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
            (
                Linear,
                &[0.0, 250_000.0],
                &["0", "50,000", "100,000", "150,000", "200,000", "250,000"],
            ),
            (Linear, &[-1.7e308, 1.7e308], &["−1×10³⁰⁸", "0", "1×10³⁰⁸"]),
            (Linear, &[7.0, 7.0], &["6.50", "6.75", "7.00", "7.25", "7.50"]),
            (Linear, &[], &["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
            (Log, &[0.02, 1.0], &["0.02", "0.05", "0.1", "0.2", "0.5", "1"]),
            (
                Log,
                &[1e-300, 1e300],
                &["10⁻³⁰⁰", "10⁻²⁰⁰", "10⁻¹⁰⁰", "10⁰", "10¹⁰⁰", "10²⁰⁰", "10³⁰⁰"],
            ),
            (Log, &[0.2, 0.8, 0.0, -1.0], &["0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8"]),
        ];
        for (scale, values, expected) in cases {
            assert_eq!(labels(scale, values), expected, "{scale:?} {values:?}");
        }
    }

    #[test]
    fn values_without_a_place_have_no_fraction() {
        let axis = Axis::covering(Scale::Log, [0.0, 0.1, 10.0].into_iter(), 0.0);
        assert_eq!(axis.fraction(1.0), Some(0.5));
        for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(axis.fraction(value), None);
        }
    }
}
