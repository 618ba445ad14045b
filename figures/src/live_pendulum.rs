//! Soft Actor-Critic on Pendulum, as it learns: to the bit what the command trains.

mod bias;
mod drawing;
mod training;

use softac::sac::EntCoef;

use crate::chart::{Axis, Chart, Picture};
use crate::figure::{Control, Figure, Pace, Readout, fixed, grouped};
use training::{Row, STEPS, Training};

/// What the temperature can be.
const TEMPERATURES: [(&str, EntCoef); 3] = [
    ("learned, from 1", EntCoef::Auto { initial: 1.0 }),
    ("0.2, fixed", EntCoef::Fixed(0.2)),
    ("0: no entropy", EntCoef::Fixed(0.0)),
];

/// Environment steps in a second; real time is 20 of them.
const SPEEDS: [(&str, Option<f64>); 4] = [
    ("real time", Some(20.0)),
    ("10 times", Some(200.0)),
    ("50 times", Some(1000.0)),
    ("as fast as it goes", None),
];

/// A training under way, and its settings.
pub struct LivePendulum {
    seed: u64,
    temperature: usize,
    speed: usize,
    training: Training,
}

impl Default for LivePendulum {
    fn default() -> Self {
        Self { seed: 0, temperature: 0, speed: 1, training: begin(0, 0) }
    }
}

fn begin(seed: u64, temperature: usize) -> Training {
    Training::new(seed, TEMPERATURES[temperature].1).expect("the preset's settings can be")
}

impl Figure for LivePendulum {
    fn controls(&self) -> Vec<Control> {
        let text = self.seed.to_string();
        vec![
            Control::slider("seed", "seed", [0.0, 20.0, 1.0], self.seed as f64, text),
            Control::choice(
                "temperature",
                "α",
                &TEMPERATURES.map(|(name, _)| name),
                self.temperature,
            ),
            Control::choice("speed", "speed", &SPEEDS.map(|(name, _)| name), self.speed),
        ]
    }

    fn set(&mut self, control: &str, value: f64) {
        match control {
            "speed" => self.speed = value as usize,
            "seed" => self.seed = value as u64,
            _ => self.temperature = value as usize,
        }
        if control != "speed" {
            self.training = begin(self.seed, self.temperature);
        }
    }

    fn pace(&self) -> Option<Pace> {
        Some(Pace { ticks_per_second: SPEEDS[self.speed].1, heavy: true })
    }

    fn ticks_for_print(&self) -> u32 {
        4060
    }

    fn tick(&mut self) -> bool {
        self.training.step()
    }

    fn readouts(&self) -> Vec<Readout> {
        let seen = &self.training.seen;
        let last = |numbers: &[(u64, f64)]| numbers.last().map_or(f64::NAN, |&(_, x)| x);
        let update = |f: fn(&training::Update) -> f64| seen.update.as_ref().map_or(f64::NAN, f);
        let number = |name, label: &str, value: f64, digits| match value.is_finite() {
            true => Readout::number(name, label, value, digits),
            false => Readout::words(name, label, "not yet"),
        };
        let (at, hash) = match seen.rows.last() {
            Some((t, Row { hash, .. })) => (grouped(&t.to_string()), format!("{hash:016x}")),
            None => ("200".into(), "not yet".into()),
        };
        let mut readouts = vec![
            Readout::words(
                "step",
                "environment steps",
                grouped(&self.training.steps().to_string()),
            ),
            Readout::words("updates", "updates", grouped(&self.training.updates().to_string())),
            number("return", "return of the last episode", last(&seen.episodes), 1),
            number("evaluation", "return without noise", last(&seen.evaluations), 1),
            number("entropy", "entropy, nats", update(|update| update.entropy), 3),
            number("alpha", "temperature α", update(|update| update.alpha), 4),
            number("bias", "bias of min Q", last(&seen.biases), 1),
            number("actor_norm", "gradient norm, policy", update(|update| update.norms[0]), 3),
            number("critic_norm", "gradient norm, critic 1", update(|update| update.norms[1]), 3),
            Readout::words("hash", &format!("hash at step {at}"), hash),
        ];
        if let Some(fault) = &seen.fault {
            readouts.push(Readout::words("fault", "it stopped", fault));
        }
        readouts
    }

    fn picture(&self) -> String {
        let seen = &self.training.seen;
        let row = |f: fn(&Row) -> Option<f64>| {
            seen.rows.iter().filter_map(move |(t, row)| Some((thousands(*t), f(row)?)))
        };
        let pairs = |numbers: &[(u64, f64)]| -> Vec<_> {
            numbers.iter().map(|&(t, x)| (thousands(t), x)).collect()
        };
        let mut returns = panel(1, 0, Axis::new("return", [-1800.0, 0.0]));
        returns.rule_y("", -250.0, "−250");
        returns.points("first faint", pairs(&seen.episodes));
        returns.line("second", pairs(&seen.evaluations));
        let mut entropy = panel(0, 1, Axis::new("entropy, nats", [-2.0, 0.8]));
        if TEMPERATURES[self.temperature].1 == (EntCoef::Auto { initial: 1.0 }) {
            entropy.rule_y("", -1.0, "target");
        }
        entropy.line("first", row(|row| row.entropy));
        let mut alpha = panel(1, 1, Axis::logarithmic("α", [0.01, 1.2]));
        alpha.line("first", row(|row| row.alpha));
        let mut bias = panel(0, 2, Axis::new("bias of min Q", [-100.0, 900.0]));
        bias.rule_y("", 0.0, "");
        bias.line("first", pairs(&seen.biases));
        let mut norm = panel(1, 2, Axis::logarithmic("gradient norm", [0.01, 100.0]));
        norm.line("first", row(|row| row.actor_norm));
        Picture::new([420.0, 440.0], &self.about())
            .with(drawing::pendulum(self.training.pendulum(), [110.0, 72.0], 56.0))
            .with(returns)
            .with(entropy)
            .with(alpha)
            .with(bias)
            .with(norm)
            .to_string()
    }
}

impl LivePendulum {
    fn about(&self) -> String {
        let steps = self.training.steps();
        let returns = match self.training.seen.evaluations.last() {
            Some((_, reward)) => format!("the return without noise is {}", fixed(*reward, 0)),
            None => "there was no evaluation yet".into(),
        };
        format!(
            "A pendulum after {steps} of {STEPS} steps of training: {returns}. Below it, return, entropy, temperature, bias of the values and norm of the policy's gradient over the training."
        )
    }
}

fn thousands(t: u64) -> f64 {
    t as f64 / 1000.0
}

/// One of the six fields, by its column and row.
fn panel(column: u8, row: u8, y: Axis) -> Chart {
    let place = [f64::from(column) * 210.0, f64::from(row) * 148.0, 210.0, 144.0];
    Chart::new(place, Axis::new("thousand steps", [0.0, 10.0]), y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(steps: u32, settings: &[(&str, f64)]) -> LivePendulum {
        let mut figure = LivePendulum::default();
        settings.iter().for_each(|&(control, value)| figure.set(control, value));
        assert!((0..steps).all(|_| figure.tick()));
        figure
    }

    #[test]
    fn another_seed_is_another_training_and_the_same_seed_the_same() {
        let hash = |settings: &[(&str, f64)]| after(200, settings).training.seen.rows[0].1.hash;
        let zero = hash(&[]);
        assert_eq!(hash(&[("seed", 1.0), ("seed", 0.0)]), zero);
        assert_ne!(hash(&[("seed", 1.0)]), zero);
    }

    #[test]
    fn how_fast_it_is_shown_changes_nothing() {
        let mut figure = after(150, &[]);
        figure.set("speed", 3.0);
        assert_eq!(figure.training.steps(), 150);
        assert!((0..50).all(|_| figure.tick()));
        assert_eq!(
            figure.training.seen.rows[0].1.hash,
            after(200, &[]).training.seen.rows[0].1.hash
        );
    }

    #[test]
    fn a_fixed_temperature_stays() {
        for (choice, alpha) in [(1.0, 0.2_f32), (2.0, 0.0)] {
            let figure = after(200, &[("temperature", choice)]);
            let row = figure.training.seen.rows[0].1;
            assert!((row.alpha.unwrap() - f64::from(alpha)).abs() < 1e-12);
        }
    }

    #[test]
    fn the_values_of_new_critics_lie_above_what_the_policy_gets() {
        // Costs of a beginner sum to some hundred, discounted, and new critics say about 0.
        let figure = after(500, &[]);
        let (t, bias) = figure.training.seen.biases[0];
        assert!(t == 500 && bias > 20.0, "{bias}");
    }
}
