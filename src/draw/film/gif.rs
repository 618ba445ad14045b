//! A film as GIF.
//!
//! Every colour is one of 4096, four bits for red, green and blue each, to which all of a scene's own belong; a palette
//! takes up the first 255 of them that occur, and later ones become the nearest of these. Of a frame only the rectangle
//! is kept in which something has changed, with what has not changed transparent, so that it packs well.

use std::path::{Path, PathBuf};

use ::gif::{DisposalMethod, Encoder, EncodingError, Frame as GifFrame, Repeat};
use resvg::tiny_skia::Pixmap;

use super::camera::Camera;
use super::error::FilmError;
use super::frame::Frame;
use super::pixels::rgb;
use super::reel::{HOLD, Reel};
use crate::files;

/// Frames are timed in hundredths of a second.
const TICKS: f64 = 100.0;

/// The index of what has not changed.
const TRANSPARENT: u8 = 0;

/// A GIF in the making.
pub(super) struct Gif {
    path: PathBuf,
    width: Option<u32>,
    fps: f64,
    camera: Option<Camera>,
    palette: Palette,
    /// The picture as it is shown now, row by row.
    shown: Vec<u8>,
    frames: Vec<GifFrame<'static>>,
    /// How many frames came, those included in which nothing changed.
    count: u32,
}

impl Gif {
    pub fn new(path: &Path, width: Option<u32>, fps: f64) -> Self {
        let (shown, frames) = (Vec::new(), Vec::new());
        let (path, palette) = (path.to_path_buf(), Palette::new());
        Self { path, width, fps, camera: None, palette, shown, frames, count: 0 }
    }

    /// What has changed, packed; nothing if nothing has.
    fn change(&mut self, picture: &Pixmap) -> Option<GifFrame<'static>> {
        let now: Vec<u8> = rgb(picture).map(|colour| self.palette.index(colour)).collect();
        let width = picture.width() as usize;
        let first = self.shown.is_empty();
        if first {
            self.shown = vec![TRANSPARENT; now.len()];
        }
        let [left, top, right, bottom] = changed(&self.shown, &now, width)?;
        let mut buffer = Vec::with_capacity((right - left) * (bottom - top));
        for y in top..bottom {
            let row = y * width + left..y * width + right;
            let pixels = self.shown[row.clone()].iter().zip(&now[row]);
            buffer.extend(pixels.map(|(was, is)| if was == is { TRANSPARENT } else { *is }));
        }
        self.shown = now;
        let [left, top, width, height] = [left, top, right - left, bottom - top].map(|x| x as u16);
        let mut frame = GifFrame {
            dispose: DisposalMethod::Keep,
            transparent: (!first).then_some(TRANSPARENT),
            left,
            top,
            width,
            height,
            buffer: buffer.into(),
            ..GifFrame::default()
        };
        frame.make_lzw_pre_encoded();
        Some(frame)
    }

    fn bytes(&self, camera: Camera) -> Result<Vec<u8>, EncodingError> {
        let mut bytes = Vec::new();
        let [width, height] = camera.size().map(|x| x as u16);
        let colours = self.palette.colours.as_flattened();
        let mut encoder = Encoder::new(&mut bytes, width, height, colours)?;
        encoder.set_repeat(Repeat::Infinite)?;
        for frame in &self.frames {
            encoder.write_lzw_pre_encoded_frame(frame)?;
        }
        drop(encoder);
        Ok(bytes)
    }
}

impl Reel for Gif {
    fn add(&mut self, frame: Frame) -> Result<(), FilmError> {
        let camera = *self.camera.get_or_insert_with(|| Camera::new(&frame, self.width));
        let picture = camera.shoot(&frame.view, &frame.caption)?;
        let change = self.change(&picture);
        self.frames.extend(change);
        // Rounded so that the error does not grow from frame to frame.
        let time = |count: u32| (TICKS * f64::from(count) / self.fps).round();
        let ticks = (time(self.count + 1) - time(self.count)) as u16;
        if let Some(last) = self.frames.last_mut() {
            last.delay = last.delay.saturating_add(ticks);
        }
        self.count += 1;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), FilmError> {
        let Some(camera) = self.camera else { return Ok(()) };
        if let Some(last) = self.frames.last_mut() {
            last.delay = last.delay.saturating_add((TICKS * HOLD) as u16);
        }
        let bytes = self.bytes(camera).map_err(FilmError::draw)?;
        files::write_whole(&self.path, &bytes).map_err(FilmError::write(&self.path))
    }
}

/// The rectangle in which two pictures differ: left, top, and the first column and row after it.
fn changed(was: &[u8], is: &[u8], width: usize) -> Option<[usize; 4]> {
    let rows = || was.chunks_exact(width).zip(is.chunks_exact(width)).enumerate();
    let differs = |row: &(usize, (&[u8], &[u8]))| row.1.0 != row.1.1;
    let top = rows().find(differs)?.0;
    let bottom = rows().rfind(differs)?.0 + 1;
    let (mut left, mut right) = (width, 0);
    for (_, (was, is)) in rows().filter(differs) {
        let mut columns = was.iter().zip(is).enumerate().filter(|(_, (was, is))| was != is);
        if let Some((first, _)) = columns.next() {
            left = left.min(first);
            right = right.max(columns.next_back().map_or(first, |(last, _)| last) + 1);
        }
    }
    Some([left, top, right, bottom])
}

/// The colours that occur, in the order in which they first did.
struct Palette {
    colours: Vec<[u8; 3]>,
    /// The index of each of the 4096 colours; none for one that did not occur yet.
    indices: Vec<Option<u8>>,
}

impl Palette {
    fn new() -> Self {
        // The first one is never seen.
        Self { colours: vec![[0; 3]], indices: vec![None; 1 << 12] }
    }

    fn index(&mut self, colour: [u8; 3]) -> u8 {
        let rounded = colour.map(|channel| (u16::from(channel) + 8) / 17);
        let place = usize::from(rounded[0] << 8 | rounded[1] << 4 | rounded[2]);
        if let Some(index) = self.indices[place] {
            return index;
        }
        let colour = rounded.map(|channel| 17 * channel as u8);
        let index = match u8::try_from(self.colours.len()) {
            Ok(index) => {
                self.colours.push(colour);
                index
            }
            Err(_) => self.nearest(colour),
        };
        self.indices[place] = Some(index);
        index
    }

    fn nearest(&self, colour: [u8; 3]) -> u8 {
        let distance = |other: &[u8; 3]| -> u32 {
            colour.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2)).sum()
        };
        let known = (1..=u8::MAX).zip(&self.colours[1..]);
        known.min_by_key(|(_, other)| distance(other)).map_or(1, |(index, _)| index)
    }
}
