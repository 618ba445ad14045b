//! The legend: rows between title and plot, where they cannot hide data.

use plotters::style::text_anchor::HPos;

use super::plot::{LINE_WIDTH, Stroke};
use super::surface::{MARGIN, SIZE, Surface, TextStyle};
use super::{Chart, ChartError};

const TEXT_SIZE: f64 = 14.0;
const ROW_HEIGHT: f64 = 22.0;

/// Length of the piece of line that stands for a series.
const SWATCH: f64 = 34.0;
const SWATCH_GAP: f64 = 8.0;
const ENTRY_GAP: f64 = 24.0;

/// More entries than this are only counted; they would leave no room for the plot.
const MOST_ENTRIES: usize = 12;

struct Entry {
    label: String,
    style: TextStyle,
    width: f64,
    stroke: Option<Stroke>,
}

impl Entry {
    fn new(label: String, stroke: Option<Stroke>) -> Result<Self, ChartError> {
        let swatch = if stroke.is_some() { SWATCH + SWATCH_GAP } else { 0.0 };
        let available = f64::from(SIZE.0) - 2.0 * MARGIN - swatch;
        let style = TextStyle::new(TEXT_SIZE).fitted(&label, available)?;
        let style = TextStyle { anchor: HPos::Left, ..style };
        let width = swatch + style.width_of(&label)?;
        Ok(Self { label, style, width, stroke })
    }
}

/// Draws the legend below `top`, if the chart needs one, and returns where it ends.
pub(super) fn draw(chart: &Chart, top: f64, surface: &mut impl Surface) -> Result<f64, ChartError> {
    let mut y = top;
    for row in rows(entries(chart)?) {
        let gaps = ENTRY_GAP * (row.len() - 1) as f64;
        let total = row.iter().map(|entry| entry.width).sum::<f64>() + gaps;
        let mut x = (f64::from(SIZE.0) - total) / 2.0;
        for entry in row {
            let middle = y + ROW_HEIGHT / 2.0;
            let end = x + entry.width;
            if let Some(stroke) = entry.stroke {
                stroke.horizontal(x, x + SWATCH, middle, LINE_WIDTH, surface)?;
                x += SWATCH + SWATCH_GAP;
            }
            surface.text(&entry.label, &entry.style, (x, middle))?;
            x = end + ENTRY_GAP;
        }
        y += ROW_HEIGHT;
    }
    Ok(y)
}

/// One entry for each named line; none for a single series, which the title names.
fn entries(chart: &Chart) -> Result<Vec<Entry>, ChartError> {
    let series = chart.series.iter().enumerate().map(|(i, s)| (&s.label, Stroke::of_series(i)));
    let references =
        chart.references.iter().enumerate().map(|(i, r)| (&r.label, Stroke::of_reference(i)));
    let named: Vec<_> = series.chain(references).filter(|(label, _)| !label.is_empty()).collect();
    if named.len() < 2 && chart.references.is_empty() {
        return Ok(Vec::new());
    }

    // A note in place of one entry would save nothing.
    let listed = if named.len() > MOST_ENTRIES { MOST_ENTRIES - 1 } else { named.len() };
    let mut entries = named[..listed]
        .iter()
        .map(|&(label, stroke)| Entry::new(label.clone(), Some(stroke)))
        .collect::<Result<Vec<_>, _>>()?;
    if listed < named.len() {
        entries.push(Entry::new(format!("and {} more", named.len() - listed), None)?);
    }
    Ok(entries)
}

/// Breaks the entries into rows, none of them empty, that fit the width of the chart.
fn rows(entries: Vec<Entry>) -> Vec<Vec<Entry>> {
    let available = f64::from(SIZE.0) - 2.0 * MARGIN;
    let mut rows: Vec<Vec<Entry>> = Vec::new();
    let mut used = 0.0;
    for entry in entries {
        let extended = used + ENTRY_GAP + entry.width;
        match rows.last_mut() {
            Some(row) if extended <= available => {
                used = extended;
                row.push(entry);
            }
            _ => {
                used = entry.width;
                rows.push(vec![entry]);
            }
        }
    }
    rows
}
