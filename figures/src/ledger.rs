//! The soft target of one transition, term by term.

use softac::random::{Purpose, stream};
use softac::replay::{Batch, ReplayBuffer, Transition};
use softac::sac::{q_min, soft_target};
use softac::tape::{Tape, Var};

use crate::chart::{Axis, Chart, Picture, words};
use crate::figure::{Control, Figure, Readout, fixed};

/// Which number of the target critics' two stands for both.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Judge {
    Minimum,
    Mean,
    First,
}

impl Judge {
    const ALL: [Self; 3] = [Self::Minimum, Self::Mean, Self::First];
    const NAMES: [&str; 3] = ["the smaller one", "their mean", "the first alone"];

    fn of<'t>(self, [first, second]: [Var<'t, f64>; 2]) -> Var<'t, f64> {
        match self {
            Self::Minimum => q_min([first, second]),
            Self::Mean => (first + second) * 0.5,
            Self::First => first,
        }
    }

    fn symbol(self) -> &'static str {
        ["min Q̄", "mean Q̄", "Q̄₁"][self as usize]
    }
}

/// What a target is computed from.
#[derive(Clone, Copy, Debug)]
struct Terms {
    r: f64,
    /// 1 where the task ended in s′
    d: f64,
    q: [f64; 2],
    alpha: f64,
    log_pi: f64,
    gamma: f64,
    judge: Judge,
}

impl Terms {
    /// `y`, by the crate's equation.
    fn target(self) -> f64 {
        let tape = Tape::new();
        let [r, d, alpha, log_pi] =
            [self.r, self.d, self.alpha, self.log_pi].map(|x| tape.scalar(x));
        let q = self.judge.of(self.q.map(|q| tape.scalar(q)));
        soft_target(r, d, q, alpha, log_pi, self.gamma).item().expect("scalars fit")
    }
}

/// The lines of the ledger: each is a target of which something was left out.
struct Ledger {
    /// The number that stands for both target critics.
    judged: f64,
    /// −α log π
    bonus: f64,
    soft_value: f64,
    /// 1 − d
    mask: f64,
    r: f64,
    /// γ (1 − d) times what the critics say, and times the bonus.
    shares: [f64; 2],
    y: f64,
}

/// One transition.
pub struct SoftTargetLedger {
    r: f64,
    gamma: f64,
    q: [f64; 2],
    alpha: f64,
    log_pi: f64,
    judge: Judge,
    entropy: bool,
    terminated: bool,
    truncated: bool,
}

impl Default for SoftTargetLedger {
    /// The first row of the chapter's ledger.
    fn default() -> Self {
        Self {
            r: 1.0,
            gamma: 0.9,
            q: [3.0, 3.6],
            alpha: 0.2,
            log_pi: -1.0,
            judge: Judge::Minimum,
            entropy: true,
            terminated: false,
            truncated: false,
        }
    }
}

impl SoftTargetLedger {
    /// The mask d as a minibatch has it, after the transition went through the replay buffer.
    fn mask(&self) -> f64 {
        let mut replay = ReplayBuffer::new(1, 1, 1).expect("there is room for one");
        let (observation, action, next_observation) = (&[0.0], &[0.0], &[1.0]);
        let (reward, terminated, truncated) = (self.r, self.terminated, self.truncated);
        let transition =
            Transition { observation, action, reward, next_observation, terminated, truncated };
        replay.push(transition).expect("the dimensions fit");
        let mut batch = Batch::<f64>::new(1, 1, 1);
        replay.sample(&mut batch, &mut stream(0, Purpose::Replay)).expect("it holds one");
        batch.terminated[[0, 0]]
    }

    fn terms(&self) -> Terms {
        let alpha = if self.entropy { self.alpha } else { 0.0 };
        let Self { r, gamma, q, log_pi, judge, .. } = *self;
        Terms { r, d: self.mask(), q, alpha, log_pi, gamma, judge }
    }

    fn ledger(&self) -> Ledger {
        let terms = self.terms();
        let future = Terms { r: 0.0, ..terms };
        let bare = Terms { d: 0.0, gamma: 1.0, ..future };
        Ledger {
            judged: Terms { alpha: 0.0, ..bare }.target(),
            bonus: Terms { q: [0.0; 2], ..bare }.target(),
            soft_value: bare.target(),
            mask: 1.0 - terms.d,
            r: terms.r,
            shares: [
                Terms { alpha: 0.0, ..future }.target(),
                Terms { q: [0.0; 2], ..future }.target(),
            ],
            y: terms.target(),
        }
    }

    /// What the ledger says, in words.
    fn reading(&self) -> &'static str {
        match (self.terminated, self.truncated) {
            (true, _) => "the task has ended: y = r, whatever stands behind the mask",
            (false, true) => "a time limit has cut the episode: s′ still has a future",
            (false, false) => "the episode goes on",
        }
    }
}

const SLIDERS: [(&str, &str, [f64; 3], usize); 6] = [
    ("r", "reward r", [-3.0, 3.0, 0.05], 2),
    ("gamma", "discount γ", [0.0, 1.0, 0.01], 2),
    ("q1", "first target critic, Q̄₁", [-5.0, 8.0, 0.1], 1),
    ("q2", "second target critic, Q̄₂", [-5.0, 8.0, 0.1], 1),
    ("alpha", "temperature α", [0.0, 1.0, 0.01], 2),
    ("log_pi", "log π(a′|s′)", [-4.0, 4.0, 0.1], 1),
];

impl Figure for SoftTargetLedger {
    fn controls(&self) -> Vec<Control> {
        let values = [self.r, self.gamma, self.q[0], self.q[1], self.alpha, self.log_pi];
        let sliders = SLIDERS.iter().zip(values).map(|(&(name, label, range, digits), value)| {
            Control::slider(name, label, range, value, fixed(value, digits))
        });
        let others = [
            Control::choice("critics", "of both critics", &Judge::NAMES, self.judge as usize),
            Control::switch("entropy", "entropy in the target", self.entropy),
            Control::switch("terminated", "the task ended in s′ (terminated)", self.terminated),
            Control::switch("truncated", "a time limit cut it (truncated)", self.truncated),
        ];
        sliders.chain(others).collect()
    }

    fn set(&mut self, control: &str, value: f64) {
        match control {
            "r" => self.r = value,
            "gamma" => self.gamma = value,
            "q1" => self.q[0] = value,
            "q2" => self.q[1] = value,
            "alpha" => self.alpha = value,
            "log_pi" => self.log_pi = value,
            "critics" => self.judge = Judge::ALL[value as usize],
            "entropy" => self.entropy = value == 1.0,
            "terminated" => self.terminated = value == 1.0,
            _ => self.truncated = value == 1.0,
        }
    }

    fn readouts(&self) -> Vec<Readout> {
        let ledger = self.ledger();
        vec![
            Readout::number("judged", self.judge.symbol(), ledger.judged, 4),
            Readout::number("bonus", "− α log π, for randomness", ledger.bonus, 4),
            Readout::number("soft_value", "their sum, the soft value of s′", ledger.soft_value, 4),
            Readout::number("mask", "the mask 1 − d", ledger.mask, 0),
            Readout::number("discounted", "γ (1 − d) × soft value", ledger.y - ledger.r, 4),
            Readout::number("reward", "+ reward r", ledger.r, 4),
            Readout::number("y", "target y", ledger.y, 4),
            Readout::words("reading", "that is", self.reading()),
        ]
    }

    fn picture(&self) -> String {
        let ledger = self.ledger();
        let [critics, bonus] = ledger.shares;
        // From where to where each line leads.
        let sums = [0.0, ledger.r, ledger.r + critics, ledger.y];
        let bars = [[sums[0], sums[1]], [sums[1], sums[2]], [sums[2], sums[3]], [0.0, ledger.y]];
        let texts = [signed(ledger.r), signed(critics), signed(bonus), fixed(ledger.y, 2)];
        let [low_end, high_end] = range(sums.iter().chain(&self.q));
        let x = Axis::new("value", [low_end, high_end]);
        let y = Axis::unmarked("", [0.0, 5.0]);
        let mut chart = Chart::new([82.0, 0.0, 338.0, 250.0], x, y);
        for (i, (&q, name)) in self.q.iter().zip(["Q̄₁", "Q̄₂"]).enumerate() {
            chart.point("first", (q, 4.5));
            chart.words("first middle", (q, [4.65, 4.12][i]), name);
        }
        let gap = 0.015 * (high_end - low_end);
        let classes = ["third", "first", "second", "strong"];
        for (row, ([from, to], text)) in bars.into_iter().zip(&texts).enumerate() {
            let [low, high] = [3.2, 3.8].map(|y| y - row as f64);
            let solid = format!("solid {}", classes[row]);
            chart.band(&solid, [(from, low, high), (to, low, high)]);
            chart.line("faint thin", [(to, low), (to, (low - 0.4).max(0.0))]);
            let (left, right) = (from.min(to), from.max(to));
            // Beside the bar, on its right where there is room.
            if high_end - right > 0.15 * (high_end - low_end) {
                chart.words("strong", (right + gap, low + 0.18), text);
            } else {
                chart.words("strong end", (left - gap, low + 0.18), text);
            }
        }
        chart.line("rule", [(0.0, 0.0), (0.0, 5.0)]);
        let factor = if ledger.mask == 0.0 { "γ·0·" } else { "γ·" };
        let names = [
            "target critics".to_string(),
            "r".to_string(),
            format!("{factor}{}", self.judge.symbol()),
            format!("−{factor}α log π"),
            "y".to_string(),
        ];
        let about = format!(
            "The target {} as the sum of the reward {}, the share of the critics {} and that of the entropy {}.",
            fixed(ledger.y, 2),
            fixed(ledger.r, 2),
            fixed(critics, 2),
            fixed(bonus, 2)
        );
        let mut picture = Picture::new([420.0, 250.0], &about).with(chart);
        for (row, name) in names.iter().enumerate() {
            picture = picture.with(words("end", [124.0, 34.0 + 40.8 * row as f64], name));
        }
        picture.to_string()
    }
}

fn signed(value: f64) -> String {
    let text = fixed(value, 2);
    if text.starts_with('−') { text } else { format!("+{text}") }
}

/// A range that holds all of these, and zero, and changes seldom.
fn range<'a>(values: impl Iterator<Item = &'a f64> + Clone) -> [f64; 2] {
    let (low, high) =
        values.fold((0.0, 0.0), |(low, high): (f64, f64), &x| (low.min(x), high.max(x)));
    let size = [5.0, 10.0, 20.0].into_iter().find(|size| high.max(-low) < *size);
    let size = size.unwrap_or(40.0);
    [if low < 0.0 { -size } else { 0.0 }, size]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chapters_ledger_comes_out() {
        for (r, terminated, q, log_pi, y) in [
            (1.0, false, 3.0, -1.0, 3.88),
            (-0.5, true, 4.0, 0.5, -0.5),
            (2.0, false, -1.0, 2.0, 0.74),
            (0.25, true, 7.0, -3.0, 0.25),
        ] {
            let q = [q, q + 0.7];
            let row = SoftTargetLedger { r, terminated, q, log_pi, ..Default::default() };
            assert!((row.ledger().y - y).abs() < 1e-12, "{y}");
        }
    }

    #[test]
    fn the_lines_add_up_to_the_target_that_the_formula_gives() {
        for (i, judge) in Judge::ALL.into_iter().enumerate() {
            for terminated in [false, true] {
                let (q, log_pi) = ([2.5, -0.5 + i as f64], 1.7);
                let figure =
                    SoftTargetLedger { q, log_pi, judge, terminated, ..Default::default() };
                let judged = [q[0].min(q[1]), 0.5 * (q[0] + q[1]), q[0]][i];
                let mask = if terminated { 0.0 } else { 1.0 };
                let ledger = figure.ledger();
                assert!((ledger.y - (1.0 + 0.9 * mask * (judged - 0.2 * log_pi))).abs() < 1e-14);
                let [critics, bonus] = ledger.shares;
                assert!((ledger.r + critics + bonus - ledger.y).abs() < 1e-14);
                assert!((ledger.judged + ledger.bonus - ledger.soft_value).abs() < 1e-14);
                assert_eq!(ledger.mask, mask);
            }
        }
    }

    #[test]
    fn truncation_changes_no_number_and_termination_leaves_the_reward_alone() {
        let numbers = |terminated, truncated| {
            let figure = SoftTargetLedger { terminated, truncated, ..Default::default() };
            figure.readouts().iter().filter_map(|readout| readout.value).collect::<Vec<_>>()
        };
        assert_eq!(numbers(false, false), numbers(false, true));
        assert_eq!(numbers(true, false), numbers(true, true));
        let ended = SoftTargetLedger { terminated: true, r: -2.35, ..Default::default() };
        assert_eq!(ended.ledger().y, -2.35);
    }
}
