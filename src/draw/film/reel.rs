//! A film that takes frames one after the other.

use super::error::FilmError;
use super::frame::Frame;

/// How long the last frame is shown, in seconds.
pub(super) const HOLD: f64 = 1.0;

/// What frames go onto, one after the other.
pub(super) trait Reel {
    fn add(&mut self, frame: Frame) -> Result<(), FilmError>;

    /// Writes the file.
    fn finish(self: Box<Self>) -> Result<(), FilmError>;
}
