//! The live figures of the book: the crate `softac` itself, in WebAssembly.
//!
//! | file | holds |
//! |---|---|
//! | `figure.rs` | [`Figure`]: controls in, numbers and a picture out |
//! | `chart.rs` | [`chart`]: pictures in SVG, with classes for the page's colours |
//! | one file each | the figures |
//!
//! A figure is one file and one line in [`FIGURES`]. It calls `softac` for every number; the page that shows it
//! (`web/figures.js`) has no mathematics in it.

mod bandit;
pub mod chart;
mod controller;
mod double_q;
mod entropy;
pub mod figure;
mod gallery;
mod ledger;
mod live_pendulum;
mod microscope;
mod reparameterisation;
mod squashed_gaussian;

pub use figure::Figure;

use wasm_bindgen::prelude::*;

/// How a figure begins.
type Make = fn() -> Box<dyn Figure>;

/// The figures by their names, each as it is first shown.
pub const FIGURES: &[(&str, Make)] = &[
    ("two-outcome-entropy", || Box::new(entropy::TwoOutcomeEntropy::default())),
    ("two-armed-bandit", || Box::new(bandit::TwoArmedBandit::default())),
    ("reparameterisation", || Box::new(reparameterisation::Reparameterisation::default())),
    ("squashed-gaussian", || Box::new(squashed_gaussian::SquashedGaussian::default())),
    ("soft-target-ledger", || Box::new(ledger::SoftTargetLedger::default())),
    ("clipped-double-q", || Box::new(double_q::ClippedDoubleQ::default())),
    ("temperature-controller", || Box::new(controller::TemperatureController::default())),
    ("tape-microscope", || Box::new(microscope::TapeMicroscope::default())),
    ("bug-gallery", || Box::new(gallery::BugGallery::default())),
    ("live-pendulum", || Box::new(live_pendulum::LivePendulum::default())),
];

/// The figure of this name, as it is first shown.
#[must_use]
pub fn figure(name: &str) -> Option<Box<dyn Figure>> {
    FIGURES.iter().find(|(known, _)| *known == name).map(|(_, make)| make())
}

/// The picture of a figure for print, and for pages without WebAssembly: a file of its own.
#[must_use]
pub fn picture_for_print(figure: &mut dyn Figure) -> String {
    (0..figure.ticks_for_print()).all(|_| figure.tick());
    chart::Picture::standalone(&figure.picture())
}

/// A figure on a page.
#[wasm_bindgen]
pub struct LiveFigure {
    figure: Box<dyn Figure>,
}

#[wasm_bindgen]
impl LiveFigure {
    /// The figure of this name; an exception if there is none.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str) -> Result<Self, JsError> {
        let found = figure(name).map(|figure| Self { figure });
        found.ok_or_else(|| JsError::new(&format!("there is no figure `{name}`")))
    }

    /// Sets a control; an exception if there is no such control, or for a value that is not finite.
    pub fn set(&mut self, control: &str, value: f64) -> Result<(), JsError> {
        Ok(self.figure.turn(control, value)?)
    }

    /// So many ticks of the clock: whether there are more to come.
    pub fn tick(&mut self, ticks: u32) -> bool {
        (0..ticks).all(|_| self.figure.tick())
    }

    /// Everything that is shown, as JSON.
    pub fn shown(&self) -> String {
        self.figure.shown()
    }
}
