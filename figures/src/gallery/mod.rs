//! The bug gallery: mistakes of the zoo, predicted, seen, and caught.
//!
//! The wrong code is the zoo's own (`tests/sac/zoo/`), the right one the crate's; both learn from the same numbers.

mod assembled;
mod bugs;
mod scene;

use std::cell::OnceCell;

use serde::Deserialize;
use softac_figures_zoo::mutant;

use self::bugs::{BUGS, Bug};
use self::scene::{Quantity, STRIDE, UPDATES};
use crate::chart::{Axis, Chart, Picture, words};
use crate::figure::{Control, Figure, Readout, fixed};

/// How the zoo's properties protest: a page cannot catch a panic, so that a test records them.
const MESSAGES: &str = include_str!("messages.json");
/// What the reader can say beforehand.
const PREDICTIONS: [&str; 4] =
    ["I have yet to say", "where the right one ends", "below the right one", "above the right one"];
/// Curves that end as near as this, relative to the right one's size, count as the same.
const NEAR: f64 = 0.05;

/// What a property said of a mistake.
#[derive(Deserialize)]
struct Protest {
    mistake: String,
    message: String,
}

/// The quantity over the updates, right and wrong.
struct Curves {
    right: Vec<f64>,
    wrong: Vec<f64>,
}

impl Curves {
    fn new(bug: &Bug, seed: u64) -> Self {
        let (_, make, _) = *bug.row();
        Self {
            right: bug.scene.curve(seed, None),
            wrong: bug.scene.curve(seed, Some(mutant(make))),
        }
    }

    fn ends(&self) -> [f64; 2] {
        [&self.right, &self.wrong].map(|curve| *curve.last().expect("it has a beginning"))
    }

    /// What would have been right to predict: a number of [`PREDICTIONS`].
    fn outcome(&self) -> usize {
        let [right, wrong] = self.ends();
        let size = self.right.iter().fold(0.0, |size: f64, value| size.max(value.abs()));
        match wrong - right {
            gap if gap.abs() <= NEAR * size => 1,
            gap if gap < 0.0 => 2,
            _ => 3,
        }
    }
}

/// A mistake, what was predicted, and what happens.
pub struct BugGallery {
    bug: usize,
    prediction: usize,
    seed: u64,
    /// What both learn, once it is asked for.
    curves: OnceCell<Curves>,
}

impl Default for BugGallery {
    /// The first mistake, as an example, with its outcome.
    fn default() -> Self {
        Self { bug: 0, prediction: 2, seed: 0, curves: OnceCell::new() }
    }
}

impl BugGallery {
    fn bug(&self) -> &'static Bug {
        &BUGS[self.bug]
    }

    fn curves(&self) -> &Curves {
        self.curves.get_or_init(|| Curves::new(self.bug(), self.seed))
    }

    fn is_revealed(&self) -> bool {
        self.prediction > 0
    }

    fn message(&self) -> String {
        let messages: Vec<Protest> = serde_json::from_str(MESSAGES).unwrap_or_default();
        let mut messages = messages.into_iter().filter(|known| known.mistake == self.bug().mistake);
        messages.next().map_or_else(String::new, |known| known.message)
    }
}

impl Figure for BugGallery {
    fn controls(&self) -> Vec<Control> {
        let mistakes = BUGS.each_ref().map(|bug| bug.mistake);
        vec![
            Control::choice("bug", "mistake", &mistakes, self.bug),
            Control::choice("prediction", "the wrong curve ends", &PREDICTIONS, self.prediction),
            Control::slider(
                "seed",
                "seed",
                [0.0, 9.0, 1.0],
                self.seed as f64,
                self.seed.to_string(),
            ),
        ]
    }

    fn set(&mut self, control: &str, value: f64) {
        match control {
            "bug" if self.bug != value as usize => {
                *self = Self {
                    bug: value as usize,
                    prediction: 0,
                    seed: self.seed,
                    curves: OnceCell::new(),
                };
            }
            "seed" if self.seed != value as u64 => {
                (self.seed, self.curves) = (value as u64, OnceCell::new());
            }
            "prediction" => self.prediction = value as usize,
            _ => {}
        }
    }

    fn readouts(&self) -> Vec<Readout> {
        let (bug, curves) = (self.bug(), self.curves());
        let [right, wrong] = curves.ends();
        let quantity = bug.scene.quantity.name();
        let mut readouts = vec![
            Readout::words("about", "what is wrong", bug.about),
            Readout::words("task", "the task", bug.scene.task.about()),
            Readout::number("right", &format!("{quantity}, right"), right, 3),
        ];
        if let Some(truth) = bug.scene.truth() {
            readouts.push(Readout::number("truth", "what is exact", truth, 3));
        }
        if !self.is_revealed() {
            readouts.push(Readout::words(
                "outcome",
                "the mistake",
                "say first where its curve will end",
            ));
            return readouts;
        }
        let outcome = curves.outcome();
        let verdict = if outcome == self.prediction { "as you said" } else { "not as you said" };
        let (_, _, property) = *bug.row();
        readouts.extend([
            Readout::number("wrong", &format!("{quantity}, wrong"), wrong, 3),
            Readout::words("outcome", "it ends", format!("{}: {verdict}", PREDICTIONS[outcome])),
            Readout::words("property", "caught by the property", property),
            Readout::words("message", "which says", self.message()),
        ]);
        readouts
    }

    fn picture(&self) -> String {
        let (bug, curves) = (self.bug(), self.curves());
        let truth = bug.scene.truth();
        let mut shown: Vec<&f64> = curves.right.iter().chain(&truth).collect();
        if self.is_revealed() {
            shown.extend(&curves.wrong);
        }
        let x = Axis::new("updates", [0.0, UPDATES as f64]);
        let [low, high] = range(&shown);
        let name = bug.scene.quantity.name();
        // What grows by orders of magnitude is drawn by these.
        let least = shown.iter().fold(f64::INFINITY, |least, value| value.min(least));
        let is_alpha = bug.scene.quantity == Quantity::Alpha;
        let y = match is_alpha && least > 0.0 && high > 100.0 * least {
            true => Axis::logarithmic(name, [0.5 * least, 2.0 * high]),
            false => Axis::new(name, [low, high]),
        };
        let mut chart = Chart::new([0.0, 14.0, 414.0, 256.0], x, y);
        let over = |curve: &[f64]| -> Vec<(f64, f64)> {
            curve.iter().enumerate().map(|(i, &value)| ((i * STRIDE) as f64, value)).collect()
        };
        if let Some(truth) = truth {
            chart.rule_y("", truth, "exact");
        }
        chart.line("first", over(&curves.right));
        let [right, wrong] = curves.ends();
        let mut names = vec![words("first strong", [52.0, 13.0], "right")];
        if self.is_revealed() {
            chart.line("second dashed", over(&curves.wrong));
            names.push(words("second strong", [100.0, 13.0], "wrong (dashed)"));
        }
        let about = match self.is_revealed() {
            true => format!(
                "{} over {UPDATES} updates. It ends at {} where all is right, and at {} where {}.",
                name,
                fixed(right, 2),
                fixed(wrong, 2),
                bug.mistake
            ),
            false => format!("{name} over {UPDATES} updates, where all is right."),
        };
        let picture = Picture::new([420.0, 270.0], &about.replace('\'', "’")).with(chart);
        names.into_iter().fold(picture, Picture::with).to_string()
    }
}

/// A range that holds all of these, with some room.
fn range(values: &[&f64]) -> [f64; 2] {
    let finite = values.iter().filter(|value| value.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(**value), high.max(**value))
    });
    let room = 0.1 * (high - low).max(0.1);
    [low - room, high + room]
}

#[cfg(test)]
mod tests;
