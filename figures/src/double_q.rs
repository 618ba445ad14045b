//! Two critics over the action, their minimum, and its slope where they cross.

use ndarray::array;
use softac::gradcheck::{Row, Verdict, gradcheck, named};
use softac::sac::q_min;
use softac::tape::{Tape, Var};

use crate::chart::{Axis, Chart, Picture, samples};
use crate::figure::{Control, Figure, Readout, fixed};

const ACTIONS: [f64; 2] = [-1.0, 1.0];

/// The first critic in one state, `0.6 + 0.5 a − 0.6 a²`, element by element.
pub fn first_critic(a: Var<'_, f64>) -> Var<'_, f64> {
    a * 0.5 - a.square() * 0.6 + 0.6
}

/// The second, `0.6 + gap − 0.4 a − 0.2 a²`.
pub fn second_critic(a: Var<'_, f64>, gap: f64) -> Var<'_, f64> {
    a * -0.4 - a.square() * 0.2 + (0.6 + gap)
}

/// Two critics, one above the other by a gap at the action 0.
pub struct ClippedDoubleQ {
    a: f64,
    gap: f64,
}

impl Default for ClippedDoubleQ {
    fn default() -> Self {
        Self { a: 0.5, gap: 0.1 }
    }
}

/// What there is at one action.
struct There {
    q: [f64; 2],
    minimum: f64,
    /// The slope of the minimum, by the tape and by differences.
    slope: Row,
    /// The slopes of both critics.
    slopes: [f64; 2],
}

impl There {
    /// Whether the checker found the kink.
    fn is_tie(&self) -> bool {
        matches!(self.slope.verdict, Verdict::Unchecked(_))
    }

    /// The slopes of the minimum to the left and to the right.
    fn one_sided(&self) -> [f64; 2] {
        let [first, second] = self.slopes;
        match self.is_tie() {
            // To the left the steeper one lies lower, to the right the other.
            true => [first.max(second), first.min(second)],
            false => [if self.q[0] <= self.q[1] { first } else { second }; 2],
        }
    }

    fn giver(&self) -> &'static str {
        match self.q {
            [first, second] if first < second => "the first critic",
            [first, second] if first > second => "the second critic",
            _ => "both: a tie",
        }
    }
}

impl ClippedDoubleQ {
    /// `Q₁, Q₂, min` at all of these actions.
    fn values(&self, actions: &[f64]) -> [Vec<f64>; 3] {
        let tape = Tape::new();
        let a = tape.params(actions);
        let (first, second) = (first_critic(a), second_critic(a, self.gap));
        [first, second, q_min([first, second])].map(|values| {
            let mut read = vec![0.0; actions.len()];
            values.read_into(&mut read).expect("the shapes fit");
            read
        })
    }

    fn there(&self) -> There {
        let (a, gap) = (array![[self.a]], self.gap);
        let tape = Tape::new();
        let leaf = tape.leaf(&a);
        let both = [first_critic(leaf), second_critic(leaf, gap)];
        let item = |x: Var<'_, f64>| x.item().expect("it is a scalar");
        let slope_of = |x: Var<'_, f64>| x.backward().expect("it is a scalar").wrt(leaf)[[0, 0]];
        let report = gradcheck(
            |_, p| q_min([first_critic(p[0]), second_critic(p[0], gap)]),
            &[&named("a", &a)],
        );
        There {
            q: both.map(item),
            minimum: item(q_min(both)),
            slope: report.expect("the shapes fit").rows.swap_remove(0),
            slopes: both.map(slope_of),
        }
    }

    /// The action at which the critics cross, by bisection: where their values are equal to the last bit, if
    /// there is such a number.
    fn crossing(&self) -> f64 {
        let difference = |a: f64| {
            let [first, second, _] = self.values(&[a]);
            first[0] - second[0]
        };
        let [mut low, mut high] = ACTIONS;
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            let found = difference(middle);
            if found == 0.0 {
                return middle;
            }
            *(if found < 0.0 { &mut low } else { &mut high }) = middle;
        }
        0.5 * (low + high)
    }
}

impl Figure for ClippedDoubleQ {
    fn controls(&self) -> Vec<Control> {
        let gap = [-0.4, 0.4, 0.01];
        vec![
            Control::slider(
                "a",
                "action a",
                [ACTIONS[0], ACTIONS[1], 0.01],
                self.a,
                fixed(self.a, 3),
            ),
            Control::slider("gap", "Q₂ − Q₁ at a = 0", gap, self.gap, fixed(self.gap, 2)),
            Control::button("tie", "Go to where they cross"),
        ]
    }

    fn set(&mut self, control: &str, value: f64) {
        match control {
            "a" => self.a = value,
            "gap" => self.gap = value,
            _ => self.a = self.crossing(),
        }
    }

    fn readouts(&self) -> Vec<Readout> {
        let there = self.there();
        let [left, right] = there.one_sided();
        let differences = match there.slope.numeric {
            found if found.is_finite() => {
                Readout::number("differences", "slope by differences", found, 8)
            }
            _ => Readout::words("differences", "slope by differences", "there is none"),
        };
        vec![
            Readout::number("q1", "Q₁(a)", there.q[0], 6),
            Readout::number("q2", "Q₂(a)", there.q[1], 6),
            Readout::number("minimum", "min Q(a)", there.minimum, 6),
            Readout::words("giver", "it is given by", there.giver()),
            Readout::number("tape", "slope by the tape", there.slope.analytic, 8),
            differences,
            Readout::words("verdict", "gradient check", there.slope.verdict.to_string()),
            Readout::number("left", "slope to the left", left, 8),
            Readout::number("right", "slope to the right", right, 8),
        ]
    }

    fn picture(&self) -> String {
        let x = Axis::new("action a", ACTIONS);
        let y = Axis::new("value", [-0.8, 1.4]);
        let mut chart = Chart::new([0.0, 0.0, 420.0, 290.0], x, y);
        let actions = samples(ACTIONS, 161);
        let [first, second, minimum] = self.values(&actions);
        let over = |values: Vec<f64>| actions.iter().copied().zip(values).collect::<Vec<_>>();
        chart.band("faint", actions.iter().zip(&minimum).map(|(&a, &minimum)| (a, -0.8, minimum)));
        chart.line("first dashed", over(first));
        chart.line("second dashed", over(second));
        chart.line("thick", over(minimum));
        let there = self.there();
        let (a, q) = (self.a, there.minimum);
        let tangent = |slope: f64, to: f64| [a, a + to].map(|x| (x, q + slope * (x - a)));
        let [left, right] = there.one_sided();
        chart.line("third", tangent(left, -0.45));
        chart.line("third", tangent(right, 0.45));
        if there.is_tie() {
            let half = there.slope.analytic;
            chart.line("third dotted", [-0.45, 0.45].map(|x| (a + x, q + half * x)));
            chart.words("third end", (0.97, -0.7), "dotted: what the tape gives, half of each");
        }
        let [first, second, _] = self.values(&[-0.93, 0.93]);
        chart.words("first", (-0.97, first[0] + 0.1), "Q₁");
        chart.words("second end", (0.98, second[1] + 0.1), "Q₂");
        chart.handle((a, q), Some(("a", ACTIONS)), None);
        let about = format!(
            "Two critics over the action, which cross at {}, and the smaller of them. At a = {} it is {}, and the check of its slope says: {}.",
            fixed(self.crossing(), 2),
            fixed(a, 2),
            fixed(q, 3),
            there.slope.verdict
        );
        Picture::new([420.0, 290.0], &about).with(chart).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use softac::gradcheck::Reason;

    #[test]
    fn away_from_the_tie_the_slope_is_that_of_the_smaller_critic_and_passes() {
        for (a, expected) in [(-0.7, 0.5 + 1.2 * 0.7), (0.8, -0.4 - 0.4 * 0.8)] {
            let there = ClippedDoubleQ { a, gap: 0.1 }.there();
            assert_eq!(there.slope.verdict, Verdict::Pass);
            assert!((there.slope.analytic - expected).abs() < 1e-12, "{a}");
            assert_eq!(there.one_sided(), [there.slope.analytic; 2]);
        }
    }

    #[test]
    fn at_the_tie_the_checker_abstains_and_the_tape_gives_half_of_each() {
        for gap in [-0.4, -0.11, 0.0, 0.1, 0.4] {
            let mut figure = ClippedDoubleQ { a: 0.0, gap };
            figure.set("tie", 1.0);
            let there = figure.there();
            assert_eq!(there.q[0], there.q[1], "gap {gap}");
            let kink = Verdict::Unchecked(Reason::KinkCrossed { operation: "min" });
            assert_eq!(there.slope.verdict, kink, "gap {gap}");
            let [left, right] = there.one_sided();
            assert!((there.slope.analytic - 0.5 * (left + right)).abs() < 1e-15);
            // The slopes to either side are those a little to either side.
            for (near, slope) in [(-1e-7, left), (1e-7, right)] {
                let beside = ClippedDoubleQ { a: figure.a + near, gap }.there();
                assert!((beside.slope.analytic - slope).abs() < 1e-6, "gap {gap}");
            }
            assert!(left > right);
        }
    }

    #[test]
    fn the_minimum_is_nowhere_above_either_critic_and_touches_one() {
        let figure = ClippedDoubleQ::default();
        let [first, second, minimum] = figure.values(&samples(ACTIONS, 101));
        for ((first, second), minimum) in first.iter().zip(&second).zip(&minimum) {
            assert_eq!(*minimum, first.min(*second));
        }
    }
}
