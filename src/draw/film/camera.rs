//! The size of a film.

use super::frame::Frame;
use crate::env::View;

/// What the width of a drawing is, unless something else is asked for.
pub(super) const USUAL_WIDTH: u32 = 400;

/// The height of the caption's line, in pixels.
pub(super) const CAPTION_HEIGHT: u32 = 24;

/// The picture without its caption may not be higher.
const HIGHEST: f64 = 4000.0;

/// A camera for pictures of one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Camera {
    /// Pixels from left to right, an even number, as an MP4 needs it.
    pub width: u32,
    /// Pixels from top to bottom, without the caption; even, too.
    pub height: u32,
}

impl Camera {
    /// For pictures of the shape of this one, `width` pixels wide where that is given.
    pub fn new(first: &Frame, width: Option<u32>) -> Self {
        let (own_width, ratio) = match &first.view {
            View::Scene(scene) => {
                let [wide, high] = [0, 1].map(|i| scene.high[i] - scene.low[i]);
                (USUAL_WIDTH, high / wide)
            }
            View::Pixels(p) => {
                let width = u32::try_from(p.width).unwrap_or(u32::MAX).clamp(64, 2000);
                (width, p.height as f64 / p.width as f64)
            }
        };
        let even = |length: f64| 2 * (length / 2.0).round().clamp(1.0, HIGHEST / 2.0) as u32;
        let width = f64::from(width.unwrap_or(own_width));
        Self { width: even(width), height: even(width * ratio) }
    }

    /// Width and height with the caption.
    pub fn size(self) -> [u32; 2] {
        [self.width, self.height + CAPTION_HEIGHT]
    }
}
