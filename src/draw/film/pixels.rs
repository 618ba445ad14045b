//! Frames as pixels.

use resvg::tiny_skia::{Color, FilterQuality, Pixmap, PixmapPaint, Transform};

use super::camera::Camera;
use super::error::FilmError;
use super::svg;
use crate::draw::raster;
use crate::env::{Pixels, View};

impl Camera {
    /// The frame, with this caption.
    pub fn shoot(self, view: &View, caption: &str) -> Result<Pixmap, FilmError> {
        let [width, height] = self.size();
        let mut pixmap = raster::blank(width, height).map_err(FilmError::draw)?;
        pixmap.fill(Color::WHITE);
        match view {
            View::Scene(scene) => {
                let still = svg::still(scene, self);
                raster::draw(&still, [0.0; 2], &mut pixmap).map_err(FilmError::draw)?;
            }
            View::Pixels(pixels) => self.copy(pixels, &mut pixmap)?,
        }
        let (caption, y) = (svg::caption(caption, self), self.height as f32);
        raster::draw(&caption, [0.0, y], &mut pixmap).map_err(FilmError::draw)?;
        Ok(pixmap)
    }

    /// Lays pixels onto the picture, larger or smaller where need be.
    fn copy(self, pixels: &Pixels, pixmap: &mut Pixmap) -> Result<(), FilmError> {
        let size = [pixels.width, pixels.height].map(|x| u32::try_from(x).unwrap_or(u32::MAX));
        let mut source = raster::blank(size[0], size[1]).map_err(FilmError::draw)?;
        let places = source.data_mut().as_chunks_mut::<4>().0;
        for (place, &[r, g, b]) in places.iter_mut().zip(pixels.rgb.as_chunks().0) {
            *place = [r, g, b, u8::MAX];
        }
        let [x, y] = [(self.width, size[0]), (self.height, size[1])]
            .map(|(wanted, found)| wanted as f32 / found as f32);
        let quality = match [x, y] {
            [1.0, 1.0] => FilterQuality::Nearest,
            _ => FilterQuality::Bilinear,
        };
        let paint = PixmapPaint { quality, ..PixmapPaint::default() };
        let place = Transform::from_scale(x, y);
        pixmap.draw_pixmap(0, 0, source.as_ref(), &paint, place, None);
        Ok(())
    }
}

/// The pixels of a picture that nothing shines through.
pub(super) fn rgb(pixmap: &Pixmap) -> impl Iterator<Item = [u8; 3]> {
    pixmap.data().as_chunks().0.iter().map(|&[r, g, b, _]| [r, g, b])
}
