//! The entropy of two outcomes, and its slope by the tape and by differences.

use ndarray::{Array2, array};
use softac::elementary::ln;
use softac::gradcheck::{Row, gradcheck, named};
use softac::tape::{Tape, Var};

use crate::chart::{Axis, Chart, Picture, samples};
use crate::figure::{Control, Figure, Readout, fixed};

/// Where `p` can be: the slope has no bounds at the ends.
const RANGE: [f64; 3] = [0.001, 0.999, 0.001];

/// Two outcomes with the probabilities `p` and `1 − p`.
pub struct TwoOutcomeEntropy {
    p: f64,
}

impl Default for TwoOutcomeEntropy {
    fn default() -> Self {
        Self { p: 0.9 }
    }
}

/// `H(p) = −p log p − (1−p) log(1−p)`, element by element.
fn entropy(p: Var<'_, f64>) -> Var<'_, f64> {
    let q = p.one_minus();
    -(p * p.ln() + q * q.ln())
}

/// The entropy at every one of these probabilities.
fn entropies(p: &[f64]) -> Vec<f64> {
    let tape = Tape::new();
    let mut values = vec![0.0; p.len()];
    entropy(tape.params(p)).read_into(&mut values).expect("the shapes fit");
    values
}

impl TwoOutcomeEntropy {
    /// The derivative at `p` by the tape, beside that by differences.
    fn slope(&self) -> Row {
        let p: Array2<f64> = array![[self.p]];
        let report = gradcheck(|_, p| entropy(p[0]), &[&named("p", &p)]);
        report.expect("the shapes fit").rows.swap_remove(0)
    }
}

impl Figure for TwoOutcomeEntropy {
    fn controls(&self) -> Vec<Control> {
        vec![Control::slider("p", "probability p", RANGE, self.p, fixed(self.p, 3))]
    }

    fn set(&mut self, _control: &str, value: f64) {
        self.p = value;
    }

    fn readouts(&self) -> Vec<Readout> {
        let slope = self.slope();
        vec![
            Readout::number("entropy", "entropy H(p), nats", entropies(&[self.p])[0], 6),
            Readout::number("bits", "the same in bits", entropies(&[self.p])[0] / ln(2.0), 6),
            Readout::number("tape", "slope by the tape", slope.analytic, 10),
            Readout::number("differences", "slope by differences", slope.numeric, 10),
            Readout::scientific("error", "they differ by", slope.abs_error()),
            Readout::scientific("bound", "and may by up to", slope.bound),
            Readout::words("verdict", "gradient check", slope.verdict.to_string()),
        ]
    }

    fn picture(&self) -> String {
        let x = Axis::new("p", [0.0, 1.0]);
        let y = Axis::new("H(p), nats", [0.0, 0.8]);
        let mut chart = Chart::new([0.0, 0.0, 420.0, 270.0], x, y);
        let inside = samples([RANGE[0], RANGE[1]], 200);
        let curve = inside.iter().copied().zip(entropies(&inside));
        chart.rule_y("bound", ln(2.0), "log 2");
        chart.line("first", [(0.0, 0.0)].into_iter().chain(curve).chain([(1.0, 0.0)]));
        let (p, h, slope) = (self.p, entropies(&[self.p])[0], self.slope().analytic);
        chart.line("second dashed", [0.0, 1.0].map(|x| (x, h + slope * (x - p))));
        chart.handle((p, h), Some(("p", [RANGE[0], RANGE[1]])), None);
        let about = format!(
            "The entropy of two outcomes over p, with its tangent at p = {}: {} nats, slope {}.",
            fixed(p, 3),
            fixed(h, 3),
            fixed(slope, 3)
        );
        Picture::new([420.0, 270.0], &about).with(chart).to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::LN_2;

    use super::*;

    #[test]
    fn the_slope_of_the_tape_is_that_of_differences_and_of_the_formula() {
        for p in [0.001, 0.1, 0.3, 0.5, 0.9, 0.999] {
            let slope = TwoOutcomeEntropy { p }.slope();
            let exact = ((1.0 - p) / p).ln();
            assert!((slope.analytic - exact).abs() < 1e-12, "{p}: {slope:?}");
            assert!(slope.abs_error() <= slope.bound && slope.bound < 1e-6, "{p}: {slope:?}");
        }
    }

    #[test]
    fn the_entropies_are_those_of_the_chapters_table() {
        let found = entropies(&[0.5, 0.6, 0.8, 0.9, 0.99]);
        for (found, expected) in found.iter().zip([LN_2, 0.6730, 0.5004, 0.3251, 0.0560]) {
            assert!((found - expected).abs() < 5e-5);
        }
    }
}
