//! Episodes to be looked at: a GIF, an animated SVG, an MP4, or a sheet of stills as PNG.
//!
//! | file | holds |
//! |---|---|
//! | `frame.rs` | what is seen at one moment, and what is read below it |
//! | `svg.rs` | scenes as SVG, still and in motion |
//! | `camera.rs` | the size of a film |
//! | `pixels.rs` | frames as pixels |
//! | `reel.rs` | what frames go onto, one after the other |
//! | `gif.rs`, `sheet.rs`, `mp4.rs` | the files made of pixels |
//! | `mp4.py` | the Python side of the last one; it is part of the program |
//!
//! The same episodes give the same bytes, but for an MP4, whose bytes are ffmpeg's.

mod camera;
mod error;
mod frame;
mod gif;
mod mp4;
mod pixels;
mod reel;
mod sheet;
mod svg;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

pub use error::FilmError;

use crate::env::episode::{Moment, play};
use crate::env::{Env, Episode, Picture};
use frame::Frame;
use reel::Reel;

/// Frames a second above which frames are left out, unless asked for.
const USUAL_RATE: f64 = 30.0;

/// What is filmed, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct FilmOptions {
    /// Episodes, at least one.
    pub episodes: usize,
    /// The seed of the start states, those of an [evaluation](crate::train::evaluate()).
    pub seed: u64,
    /// Pixels from left to right, 64 to 2000. If not given, 400 for drawings, 240 each on a sheet, and as many as
    /// there are where another program draws.
    pub width: Option<u32>,
    /// Every so many steps are seen. If not given, as many as make no more than 30 frames a second.
    pub every: Option<u64>,
    /// Frames a second, above 0 and up to 120, in a GIF up to 50. If not given, as many as look natural.
    pub fps: Option<f64>,
    /// The Python that writes MP4.
    pub python: PathBuf,
}

/// What was filmed.
#[derive(Clone, Debug, PartialEq)]
pub struct Film {
    /// The episodes, in order.
    pub episodes: Vec<Episode>,
    /// How many frames were drawn of them.
    pub frames: usize,
    /// How many are shown a second.
    pub fps: f64,
}

/// Plays episodes of `act`, which maps an observation to the environment's action, and films them: a GIF, SVG, MP4 or
/// PNG, by the ending of `path`. The file appears whole or not at all, over what is there.
///
/// The episodes are those of [`evaluate`](crate::train::evaluate()) with the same seed.
///
/// # Errors
/// What the environment refused; [`FilmError::NoPicture`] if it cannot be looked at; options that cannot be; a file
/// that cannot be written.
pub fn film(
    env: &mut dyn Env,
    act: impl FnMut(&[f64], &mut [f64]),
    path: &Path,
    options: &FilmOptions,
) -> Result<Film, FilmError> {
    let format = Format::of(path)?;
    options.check(format)?;
    let mut capture = None;
    let see = |env: &mut dyn Env, moment: Moment<'_>| {
        let picture = env.picture(moment.action)?;
        let picture = picture.ok_or_else(|| FilmError::no_picture(env.name()))?;
        let capture = match &mut capture {
            Some(capture) => capture,
            none => none.insert(Capture::begin(format, path, options, &picture)?),
        };
        capture.see(picture, &moment)?;
        Ok::<_, FilmError>(ControlFlow::Continue(()))
    };
    let played = play(env, options.episodes, options.seed, act, see)?;
    let episodes = played.expect("nothing stopped it");
    let capture = capture.expect("an episode has at least two moments");
    let (frames, fps) = (capture.frames, capture.fps);
    capture.reel.finish()?;
    Ok(Film { episodes, frames, fps })
}

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Gif,
    Svg,
    Mp4,
    Png,
}

impl Format {
    fn of(path: &Path) -> Result<Self, FilmError> {
        let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
        match ending.to_str() {
            Some("gif") => Ok(Self::Gif),
            Some("svg") => Ok(Self::Svg),
            Some("mp4") => Ok(Self::Mp4),
            Some("png") => Ok(Self::Png),
            _ => Err(FilmError::Ending(path.to_path_buf())),
        }
    }
}

impl FilmOptions {
    fn check(&self, format: Format) -> Result<(), FilmError> {
        let fastest = if format == Format::Gif { 50.0 } else { 120.0 };
        let require = |kept: bool, option, value: &dyn ToString, rule: &str| {
            let refused = || FilmError::option(option, value.to_string(), rule);
            kept.then_some(()).ok_or_else(refused)
        };
        if let Some(width) = self.width {
            require((64..=2000).contains(&width), "size", &width, "it must be from 64 to 2000")?;
        }
        if let Some(every) = self.every {
            require(every > 0, "every", &every, "it must be at least 1")?;
        }
        if let Some(fps) = self.fps {
            let rule = format!("it must be above 0 and at most {fastest}");
            require(fps > 0.0 && fps <= fastest, "fps", &fps, &rule)?;
        }
        Ok(())
    }
}

/// A film in the making.
struct Capture {
    every: u64,
    fps: f64,
    frames: usize,
    /// The number of the episode, counted from 1, of those there are.
    episode: (usize, usize),
    reel: Box<dyn Reel>,
}

impl Capture {
    fn begin(
        format: Format,
        path: &Path,
        options: &FilmOptions,
        first: &Picture,
    ) -> Result<Self, FilmError> {
        let rate = if first.rate > 0.0 && first.rate.is_finite() { first.rate } else { USUAL_RATE };
        let every = options.every.unwrap_or_else(|| (rate / USUAL_RATE).ceil().max(1.0) as u64);
        let natural = (rate / every as f64).clamp(1.0, USUAL_RATE);
        let fps = options.fps.unwrap_or(natural);
        let reel: Box<dyn Reel> = match format {
            Format::Gif => Box::new(gif::Gif::new(path, options.width, fps)),
            Format::Svg => Box::new(svg::Animation::new(path, options.width, fps)),
            Format::Mp4 => Box::new(mp4::Mp4::new(path, options.width, fps, &options.python)),
            Format::Png => Box::new(sheet::Sheet::new(path, options.width)),
        };
        Ok(Self { every, fps, frames: 0, episode: (1, options.episodes.max(1)), reel })
    }

    fn see(&mut self, picture: Picture, moment: &Moment<'_>) -> Result<(), FilmError> {
        let (t, over) = (moment.episode.length, moment.action.is_none());
        if over || t.is_multiple_of(self.every) {
            self.reel.add(Frame::new(picture, moment, self.episode)?)?;
            self.frames += 1;
        }
        self.episode.0 += usize::from(over);
        Ok(())
    }
}
