//! Charts as SVG.

use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{Pos, VPos};
use plotters::style::{Color, FontTransform, RGBColor, ShapeStyle};

use super::surface::{CAPITAL, Point, SIZE, SUBPIXELS, Surface, TextStyle, draw_error};
use super::{Chart, ChartError, layout};

/// Height of an `x` of DejaVu Sans in units of the font size.
const SMALL: f64 = 0.547;

/// Plotters writes an SVG font size of 1 / 1.24 of its own; this undoes it for our sizes.
const FONT_SCALE: f64 = 1.24;

/// The chart as the text of an SVG file.
pub(super) fn render(chart: &Chart) -> Result<String, ChartError> {
    let mut text = String::new();
    let canvas = (SIZE.0 * SUBPIXELS, SIZE.1 * SUBPIXELS);
    let mut vector = Vector { backend: SVGBackend::with_string(&mut text, canvas) };
    layout::draw(chart, &mut vector)?;
    vector.backend.present().map_err(draw_error)?;
    drop(vector);

    // Plotters knows whole coordinates only. The view box keeps the finer grid while the picture
    // takes its intended size; all lines inherit the round joints.
    let from = format!("width=\"{}\" height=\"{}\"", canvas.0, canvas.1);
    let to = format!(
        "width=\"{}\" height=\"{}\" stroke-linejoin=\"round\" stroke-linecap=\"round\"",
        SIZE.0, SIZE.1
    );
    Ok(text.replacen(&from, &to, 1))
}

struct Vector<'a> {
    backend: SVGBackend<'a>,
}

impl Surface for Vector<'_> {
    fn line(&mut self, points: &[Point], width: f64, colour: RGBColor) -> Result<(), ChartError> {
        let width = (width * f64::from(SUBPIXELS)).round() as u32;
        let style = ShapeStyle::from(colour).stroke_width(width);
        self.backend.draw_path(path(points), &style).map_err(draw_error)
    }

    fn area(
        &mut self,
        outline: &[Point],
        colour: RGBColor,
        opacity: f64,
    ) -> Result<(), ChartError> {
        let style = colour.mix(opacity).filled();
        self.backend.fill_polygon(path(outline), &style).map_err(draw_error)
    }

    fn text(&mut self, text: &str, style: &TextStyle, at: Point) -> Result<(), ChartError> {
        let turn = if style.upwards { FontTransform::Rotate270 } else { FontTransform::None };
        let size = style.size * FONT_SCALE * f64::from(SUBPIXELS);
        let font = style.font().resize(size).transform(turn).color(&style.colour);
        // `VPos::Center` puts the middle of the small letters here.
        let drop = style.size * (CAPITAL - SMALL) / 2.0;
        let at = if style.upwards { (at.0 + drop, at.1) } else { (at.0, at.1 + drop) };
        let anchored = font.pos(Pos::new(style.anchor, VPos::Center));
        let text = text.replace(is_outside_xml, " ");
        self.backend.draw_text(&text, &anchored, on_grid(at)).map_err(draw_error)
    }
}

/// Whether XML has no way to write `c`, not even escaped; plotters escapes the others.
fn is_outside_xml(c: char) -> bool {
    c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')
}

fn on_grid((x, y): Point) -> (i32, i32) {
    let [x, y] = [x, y].map(|length| (length * f64::from(SUBPIXELS)).round() as i32);
    (x, y)
}

/// Points closer than the grid fall together; written once, they keep the file small.
fn path(points: &[Point]) -> Vec<(i32, i32)> {
    let mut path: Vec<_> = points.iter().copied().map(on_grid).collect();
    path.dedup();
    // A lone point needs a second one to be drawn as a dot.
    if let [point] = path[..] {
        path.push(point);
    }
    path
}
