//! The temperature as a controller of the policy's entropy.

use core::f64::consts::{LN_2, LN_10, PI};

use ndarray::array;
use softac::elementary::{exp, ln};
use softac::env::Probe;
use softac::nn::{Adam, AdamConfig};
use softac::sac::{SacConfig, TargetEntropy, temperature_loss};
use softac::tape::Tape;

use crate::chart::{Axis, Chart, Picture};
use crate::figure::{Control, Figure, Readout, fixed, scientific};

/// Updates that are shown.
const UPDATES: usize = 4000;
/// Every so many of them a point is drawn.
const STRIDE: usize = 20;

/// One learned temperature, from its first value on.
///
/// The loop's two halves are the crate's: the loss of the temperature, and Adam. Between knob and quantity stands a model
/// of the learner: the policy's entropy goes, by one part in `lag` at each update, to that of the best policy
/// at the present temperature, for the reward `k (1 − (a − ½)²)` of one step.
pub struct TemperatureController {
    target: f64,
    /// Powers of ten: α at the beginning, η, and k.
    start: f64,
    rate: f64,
    scale: f64,
    lag: f64,
    /// What follows from these.
    run: Run,
}

/// What happens, update by update: α and the policy's entropy before it.
#[derive(Clone, Debug, PartialEq)]
struct Run {
    alphas: Vec<f64>,
    entropies: Vec<f64>,
    /// The gradient of the last update.
    gradient: f64,
}

fn power_of_ten(exponent: f64) -> f64 {
    exp(exponent * LN_10)
}

/// The entropy of `π*(a) ∝ exp(r(a)/α)` on `[−1, 1]`, for the reward `1 − (a − ½)²`.
fn best_entropy(alpha: f64) -> f64 {
    // The bounds are far away: a Gaussian of variance α/2, to rounding.
    if alpha < 2e-3 {
        return 0.5 * ln(PI * core::f64::consts::E * alpha);
    }
    // H = ∂V/∂α, by a difference of the crate's soft value: to about a millionth of a nat.
    let value = |alpha| Probe::Action.soft_value(0.0, 0.0, alpha).expect("α is above 0");
    let h = 1e-3 * alpha;
    (value(alpha + h) - value(alpha - h)) / (2.0 * h)
}

/// The loss's slope by log α, from the tape.
fn gradient(log_alpha: f64, entropy: f64, target: f64) -> f64 {
    let (log_alpha, log_pi) = (array![[log_alpha]], array![[-entropy]]);
    let tape = Tape::new();
    let leaf = tape.leaf(&log_alpha);
    let loss = temperature_loss(leaf, tape.constant(&log_pi), target);
    loss.backward().expect("the loss is a scalar").wrt(leaf)[[0, 0]]
}

impl Run {
    fn new(target: f64, start: f64, rate: f64, scale: f64, lag: f64) -> Self {
        let mut log_alpha = [ln(start)];
        let mut adam = Adam::new(1, AdamConfig::with_learning_rate(rate));
        let mut entropy = best_entropy(start / scale);
        let mut run = Self { alphas: vec![], entropies: vec![], gradient: 0.0 };
        for _ in 0..UPDATES {
            run.alphas.push(exp(log_alpha[0]));
            run.entropies.push(entropy);
            run.gradient = gradient(log_alpha[0], entropy, target);
            adam.step(&mut log_alpha, &[run.gradient]);
            entropy += (best_entropy(exp(log_alpha[0]) / scale) - entropy) / lag;
        }
        run
    }

    /// The first update from which on the entropy stays this near to the target.
    fn settled(&self, target: f64, within: f64) -> Option<usize> {
        let far = |entropy: &f64| (entropy - target).abs() > within;
        let since = self.entropies.iter().rposition(far).map_or(0, |last| last + 1);
        (since < self.entropies.len()).then_some(since)
    }

    /// How often the entropy goes through its target, by more than can be seen.
    fn crossings(&self, target: f64) -> usize {
        let far = self.entropies.iter().filter(|&&entropy| (entropy - target).abs() > 0.01);
        let above: Vec<bool> = far.map(|&entropy| entropy > target).collect();
        above.windows(2).filter(|pair| pair[0] != pair[1]).count()
    }
}

impl Default for TemperatureController {
    fn default() -> Self {
        let run = Run { alphas: vec![], entropies: vec![], gradient: 0.0 };
        let mut figure =
            Self { target: -1.0, start: -2.0, rate: -2.0, scale: 0.0, lag: 300.0, run };
        figure.follow();
        figure
    }
}

impl TemperatureController {
    fn follow(&mut self) {
        let [start, rate, scale] = [self.start, self.rate, self.scale].map(power_of_ten);
        self.run = Run::new(self.target, start, rate, scale, self.lag);
    }

    fn outcome(&self) -> String {
        if self.target > LN_2 {
            return "runs away: no policy has this much entropy".into();
        }
        let swings = self.run.crossings(self.target);
        match self.run.settled(self.target, 0.05) {
            Some(0) => "at its target all the time".into(),
            Some(since) if swings > 1 => {
                format!("at its target after {since} updates, and {swings} crossings")
            }
            Some(since) => format!("at its target after {since} updates"),
            None if swings > 2 => format!("it swings: {swings} crossings"),
            None => "not at its target yet".into(),
        }
    }

    /// What the crate says to this target.
    fn reception(&self) -> String {
        let target_entropy = TargetEntropy::Nats(self.target);
        let checked = SacConfig { target_entropy, ..SacConfig::default() }.validate(1);
        checked.map_or_else(|error| format!("refused: {error}"), |()| "taken".into())
    }
}

/// A number over several orders of magnitude.
fn magnitude(value: f64) -> String {
    if (1e-4..1e5).contains(&value) {
        fixed(value, if value < 1.0 { 4 } else { 2 })
    } else {
        scientific(value)
    }
}

impl Figure for TemperatureController {
    fn controls(&self) -> Vec<Control> {
        let power = |name, label, range, exponent: f64| {
            Control::slider(name, label, range, exponent, magnitude(power_of_ten(exponent)))
        };
        let target = format!("{} nats", fixed(self.target, 2));
        vec![
            Control::slider("target", "target entropy H̄", [-3.0, 1.2, 0.05], self.target, target),
            power("start", "α at the beginning", [-3.0, 1.0, 0.1], self.start),
            power("rate", "learning rate η of log α", [-4.0, -1.5, 0.1], self.rate),
            power("scale", "size k of the rewards", [-1.0, 2.0, 0.1], self.scale),
            Control::slider(
                "lag",
                "the policy follows within",
                [1.0, 500.0, 1.0],
                self.lag,
                format!("{} updates", fixed(self.lag, 0)),
            ),
        ]
    }

    fn set(&mut self, control: &str, value: f64) {
        match control {
            "target" => self.target = value,
            "start" => self.start = value,
            "rate" => self.rate = value,
            "scale" => self.scale = value,
            _ => self.lag = value,
        }
        self.follow();
    }

    fn readouts(&self) -> Vec<Readout> {
        let Run { alphas, entropies, gradient } = &self.run;
        let (alpha, entropy) = (alphas[UPDATES - 1], entropies[UPDATES - 1]);
        let alpha_text = magnitude(alpha);
        vec![
            Readout { value: Some(alpha), ..Readout::words("alpha", "α at the end", alpha_text) },
            Readout::number("entropy", "entropy at the end, nats", entropy, 4),
            Readout::number("gap", "entropy minus target", entropy - self.target, 4),
            Readout::scientific("gradient", "slope of the loss by log α", *gradient),
            Readout::number(
                "crossings",
                "crossings of the target",
                self.run.crossings(self.target) as f64,
                0,
            ),
            Readout::words("outcome", "the loop is", self.outcome()),
            Readout::words("crate", "`SacConfig` says", self.reception()),
        ]
    }

    fn picture(&self) -> String {
        let updates = || Axis::new("updates", [0.0, UPDATES as f64]);
        let shown = |values: &[f64]| -> Vec<(f64, f64)> {
            values.iter().enumerate().step_by(STRIDE).map(|(i, &value)| (i as f64, value)).collect()
        };
        let least = self.run.entropies.iter().fold(self.target, |least, x| x.min(least));
        let entropy = Axis::new("entropy, nats", [least - 0.3, 1.4]);
        let mut upper = Chart::new([0.0, 0.0, 414.0, 200.0], updates(), entropy);
        upper.rule_y("second", self.target, "target");
        upper.rule_y("", LN_2, "log 2: uniform");
        upper.line("first", shown(&self.run.entropies));
        let alpha = Axis::logarithmic("temperature α", [1e-3, 1e3]);
        let mut lower = Chart::new([0.0, 200.0, 414.0, 180.0], updates(), alpha);
        lower.line("first", shown(&self.run.alphas));
        let about = format!(
            "Entropy and temperature over {UPDATES} updates for the target entropy {}: {}.",
            fixed(self.target, 2),
            self.outcome()
        );
        Picture::new([420.0, 380.0], &about).with(upper).with(lower).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use softac::gradcheck::{Probe as Value, ridders};

    #[test]
    fn the_best_entropy_is_the_slope_of_the_soft_value() {
        for alpha in [2.1e-3, 0.01, 0.3, 1.0, 20.0] {
            let value = |alpha: f64| {
                let value = Probe::Action.soft_value(0.0, 0.0, alpha).unwrap();
                Ok(Value { value, rounding: 1e-15 * value.abs().max(1.0) })
            };
            let exact = ridders(alpha, 0.2 * alpha.min(1.0), value).unwrap();
            assert!((best_entropy(alpha) - exact.value).abs() < 2e-6 + exact.bound(), "{alpha}");
        }
    }

    #[test]
    fn both_ways_to_the_best_entropy_meet() {
        let (below, above) = (best_entropy(2e-3 * (1.0 - 1e-12)), best_entropy(2e-3));
        assert!((below - above).abs() < 1e-6, "{below} {above}");
        // Very hot: uniform.
        assert!((best_entropy(1e6) - LN_2).abs() < 1e-6);
    }

    #[test]
    fn the_slope_of_the_loss_is_alpha_times_the_gap() {
        for (log_alpha, entropy, target) in [(0.0, 0.5, -1.0), (-2.0, -3.0, -1.0)] {
            let expected = f64::exp(log_alpha) * (entropy - target);
            assert!((gradient(log_alpha, entropy, target) - expected).abs() < 1e-14);
        }
    }

    #[test]
    fn a_reachable_target_is_reached_at_the_temperature_that_belongs_to_it() {
        for (target, start) in [(-2.0, 0.01), (-1.0, 0.1), (0.3, 0.01)] {
            let run = Run::new(target, start, 0.01, 1.0, 20.0);
            assert!(run.settled(target, 0.02).is_some(), "{target} {}", run.entropies[UPDATES - 1]);
            let alpha = run.alphas[UPDATES - 1];
            assert!((best_entropy(alpha) - target).abs() < 0.02, "{target}");
        }
    }

    #[test]
    fn a_target_beyond_uniform_runs_away_at_the_speed_of_adam() {
        let rate = 0.004;
        let run = Run::new(0.75, 1.0, rate, 1.0, 20.0);
        let half = |i: usize| run.alphas[i].ln();
        let speed = (half(UPDATES - 1) - half(UPDATES / 2)) / (UPDATES / 2 - 1) as f64;
        // The gradient has the factor α. Of one that grows by the factor eˢ at each step, Adam's moments are known,
        // and s = η m/√v.
        let mut expected = rate;
        for _ in 0..100 {
            let moment = |beta: f64, s: f64| (1.0 - beta) / (1.0 - beta * (-s).exp());
            expected = rate * moment(0.9, expected) / moment(0.999, 2.0 * expected).sqrt();
        }
        assert!((speed / expected - 1.0).abs() < 0.1, "{speed} {expected}");
        assert!(run.entropies.iter().all(|&entropy| entropy < LN_2 + 1e-9));
        let figure = TemperatureController { target: 0.75, ..Default::default() };
        assert!(figure.reception().starts_with("refused") && figure.outcome().starts_with("runs"));
    }

    #[test]
    fn a_slow_policy_makes_the_loop_swing() {
        let crossings = |lag| Run::new(-1.0, 1.0, 0.02, 1.0, lag).crossings(-1.0);
        assert!(crossings(400.0) > crossings(1.0));
    }

    #[test]
    fn rewards_of_another_size_scale_the_temperature() {
        // Begun k times as hot, too, everything is k times as hot, but for Adam's ε.
        let (one, ten) =
            (Run::new(-1.0, 0.1, 0.01, 1.0, 30.0), Run::new(-1.0, 1.0, 0.01, 10.0, 30.0));
        for (a, b) in one.alphas.iter().zip(&ten.alphas).step_by(100) {
            assert!((10.0 * a / b - 1.0).abs() < 1e-3, "{a} {b}");
        }
    }
}
