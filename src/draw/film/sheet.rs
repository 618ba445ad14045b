//! Some moments of a film beside each other, as PNG.

use std::path::{Path, PathBuf};

use resvg::tiny_skia::{Color, Pixmap, PixmapPaint, Transform};

use super::camera::Camera;
use super::error::FilmError;
use super::frame::Frame;
use super::reel::Reel;
use crate::draw::raster;
use crate::files;

/// From as many moments to one less than twice as many are shown, where there are enough.
const FEWEST: usize = 8;

const COLUMNS: usize = 4;
const GAP: u32 = 8;
const USUAL_WIDTH: u32 = 240;

/// A sheet in the making. How long the film will be is not known: one frame in so many is kept, and where they
/// become too many, every second of these.
pub(super) struct Sheet {
    path: PathBuf,
    width: Option<u32>,
    camera: Option<Camera>,
    kept: Vec<Pixmap>,
    /// One in so many frames is kept.
    stride: usize,
    count: usize,
}

impl Sheet {
    pub fn new(path: &Path, width: Option<u32>) -> Self {
        let (path, kept) = (path.to_path_buf(), Vec::new());
        Self { path, width, camera: None, kept, stride: 1, count: 0 }
    }

    fn png(&self, camera: Camera) -> Result<Vec<u8>, FilmError> {
        let [width, height] = camera.size().map(|length| length + GAP);
        let columns = self.kept.len().min(COLUMNS);
        let (x, y) = (columns as u32, self.kept.len().div_ceil(COLUMNS) as u32);
        let sheet = raster::blank(x * width + GAP, y * height + GAP);
        let mut sheet = sheet.map_err(FilmError::draw)?;
        sheet.fill(Color::WHITE);
        for (i, picture) in self.kept.iter().enumerate() {
            let place = |i: usize, length: u32| (GAP + i as u32 * length) as i32;
            let (x, y) = (place(i % COLUMNS, width), place(i / COLUMNS, height));
            let (paint, as_it_is) = (PixmapPaint::default(), Transform::identity());
            sheet.draw_pixmap(x, y, picture.as_ref(), &paint, as_it_is, None);
        }
        raster::encode(sheet).map_err(FilmError::draw)
    }
}

impl Reel for Sheet {
    fn add(&mut self, frame: Frame) -> Result<(), FilmError> {
        let width = self.width.or(Some(USUAL_WIDTH));
        let camera = *self.camera.get_or_insert_with(|| Camera::new(&frame, width));
        if self.count.is_multiple_of(self.stride) {
            if self.kept.len() == 2 * FEWEST - 1 {
                let mut even = [true, false].into_iter().cycle();
                self.kept.retain(|_| even.next().unwrap_or_default());
                self.stride *= 2;
            }
            if self.count.is_multiple_of(self.stride) {
                self.kept.push(camera.shoot(&frame.view, &format!("step {}", frame.step))?);
            }
        }
        self.count += 1;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), FilmError> {
        let Some(camera) = self.camera else { return Ok(()) };
        let bytes = self.png(camera)?;
        files::write_whole(&self.path, &bytes).map_err(FilmError::write(&self.path))
    }
}
