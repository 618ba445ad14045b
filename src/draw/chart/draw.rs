//! Charts as SVG: title, legend row and plot, one chart above the other.

use std::io;
use std::iter::once;
use std::sync::OnceLock;

use plotters::coord::Shift;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::register_font;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::Axis;
use super::data::{Chart, Marks};

/// Plotters draws at whole coordinates, so the canvas is ten times finer than the SVG is large;
/// all lengths below are tenths of a pixel.
const WIDTH: u32 = 8000;
/// The height of a single chart.
const HEIGHT: u32 = 5000;
/// The height of each of several.
const STACKED_HEIGHT: u32 = 3800;
const MARGIN: i32 = 140;
/// Room for half of the last label of the x axis.
const RIGHT: i32 = 350;
const GAP: i32 = 80;

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
const GRID: RGBColor = RGBColor(0xE6, 0xE6, 0xE6);
const FRAME: RGBColor = RGBColor(0x80, 0x80, 0x80);
const TEXT: RGBColor = RGBColor(0x22, 0x22, 0x22);
const REFERENCE: RGBColor = RGBColor(0x44, 0x44, 0x44);

/// Dash and gap of the first reference, the second, …
const DASHES: [(i32, i32); 3] = [(70, 60), (10, 50), (150, 60)];
const SOLID: (i32, i32) = (i32::MAX, 1);

const TITLE_SIZE: f64 = 220.0;
const LABEL_SIZE: f64 = 160.0;
const TICK_SIZE: f64 = 140.0;
const ROW_HEIGHT: i32 = 220;
const SWATCH: i32 = 340;
/// The radius of a mark.
const MARK: i32 = 50;

/// More legend entries than this would leave no room for the plot.
const MOST_ENTRIES: usize = 12;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn<T = ()> = Result<T, DrawingAreaErrorKind<io::Error>>;

/// The charts as the text of an SVG file.
pub(super) fn svg(charts: &[Chart]) -> Drawn<String> {
    let height = match charts.len() {
        0 | 1 => HEIGHT,
        several => STACKED_HEIGHT * several as u32,
    };
    let mut text = String::new();
    let canvas = SVGBackend::with_string(&mut text, (WIDTH, height)).into_drawing_area();
    canvas.fill(&WHITE)?;
    let areas = canvas.split_evenly((charts.len().max(1), 1));
    charts.iter().zip(&areas).try_for_each(|(chart, area)| draw(chart, area))?;
    canvas.present()?;
    drop((areas, canvas));

    let [wide, high] = [WIDTH, height].map(|length| length / 10);
    let size = format!("width=\"{WIDTH}\" height=\"{height}\"");
    let round = "stroke-linejoin=\"round\" stroke-linecap=\"round\"";
    let text = text.replacen(&size, &format!("width=\"{wide}\" height=\"{high}\" {round}"), 1);
    // Plotters centres small letters, but ticks are as tall as capitals.
    let text = text.replace("dy=\"0.5ex\"", "dy=\"0.36em\"");
    // XML has no way to write these, not even escaped.
    let forbidden = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{fffe}' | '\u{ffff}');
    Ok(text.replace(forbidden, " "))
}

fn draw(chart: &Chart, area: &Area<'_>) -> Drawn {
    let mut area = area.margin(MARGIN, MARGIN, MARGIN, RIGHT);
    if !chart.title.is_empty() {
        let width = area.estimate_text_size(&chart.title, &style(TITLE_SIZE))?.0;
        let fit = f64::from(area.dim_in_pixel().0) / f64::from(width.max(1));
        area = area.titled(&chart.title, style(TITLE_SIZE * fit.min(1.0)))?;
    }
    let area = draw_legend(chart, area)?;
    draw_plot(chart, &area)
}

/// Draws the legend at the top of `area`, if the chart needs one, and returns what is left.
fn draw_legend<'a>(chart: &Chart, area: Area<'a>) -> Drawn<Area<'a>> {
    let series = chart.series.iter().enumerate().map(|(i, s)| (&s.label, line(i), Some(SOLID)));
    let marks = marks(chart).map(|(marks, style)| (&marks.label, style, None));
    let references = chart.references.iter().enumerate();
    let references = references.map(|(i, r)| (&r.label, dashed(), Some(dash(i))));
    let all = series.chain(marks).chain(references);
    let mut entries = Vec::new();
    for entry in all.filter(|e| !e.0.is_empty()).take(MOST_ENTRIES) {
        entries.push((width_of(entry.0, &area)? + SWATCH + 4 * GAP, entry));
    }
    // The title says enough about a single series.
    if entries.len() < 2 && chart.references.is_empty() && chart.marks.is_empty() {
        return Ok(area);
    }

    let available = area.dim_in_pixel().0 as i32 + 3 * GAP;
    let total: i32 = entries.iter().map(|entry| entry.0).sum();
    let (mut x, mut y) = (((available - total) / 2).max(0), ROW_HEIGHT / 2);
    for (width, (label, colour, dashes)) in entries {
        if x > 0 && x + width > available {
            (x, y) = (0, y + ROW_HEIGHT);
        }
        match dashes {
            Some((dash, gap)) => {
                let ends = [(x, y), (x + SWATCH, y)];
                area.draw(&DashedPathElement::new(ends, dash, gap, colour))?;
            }
            None => area.draw(&Circle::new((x + SWATCH / 2, y), MARK, colour))?,
        }
        let style = style(TICK_SIZE).pos(Pos::new(HPos::Left, VPos::Center));
        area.draw_text(label, &style, (x + SWATCH + GAP, y))?;
        x += width;
    }
    Ok(area.split_vertically(y + ROW_HEIGHT / 2).1)
}

fn draw_plot(chart: &Chart, area: &Area<'_>) -> Drawn {
    let (x, y) = axes(chart);
    let mut widest = 0;
    for label in y.labels() {
        widest = widest.max(width_of(&label, area)?);
    }
    let mut plot = ChartBuilder::on(area)
        .margin_top(GAP)
        .x_label_area_size((LABEL_SIZE + TICK_SIZE) as i32 + 2 * GAP)
        .y_label_area_size(LABEL_SIZE as i32 + 2 * GAP + widest)
        .build_cartesian_2d(x.clone(), y.clone())?;
    plot.configure_mesh()
        .bold_line_style(GRID.stroke_width(10))
        .axis_style(TRANSPARENT)
        .set_all_tick_mark_size(GAP / 2)
        .label_style(style(TICK_SIZE))
        .axis_desc_style(style(LABEL_SIZE))
        .x_desc(&chart.x_label)
        .y_desc(&chart.y_label)
        .draw()?;
    let (x, y) = (x.range(), y.range());
    let frame = vec![(x.start, y.end), (x.start, y.start), (x.end, y.start)];
    plot.draw_series(once(PathElement::new(frame, FRAME.stroke_width(10))))?;

    // All bands before all lines, so that no band veils a line.
    let shown = |x, y| chart.x_scale.has_place(x) && chart.y_scale.has_place(y);
    let mut empty = true;
    for (i, series) in chart.series.iter().enumerate() {
        let band = series.band.as_deref().unwrap_or_default();
        for run in runs(band, |&(x, low, high)| shown(x, low) && shown(x, high)) {
            let low = run.iter().map(|&(x, low, _)| (x, low));
            let high = run.iter().rev().map(|&(x, _, high)| (x, high));
            let outline: Vec<_> = low.chain(high).collect();
            match run {
                // It has no width, and is all there is to be seen of the interval.
                [_] => plot.draw_series(once(PathElement::new(outline, line(i))))?,
                _ => plot.draw_series(once(Polygon::new(outline, line(i).color.mix(0.2))))?,
            };
            empty = false;
        }
    }
    for (i, series) in chart.series.iter().enumerate() {
        for run in runs(&series.points, |&(x, y)| shown(x, y)) {
            match *run {
                [point] => plot.draw_series(once(Circle::new(point, 30, line(i).filled())))?,
                _ => plot.draw_series(LineSeries::new(run.iter().copied(), line(i)))?,
            };
            empty = false;
        }
    }
    for (marks, style) in marks(chart) {
        let points: Vec<_> = marks.points.iter().filter(|&&(x, y)| shown(x, y)).collect();
        empty &= points.is_empty();
        plot.draw_series(points.iter().map(|&&point| Circle::new(point, MARK, style)))?;
    }
    for (i, reference) in chart.references.iter().enumerate() {
        if chart.y_scale.has_place(reference.y) {
            let ends = [(x.start, reference.y), (x.end, reference.y)];
            plot.draw_series(DashedLineSeries::new(ends, dash(i).0, dash(i).1, dashed()))?;
        }
    }
    if empty {
        let inside = plot.plotting_area().strip_coord_spec();
        let (wide, high) = inside.dim_in_pixel();
        let style = style(LABEL_SIZE).pos(Pos::new(HPos::Center, VPos::Center));
        inside.draw_text("no data", &style, (wide as i32 / 2, high as i32 / 2))?;
    }
    Ok(())
}

/// The axes that hold everything in the chart that can be drawn at all.
fn axes(chart: &Chart) -> (Axis, Axis) {
    let points = chart.series.iter().flat_map(|series| {
        let band = series.band.iter().flatten();
        let edges = band.flat_map(|&(x, low, high)| [(x, low), (x, high)]);
        series.points.iter().copied().chain(edges)
    });
    let points = points.chain(chart.marks.iter().flat_map(|marks| marks.points.iter().copied()));
    // A point that lacks one of its coordinates must not stretch the axis of the other.
    let shown = points.filter(|&(x, y)| chart.x_scale.has_place(x) && chart.y_scale.has_place(y));
    let levels = chart.references.iter().map(|reference| reference.y);
    let x = Axis::new(chart.x_scale, shown.clone().map(|(x, _)| x), 0.0);
    (x, Axis::new(chart.y_scale, shown.map(|(_, y)| y).chain(levels), 0.05))
}

/// The stretches of `items` between those that cannot be shown, none of them empty.
fn runs<T>(items: &[T], shown: impl Fn(&T) -> bool) -> impl Iterator<Item = &[T]> {
    items.split(move |item| !shown(item)).filter(|run| !run.is_empty())
}

/// The marks with their colours, which come after those of the series.
fn marks(chart: &Chart) -> impl Iterator<Item = (&Marks, ShapeStyle)> {
    let colours = (chart.series.len()..).map(|i| line(i).filled());
    chart.marks.iter().zip(colours)
}

fn line(index: usize) -> ShapeStyle {
    PALETTE[index % PALETTE.len()].stroke_width(20)
}

fn dashed() -> ShapeStyle {
    REFERENCE.stroke_width(15)
}

fn dash(index: usize) -> (i32, i32) {
    DASHES[index % DASHES.len()]
}

/// Text whose em square has this size.
fn style(size: f64) -> TextStyle<'static> {
    // DejaVu Sans by its name in an SVG; viewers without it turn to fonts as wide.
    const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    REGISTERED
        .get_or_init(|| register_font(FAMILY, FontStyle::Normal, dejavu::sans::regular()).is_ok());
    // Plotters writes an SVG font size of 1 / 1.24 of its own.
    FontDesc::new(FontFamily::Name(FAMILY), size * 1.24, FontStyle::Normal).color(&TEXT)
}

/// The width of `text` as a tick label or legend entry.
fn width_of(text: &str, area: &Area<'_>) -> Drawn<i32> {
    Ok(area.estimate_text_size(text, &style(TICK_SIZE))?.0 as i32)
}
