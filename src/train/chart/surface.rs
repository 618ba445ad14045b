//! What a chart is drawn on, in pixels of the 800 × 500 SVG counted from the upper left.

use std::sync::OnceLock;

use plotters::style::text_anchor::HPos;
use plotters::style::{FontDesc, FontFamily, FontStyle, RGBColor, register_font};

use super::ChartError;

/// Width and height of a chart.
pub(super) const SIZE: (u32, u32) = (800, 500);

/// Free space along the edges.
pub(super) const MARGIN: f64 = 14.0;

/// Subpixels a side of a pixel; both outputs are drawn on this finer grid.
pub(super) const SUBPIXELS: u32 = 4;

/// DejaVu Sans by its name in an SVG; viewers without it turn to fonts as wide.
const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";

/// Ascent plus descent of DejaVu Sans in units of the font size.
///
/// Plotters' font sizes are this sum, not the customary size of the em square.
const LINE_HEIGHT: f64 = 1.164;

/// Height of a capital letter of DejaVu Sans in units of the font size.
pub(super) const CAPITAL: f64 = 0.729;

/// A place `(x, y)`, y growing downwards.
pub(super) type Point = (f64, f64);

/// Something that lines, areas and text can be drawn on.
pub(super) trait Surface {
    /// A line with round joints and ends through `points`.
    fn line(&mut self, points: &[Point], width: f64, colour: RGBColor) -> Result<(), ChartError>;

    /// The inside of a closed outline.
    fn area(&mut self, outline: &[Point], colour: RGBColor, opacity: f64)
    -> Result<(), ChartError>;

    /// A line of text whose capitals are centred on the height of `at`.
    fn text(&mut self, text: &str, style: &TextStyle, at: Point) -> Result<(), ChartError>;
}

/// How a text looks and which of its ends is placed.
#[derive(Clone, Copy)]
pub(super) struct TextStyle {
    /// Size of the em square in pixels.
    pub(super) size: f64,
    pub(super) colour: RGBColor,
    pub(super) anchor: HPos,
    /// Whether the text runs upwards.
    pub(super) upwards: bool,
}

impl TextStyle {
    /// Upright dark text, centred on where it is placed.
    pub(super) fn new(size: f64) -> Self {
        let colour = RGBColor(0x22, 0x22, 0x22);
        Self { size, colour, anchor: HPos::Center, upwards: false }
    }

    /// The same style, smaller where `text` would otherwise be wider than `available`.
    pub(super) fn fitted(self, text: &str, available: f64) -> Result<Self, ChartError> {
        let width = self.width_of(text)?;
        Ok(Self { size: self.size * (available / width.max(1.0)).min(1.0), ..self })
    }

    /// The width of `text` in pixels.
    pub(super) fn width_of(&self, text: &str) -> Result<f64, ChartError> {
        let ((left, _), (right, _)) = self.font().layout_box(text).map_err(draw_error)?;
        Ok(f64::from(right - left) / f64::from(SUBPIXELS))
    }

    /// The font on the grid of subpixels.
    pub(super) fn font(&self) -> FontDesc<'static> {
        static REGISTERED: OnceLock<()> = OnceLock::new();
        REGISTERED.get_or_init(|| {
            // A font that fails to register is reported when it is first used.
            let _ = register_font(FAMILY, FontStyle::Normal, dejavu::sans::regular());
        });
        let size = self.size * LINE_HEIGHT * f64::from(SUBPIXELS);
        FontDesc::new(FontFamily::Name(FAMILY), size, FontStyle::Normal)
    }
}

/// Wraps whatever a font or a backend reports.
pub(super) fn draw_error(error: impl std::fmt::Display) -> ChartError {
    ChartError::Draw { reason: error.to_string() }
}
