//! Two actions with known values: the Boltzmann policy, and gradient descent on its way there.

use ndarray::arr2;
use softac::elementary::sigmoid;
use softac::env::TwoArms;
use softac::sac::arms_loss;
use softac::tape::{Tape, TapeError};

use crate::chart::{Axis, Chart, Picture, samples};
use crate::figure::{Control, Figure, Pace, Readout, fixed};

/// Values of the actions.
const VALUES: [f64; 3] = [-1.0, 1.0, 0.01];
/// Powers of ten of the temperature.
const POWERS: [f64; 3] = [-1.3, 1.0, 0.01];
/// Descent is over where no more than this is to be gained.
const NEAR: f64 = 1e-7;

/// Values of two actions, a temperature, and a policy that learns.
pub struct TwoArmedBandit {
    values: [f64; 2],
    /// log₁₀ α
    power: f64,
    /// The logit of the learned policy.
    z: f64,
    steps: u32,
}

impl Default for TwoArmedBandit {
    fn default() -> Self {
        Self { values: [0.8, 0.2], power: -0.4, z: 0.0, steps: 0 }
    }
}

impl TwoArmedBandit {
    fn alpha(&self) -> f64 {
        libm::exp10(self.power)
    }

    fn arms(&self) -> TwoArms {
        TwoArms::new(self.values).expect("sliders have finite values")
    }

    /// `E[Q] + α H` of the policy with the logit `z`, and its slope in `z`, by the tape.
    fn objective(&self, z: f64) -> Result<[f64; 2], TapeError> {
        let (r, z) = (arr2(&[self.values]), [z]);
        let tape = Tape::new();
        let z = tape.params(&z);
        let loss = arms_loss(z, tape.constant(&r), self.alpha());
        Ok([-loss.item()?, -loss.backward()?.wrt(z)[[0, 0]]])
    }

    /// The learned probability of the first action.
    fn learned(&self) -> f64 {
        sigmoid(self.z)
    }

    fn values_chart(&self) -> Chart {
        let mut chart = pair([0.0, 0.0, 210.0, 170.0], "value Q", [-1.1, 1.1]);
        for (i, (control, class)) in
            [("q1", "first solid"), ("q2", "second solid")].into_iter().enumerate()
        {
            let (x, q) = (i as f64, self.values[i]);
            chart.bars(class, [(x - 0.3, x + 0.3, q)]);
            chart.handle((x, q), None, Some((control, [VALUES[0], VALUES[1]])));
        }
        chart.rule_y("", 0.0, "");
        chart
    }

    fn policy_chart(&self) -> Chart {
        let mut chart = pair([210.0, 0.0, 210.0, 170.0], "probability", [0.0, 1.0]);
        let (best, learned) = (self.arms().probability(self.alpha()), self.learned());
        chart.bars("first", [(-0.35, 0.0, best)]);
        chart.bars("second", [(0.65, 1.0, 1.0 - best)]);
        chart.bars("first solid", [(0.0, 0.35, learned)]);
        chart.bars("second solid", [(1.0, 1.35, 1.0 - learned)]);
        chart
    }

    /// The objective of every policy, and where the learned one is on it.
    fn descent_chart(&self) -> Chart {
        let value = self.arms().soft_value(self.alpha());
        let (x, y) =
            (Axis::new("π(1)", [0.0, 1.0]), Axis::new("E[Q] + α H", [value - 1.5, value + 0.2]));
        let mut chart = Chart::new([0.0, 178.0, 210.0, 172.0], x, y);
        let curve = samples([-12.0, 12.0], 121)
            .into_iter()
            .filter_map(|z| self.objective(z).ok().map(|[height, _]| (sigmoid(z), height)));
        chart.line("first", curve);
        chart.rule_y("", value, "V");
        if let Ok([height, _]) = self.objective(self.z) {
            chart.point("second large", (self.learned(), height));
        }
        chart
    }

    /// The soft value at every temperature, between its bounds.
    fn temperature_chart(&self) -> Chart {
        let arms = self.arms();
        let [low, high] = [POWERS[0], POWERS[1]].map(libm::exp10);
        let (x, y) = (Axis::logarithmic("α", [low, high]), Axis::new("value", [-1.0, 3.0]));
        let mut chart = Chart::new([210.0, 178.0, 210.0, 172.0], x, y);
        let alphas: Vec<_> =
            samples([POWERS[0], POWERS[1]], 80).into_iter().map(libm::exp10).collect();
        let line = |f: &dyn Fn(f64) -> f64| {
            alphas.iter().map(|&alpha| (alpha, f(alpha))).collect::<Vec<_>>()
        };
        chart.line("thin dashed", line(&|_| arms.max()));
        chart.line("third dashed", line(&|alpha| arms.mean() + entropy_bonus(alpha)));
        chart.line("first", line(&|alpha| arms.soft_value(alpha)));
        let at = (self.alpha(), arms.soft_value(self.alpha()));
        chart.handle(at, Some(("log_alpha", [low, high])), None);
        chart
    }
}

/// What the entropy of the uniform policy is worth: `α log n`.
fn entropy_bonus(alpha: f64) -> f64 {
    alpha * std::f64::consts::LN_2
}

/// A chart of two actions side by side.
fn pair(place: [f64; 4], label: &str, range: [f64; 2]) -> Chart {
    let mut chart = Chart::new(
        place,
        Axis::unmarked("action 1, action 2", [-0.6, 1.6]),
        Axis::new(label, range),
    );
    chart.rule_y("", range[0], "");
    chart
}

impl Figure for TwoArmedBandit {
    fn controls(&self) -> Vec<Control> {
        let value = |name, label, q| Control::slider(name, label, VALUES, q, fixed(q, 2));
        vec![
            value("q1", "value of action 1", self.values[0]),
            value("q2", "value of action 2", self.values[1]),
            Control::slider(
                "log_alpha",
                "temperature α",
                POWERS,
                self.power,
                fixed(self.alpha(), 3),
            ),
            Control::button("forget", "Policy back to ½, ½"),
        ]
    }

    fn set(&mut self, control: &str, value: f64) {
        match control {
            "q1" => self.values[0] = value,
            "q2" => self.values[1] = value,
            "log_alpha" => self.power = value,
            _ => {
                (self.z, self.steps) = (0.0, 0);
            }
        }
    }

    fn pace(&self) -> Option<Pace> {
        Some(Pace { ticks_per_second: Some(20.0), heavy: false })
    }

    fn ticks_for_print(&self) -> u32 {
        5
    }

    /// One step down the slope of the loss, which the tape gives: `z ← z − ∂J/∂z / α`. In units of α the loss is that
    /// of the temperature 1, so that one step size does for all of them.
    fn tick(&mut self) -> bool {
        let alpha = self.alpha();
        let Ok([attained, slope]) = self.objective(self.z) else { return false };
        if self.arms().soft_value(alpha) - attained < NEAR {
            return false;
        }
        self.z += slope / alpha;
        self.steps += 1;
        true
    }

    fn readouts(&self) -> Vec<Readout> {
        let (arms, alpha) = (self.arms(), self.alpha());
        let [attained, slope] = self.objective(self.z).unwrap_or([f64::NAN; 2]);
        let value = arms.soft_value(alpha);
        vec![
            Readout::number("best", "best π(1), by the formula", arms.probability(alpha), 6),
            Readout::number("learned", "learned π(1)", self.learned(), 6),
            Readout::number("value", "soft value V", value, 6),
            Readout::number("reward", "of which E[Q]", arms.expected_reward(alpha), 6),
            Readout::number("entropy", "entropy, nats", arms.entropy(alpha), 6),
            Readout::number("max", "max Q", arms.max(), 6),
            Readout::number("uniform", "mean Q + α log 2", arms.mean() + entropy_bonus(alpha), 6),
            Readout::number("attained", "learned policy attains", attained, 6),
            Readout::number("shortfall", "short of V by α KL", (value - attained).max(0.0), 6),
            Readout::number("slope", "slope by the tape", slope, 6),
            Readout::words("steps", "steps of descent", self.steps.to_string()),
        ]
    }

    fn picture(&self) -> String {
        let about = format!(
            "Values {} and {} at the temperature {}: the best policy takes action 1 with probability {}, the learned one with {}.",
            fixed(self.values[0], 2),
            fixed(self.values[1], 2),
            fixed(self.alpha(), 2),
            fixed(self.arms().probability(self.alpha()), 3),
            fixed(self.learned(), 3),
        );
        Picture::new([420.0, 352.0], &about)
            .with(self.values_chart())
            .with(self.policy_chart())
            .with(self.descent_chart())
            .with(self.temperature_chart())
            .to_string()
    }
}

#[cfg(test)]
mod tests {
    use softac::gradcheck::{gradcheck, named};

    use super::*;

    #[test]
    fn descent_comes_to_the_boltzmann_policy() {
        for (values, power) in [([0.8, 0.2], -0.4), ([-1.0, 1.0], 0.0), ([-0.2, 0.3], 1.0)] {
            let mut figure = TwoArmedBandit { values, power, ..TwoArmedBandit::default() };
            let steps = (0..1000).take_while(|_| figure.tick()).count();
            let best = figure.arms().probability(figure.alpha());
            let reached = (figure.learned() - best).abs() < 1e-3 && !figure.tick();
            assert!(reached, "{values:?}: {} after {steps}", figure.learned());
        }
    }

    #[test]
    fn no_step_loses_anything() {
        for (values, power) in [([-1.0, 1.0], -1.3), ([0.8, 0.2], -0.4), ([1.0, 0.9], 1.0)] {
            let mut figure = TwoArmedBandit { values, power, ..TwoArmedBandit::default() };
            let mut before = f64::NEG_INFINITY;
            for _ in 0..200 {
                let [attained, _] = figure.objective(figure.z).unwrap();
                assert!(attained >= before - 1e-12, "{values:?}");
                before = attained;
                figure.tick();
            }
        }
    }

    #[test]
    fn the_soft_value_lies_above_the_maximum_and_above_the_uniform_policys() {
        for power in [-1.3, -0.5, 0.0, 1.0] {
            let figure = TwoArmedBandit { power, ..TwoArmedBandit::default() };
            let (arms, alpha) = (figure.arms(), figure.alpha());
            let value = arms.soft_value(alpha);
            assert!(value >= arms.max() && value >= arms.mean() + entropy_bonus(alpha));
            assert!(value <= arms.max() + entropy_bonus(alpha));
        }
    }

    #[test]
    fn the_slope_is_that_of_differences() {
        let figure = TwoArmedBandit::default();
        let (z, r) = (arr2(&[[0.7]]), arr2(&[figure.values]));
        let alpha = figure.alpha();
        let report =
            gradcheck(|tape, p| arms_loss(p[0], tape.constant(&r), alpha), &[&named("z", &z)]);
        let row = &report.unwrap().rows[0];
        assert!((row.numeric + figure.objective(0.7).unwrap()[1]).abs() <= row.bound);
    }
}
