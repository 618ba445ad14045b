//! The data of a chart: bands, lines and references.

use plotters::style::RGBColor;

use super::axis::Axis;
use super::surface::{Point, Surface, TextStyle};
use super::{Chart, ChartError, Series};

/// Okabe and Ito's colours, in an order that sets the first ones far apart.
const PALETTE: [RGBColor; 7] = [
    RGBColor(0x00, 0x72, 0xB2),
    RGBColor(0xD5, 0x5E, 0x00),
    RGBColor(0x00, 0x9E, 0x73),
    RGBColor(0xCC, 0x79, 0xA7),
    RGBColor(0xE6, 0x9F, 0x00),
    RGBColor(0x56, 0xB4, 0xE9),
    RGBColor(0x00, 0x00, 0x00),
];

/// Dash and gap of the first reference, the second, …
const DASHES: [(f64, f64); 3] = [(7.0, 6.0), (1.0, 5.0), (15.0, 6.0)];
const REFERENCE: RGBColor = RGBColor(0x44, 0x44, 0x44);

/// Width of the line of a series.
pub(super) const LINE_WIDTH: f64 = 2.0;
const REFERENCE_WIDTH: f64 = 1.5;
const DOT_WIDTH: f64 = 6.0;
const BAND_OPACITY: f64 = 0.2;

/// How a line is drawn.
#[derive(Clone, Copy)]
pub(super) struct Stroke {
    colour: RGBColor,
    dash: Option<(f64, f64)>,
}

impl Stroke {
    pub(super) fn of_series(index: usize) -> Self {
        Self { colour: PALETTE[index % PALETTE.len()], dash: None }
    }

    pub(super) fn of_reference(index: usize) -> Self {
        Self { colour: REFERENCE, dash: Some(DASHES[index % DASHES.len()]) }
    }

    /// A horizontal line of this stroke.
    pub(super) fn horizontal(
        self,
        from: f64,
        to: f64,
        y: f64,
        width: f64,
        surface: &mut impl Surface,
    ) -> Result<(), ChartError> {
        let (dash, gap) = self.dash.unwrap_or((to - from, 0.0));
        let mut start = from;
        while start < to {
            let end = (start + dash).min(to);
            surface.line(&[(start, y), (end, y)], width, self.colour)?;
            start = end + gap;
        }
        Ok(())
    }
}

/// The rectangle that holds the data, and what its sides stand for.
pub(super) struct Plot {
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Plot {
    /// Draws all bands, then all lines, so that no band veils a line.
    pub(super) fn draw(&self, chart: &Chart, surface: &mut impl Surface) -> Result<(), ChartError> {
        let mut empty = true;
        for (i, series) in chart.series.iter().enumerate() {
            for run in self.band_runs(series) {
                let (low, high): (Vec<_>, Vec<_>) = run.into_iter().unzip();
                let outline: Vec<_> = low.into_iter().chain(high.into_iter().rev()).collect();
                surface.area(&outline, Stroke::of_series(i).colour, BAND_OPACITY)?;
                empty = false;
            }
        }
        for (i, series) in chart.series.iter().enumerate() {
            for run in runs(series.points.iter().map(|&(x, y)| self.place(x, y))) {
                // A point without neighbours would otherwise be almost invisible.
                let width = if run.len() == 1 { DOT_WIDTH } else { LINE_WIDTH };
                surface.line(&run, width, Stroke::of_series(i).colour)?;
                empty = false;
            }
        }
        for (i, reference) in chart.references.iter().enumerate() {
            if let Some(fraction) = self.y.fraction(reference.y) {
                let y = self.height_of(fraction);
                let stroke = Stroke::of_reference(i);
                stroke.horizontal(self.left, self.right, y, REFERENCE_WIDTH, surface)?;
            }
        }
        if empty {
            let centre = ((self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0);
            surface.text("no data", &TextStyle::new(16.0), centre)?;
        }
        Ok(())
    }

    /// How far down a `fraction` of the y axis lies.
    pub(super) fn height_of(&self, fraction: f64) -> f64 {
        self.bottom + fraction * (self.top - self.bottom)
    }

    fn place(&self, x: f64, y: f64) -> Option<Point> {
        let along = self.x.fraction(x)?;
        Some((self.left + along * (self.right - self.left), self.height_of(self.y.fraction(y)?)))
    }

    fn band_runs(&self, series: &Series) -> Vec<Vec<(Point, Point)>> {
        let band = series.band.iter().flatten();
        runs(band.map(|&(x, low, high)| self.place(x, low).zip(self.place(x, high))))
    }
}

/// The stretches between gaps, none of them empty.
fn runs<T>(items: impl Iterator<Item = Option<T>>) -> Vec<Vec<T>> {
    let mut runs = vec![Vec::new()];
    for item in items {
        match (item, runs.last_mut()) {
            (Some(item), Some(run)) => run.push(item),
            _ => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}
