//! Where the parts of a chart go.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::axis::{Axis, Tick};
use super::plot::Plot;
use super::surface::{MARGIN, Point, SIZE, Surface, TextStyle};
use super::{Chart, ChartError, Scale, legend};

const GRID: RGBColor = RGBColor(0xE6, 0xE6, 0xE6);
const FRAME: RGBColor = RGBColor(0x80, 0x80, 0x80);

const TITLE_SIZE: f64 = 22.0;
const LABEL_SIZE: f64 = 16.0;
const TICK_SIZE: f64 = 14.0;

/// Height of a line of text in units of its size.
const LEADING: f64 = 1.3;

/// Free space between an axis and its labels.
const GAP: f64 = 8.0;

/// Share of the y range left free above and below the data.
const HEADROOM: f64 = 0.05;

/// Share of the x axis that its labels may fill before there are too many of them.
const CROWDED: f64 = 0.75;

/// The number of ticks an axis should have if they fit.
const TICKS: usize = 8;

/// Draws `chart` on `surface`, from the back to the front.
pub(super) fn draw(chart: &Chart, surface: &mut impl Surface) -> Result<(), ChartError> {
    let (width, height) = (f64::from(SIZE.0), f64::from(SIZE.1));
    let canvas = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)];
    surface.area(&canvas, RGBColor(0xFF, 0xFF, 0xFF), 1.0)?;

    let top = draw_title(&chart.title, surface)?;
    let top = legend::draw(chart, top, surface)?;
    let frame = Frame::new(chart, top + GAP)?;
    frame.draw(chart, surface)?;
    frame.plot.draw(chart, surface)
}

/// Draws the title and returns where it ends.
fn draw_title(title: &str, surface: &mut impl Surface) -> Result<f64, ChartError> {
    if title.is_empty() {
        return Ok(MARGIN);
    }
    let width = f64::from(SIZE.0);
    let style = TextStyle::new(TITLE_SIZE).fitted(title, width - 2.0 * MARGIN)?;
    let height = TITLE_SIZE * LEADING;
    surface.text(title, &style, (width / 2.0, MARGIN + height / 2.0))?;
    Ok(MARGIN + height)
}

/// The plot and the text around it.
struct Frame {
    plot: Plot,
    x_ticks: Vec<Tick>,
    y_ticks: Vec<Tick>,
}

impl Frame {
    fn new(chart: &Chart, top: f64) -> Result<Self, ChartError> {
        let style = TextStyle::new(TICK_SIZE);
        let (x, y) = axes(chart);

        let y_ticks = y.ticks(TICKS);
        let mut widest: f64 = 0.0;
        for tick in &y_ticks {
            widest = widest.max(style.width_of(&tick.label)?);
        }
        let left = MARGIN + label_height(&chart.y_label) + widest + GAP;
        let right = f64::from(SIZE.0) - MARGIN;
        let bottom =
            f64::from(SIZE.1) - MARGIN - label_height(&chart.x_label) - TICK_SIZE * LEADING - GAP;

        let (x_ticks, overhang) = uncrowded(&x, right - left, style)?;
        let right = (right - overhang).max(left + 1.0);
        Ok(Self { plot: Plot { x, y, left, right, top, bottom }, x_ticks, y_ticks })
    }

    fn draw(&self, chart: &Chart, surface: &mut impl Surface) -> Result<(), ChartError> {
        let Plot { left, right, top, bottom, .. } = self.plot;
        let style = TextStyle::new(TICK_SIZE);

        for tick in &self.y_ticks {
            let y = self.plot.height_of(tick.fraction);
            surface.line(&[(left, y), (right, y)], 1.0, GRID)?;
            let flush_right = TextStyle { anchor: HPos::Right, ..style };
            surface.text(&tick.label, &flush_right, (left - GAP, y))?;
        }
        let baseline = bottom + GAP + TICK_SIZE * LEADING / 2.0;
        for tick in &self.x_ticks {
            let x = left + tick.fraction * (right - left);
            surface.line(&[(x, top), (x, bottom)], 1.0, GRID)?;
            surface.text(&tick.label, &style, (x, baseline))?;
        }
        surface.line(&[(left, top), (left, bottom), (right, bottom)], 1.0, FRAME)?;

        let style = TextStyle::new(LABEL_SIZE);
        let inset = MARGIN + LABEL_SIZE / 2.0;
        let below: Point = ((left + right) / 2.0, f64::from(SIZE.1) - inset);
        let fitted = style.fitted(&chart.x_label, right - left)?;
        surface.text(&chart.x_label, &fitted, below)?;
        let beside: Point = (inset, (top + bottom) / 2.0);
        let fitted = style.fitted(&chart.y_label, bottom - top)?;
        surface.text(&chart.y_label, &TextStyle { upwards: true, ..fitted }, beside)
    }
}

fn label_height(label: &str) -> f64 {
    if label.is_empty() { 0.0 } else { LABEL_SIZE * LEADING + GAP }
}

/// As many ticks as fit into `length`, and how far the label of the last one sticks out.
fn uncrowded(axis: &Axis, length: f64, style: TextStyle) -> Result<(Vec<Tick>, f64), ChartError> {
    let mut wanted = TICKS;
    loop {
        let ticks = axis.ticks(wanted);
        let (mut total, mut overhang) = (0.0, 0.0_f64);
        for tick in &ticks {
            let width = style.width_of(&tick.label)?;
            total += width;
            overhang = overhang.max(width / 2.0 - (1.0 - tick.fraction) * length);
        }
        if wanted == 1 || total <= CROWDED * length {
            return Ok((ticks, overhang));
        }
        wanted -= 1;
    }
}

/// The axes that hold everything in the chart that can be drawn at all.
fn axes(chart: &Chart) -> (Axis, Axis) {
    let points = chart.series.iter().flat_map(|series| {
        let band = series.band.iter().flatten();
        let edges = band.flat_map(|&(x, low, high)| [(x, low), (x, high)]);
        series.points.iter().copied().chain(edges)
    });
    let references = chart.references.iter().map(|reference| reference.y);
    // A point that lacks one of its coordinates must not stretch the axis of the other.
    let shown = points.filter(|&(x, y)| Scale::Linear.has_place(x) && chart.y_scale.has_place(y));
    let x = Axis::covering(Scale::Linear, shown.clone().map(|(x, _)| x), 0.0);
    let y = Axis::covering(chart.y_scale, shown.map(|(_, y)| y).chain(references), HEADROOM);
    (x, y)
}
