//! Charts as PNG.
//!
//! Plotters' bitmap backend neither smooths lines wider than a pixel nor survives their sharp
//! turns, so pixels are computed here: lines from the distance to their segments, areas by the
//! even–odd rule, both on a grid twice as fine as the image, which is then averaged.

use std::convert::Infallible;
use std::io;
use std::path::Path;

use plotters::backend::{BitMapBackend, DrawingBackend};
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::surface::{CAPITAL, Point, SIZE, SUBPIXELS, Surface, TextStyle, draw_error};
use super::{Chart, ChartError, layout};

/// Size of the fine grid.
const FINE: (usize, usize) = ((SIZE.0 * SUBPIXELS) as usize, (SIZE.1 * SUBPIXELS) as usize);

/// Points of the fine grid to a side of a pixel of the image.
const REDUCTION: usize = 2;

/// The chart as an image.
pub(super) fn render(chart: &Chart) -> Result<Image, ChartError> {
    let mut raster = Raster { pixels: vec![[255.0; 3]; FINE.0 * FINE.1] };
    layout::draw(chart, &mut raster)?;
    Ok(raster.reduced())
}

/// An image of three bytes a pixel.
pub(super) struct Image {
    size: (u32, u32),
    bytes: Vec<u8>,
}

impl Image {
    /// Writes the image to a file that ends in `.png`.
    pub(super) fn encode(&self, path: &Path) -> io::Result<()> {
        /// The last chunk of every PNG.
        const END: &[u8] = b"IEND\xaeB\x60\x82";
        let mut backend = BitMapBackend::new(path, self.size);
        backend
            .blit_bitmap((0, 0), self.size, &self.bytes)
            .and_then(|()| backend.present())
            .map_err(io::Error::other)?;
        // The encoder drops the error of its last write.
        if !std::fs::read(path)?.ends_with(END) {
            return Err(io::Error::new(io::ErrorKind::WriteZero, "the file was cut short"));
        }
        Ok(())
    }
}

struct Raster {
    pixels: Vec<[f32; 3]>,
}

impl Raster {
    fn blend(&mut self, (x, y): (i64, i64), RGBColor(red, green, blue): RGBColor, opacity: f64) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
        if x >= FINE.0 || y >= FINE.1 || opacity <= 0.0 {
            return;
        }
        let opacity = opacity.min(1.0) as f32;
        let pixel = &mut self.pixels[y * FINE.0 + x];
        for (channel, colour) in pixel.iter_mut().zip([red, green, blue]) {
            *channel += opacity * (f32::from(colour) - *channel);
        }
    }

    /// All points within `radius` of the segment from `a` to `b`, with a soft edge.
    fn segment(&mut self, a: Point, b: Point, radius: f64, colour: RGBColor) {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let reach = radius + 1.0;
        let first = (a.1.min(b.1) - reach).floor() as i64;
        let last = (a.1.max(b.1) + reach).ceil() as i64;
        for row in first..=last {
            let y = row as f64 + 0.5;
            // Only the piece of the segment within reach of this row matters to it.
            let [from, to] = [y - reach, y + reach].map(|edge| {
                let share = if dy == 0.0 { f64::from(edge > a.1) } else { (edge - a.1) / dy };
                a.0 + share.clamp(0.0, 1.0) * dx
            });
            let first = (from.min(to) - reach).floor() as i64;
            let last = (from.max(to) + reach).ceil() as i64;
            for column in first..=last {
                let (px, py) = (column as f64 + 0.5 - a.0, y - a.1);
                let along = (px * dx + py * dy) / (dx * dx + dy * dy).max(f64::MIN_POSITIVE);
                let along = along.clamp(0.0, 1.0);
                let distance = (px - along * dx).hypot(py - along * dy);
                self.blend((column, row), colour, radius + 0.5 - distance);
            }
        }
    }

    fn reduced(&self) -> Image {
        let size = (FINE.0 / REDUCTION, FINE.1 / REDUCTION);
        let mut bytes = Vec::with_capacity(size.0 * size.1 * 3);
        for y in 0..size.1 {
            for x in 0..size.0 {
                for channel in 0..3 {
                    let cell = (0..REDUCTION * REDUCTION).map(|i| {
                        let (dx, dy) = (i % REDUCTION, i / REDUCTION);
                        self.pixels[(y * REDUCTION + dy) * FINE.0 + x * REDUCTION + dx][channel]
                    });
                    let mean = cell.sum::<f32>() / (REDUCTION * REDUCTION) as f32;
                    bytes.push(mean.round() as u8);
                }
            }
        }
        Image { size: (size.0 as u32, size.1 as u32), bytes }
    }
}

impl Surface for Raster {
    fn line(&mut self, points: &[Point], width: f64, colour: RGBColor) -> Result<(), ChartError> {
        let radius = width * f64::from(SUBPIXELS) / 2.0;
        let fine: Vec<_> = points.iter().copied().map(on_grid).collect();
        if let [point] = fine[..] {
            self.segment(point, point, radius, colour);
        }
        for pair in fine.windows(2) {
            self.segment(pair[0], pair[1], radius, colour);
        }
        Ok(())
    }

    fn area(
        &mut self,
        outline: &[Point],
        colour: RGBColor,
        opacity: f64,
    ) -> Result<(), ChartError> {
        let fine: Vec<_> = outline.iter().copied().map(on_grid).collect();
        let mut crossings = vec![Vec::new(); FINE.1];
        for (&a, &b) in fine.iter().zip(fine.iter().cycle().skip(1)) {
            let (upper, lower) = if a.1 < b.1 { (a, b) } else { (b, a) };
            // The casts saturate, so nothing above or below the grid is visited.
            let [start, end] = [upper, lower].map(|p| ((p.1 - 0.5).ceil() as usize).min(FINE.1));
            for (row, crossings) in (start..).zip(&mut crossings[start..end]) {
                let share = (row as f64 + 0.5 - upper.1) / (lower.1 - upper.1);
                crossings.push(upper.0 + share * (lower.0 - upper.0));
            }
        }
        for (row, crossings) in crossings.iter_mut().enumerate() {
            crossings.sort_by(f64::total_cmp);
            for inside in crossings.chunks_exact(2) {
                let columns = (inside[0] - 0.5).ceil() as i64..(inside[1] - 0.5).ceil() as i64;
                for column in columns {
                    self.blend((column, row as i64), colour, opacity);
                }
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str, style: &TextStyle, at: Point) -> Result<(), ChartError> {
        let font = style.font();
        let scale = f64::from(SUBPIXELS);
        let shift = match style.anchor {
            HPos::Left => 0.0,
            HPos::Center => -style.width_of(text)? * scale / 2.0,
            HPos::Right => -style.width_of(text)? * scale,
        };
        // Plotters sets the baseline half a line below the place it is given.
        let lift = style.size * scale * CAPITAL / 2.0 - font.get_size() / 2.0;
        let at = on_grid(at);
        let drawn = font.draw(text, (0, 0), |x, y, coverage| {
            let (along, down) = (f64::from(x) + shift, f64::from(y) + lift);
            let (x, y) = if style.upwards { (down, -along) } else { (along, down) };
            let place = ((at.0 + x).floor() as i64, (at.1 + y).floor() as i64);
            self.blend(place, style.colour, f64::from(coverage));
            Ok::<(), Infallible>(())
        });
        drawn.map(|_| ()).map_err(draw_error)
    }
}

fn on_grid((x, y): Point) -> Point {
    (x * f64::from(SUBPIXELS), y * f64::from(SUBPIXELS))
}
