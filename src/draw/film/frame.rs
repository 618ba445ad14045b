//! What is seen at one moment, and what is read below it.

use super::error::FilmError;
use crate::env::episode::Moment;
use crate::env::{Picture, View};

/// One frame of a film.
pub(super) struct Frame {
    pub view: View,
    /// Which moment it is.
    pub step: u64,
    /// What is read below it: always as long, where the numbers are as large as usual.
    pub caption: String,
}

impl Frame {
    /// A moment in the n-th of m episodes.
    pub fn new(
        picture: Picture,
        moment: &Moment<'_>,
        (n, m): (usize, usize),
    ) -> Result<Self, FilmError> {
        let sound = match &picture.view {
            View::Scene(scene) => scene.is_sound(),
            View::Pixels(p) => p.width > 0 && p.height > 0 && p.rgb.len() == p.width * p.height * 3,
        };
        if !sound {
            let reason = "its picture has no extent, or a number that is not finite";
            return Err(FilmError::draw(reason));
        }
        let (step, reward, sum) = (moment.episode.length, moment.reward, moment.episode.reward);
        let mut caption = format!("step {step:>3}  reward {reward:>7.2}  return {sum:>8.1}");
        if m > 1 {
            caption = format!("episode {n}  {caption}");
        }
        if !picture.caption.is_empty() {
            caption = format!("{caption}  {}", picture.caption);
        }
        Ok(Self { view: picture.view, step, caption })
    }
}
