//! A film as MP4, which the user's own Python writes.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use tempfile::TempPath;

use super::camera::Camera;
use super::error::FilmError;
use super::frame::Frame;
use super::pixels::rgb;
use super::reel::{HOLD, Reel};
use crate::files;

const WRITER: &str = include_str!("mp4.py");

/// What the writer ends with where a package is missing.
const MISSING: i32 = 3;

/// An MP4 in the making.
pub(super) struct Mp4 {
    path: PathBuf,
    width: Option<u32>,
    fps: f64,
    python: PathBuf,
    under_way: Option<UnderWay>,
}

struct UnderWay {
    camera: Camera,
    frames: ChildStdin,
    writer: Writer,
    /// What the writer says.
    said: File,
    /// The file until it is whole.
    unfinished: TempPath,
    /// The last frame.
    last: Vec<u8>,
}

/// The process, which is ended with its owner.
struct Writer(Child);

impl Drop for Writer {
    fn drop(&mut self) {
        // It fails only where the process is gone.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Mp4 {
    pub fn new(path: &Path, width: Option<u32>, fps: f64, python: &Path) -> Self {
        let (path, python) = (path.to_path_buf(), python.to_path_buf());
        Self { path, width, fps, python, under_way: None }
    }

    fn begin(&self, first: &Frame) -> Result<UnderWay, FilmError> {
        let camera = Camera::new(first, self.width);
        let unfinished = files::temporary_file(&self.path, ".mp4");
        let unfinished = unfinished.map_err(FilmError::write(&self.path))?;
        let said = tempfile::tempfile().map_err(FilmError::write(&self.path))?;
        let heard = said.try_clone().map_err(FilmError::write(&self.path))?;
        let mut command = Command::new(&self.python);
        command.args(["-c", WRITER]).arg(&unfinished);
        command.args(camera.size().map(|length| length.to_string())).arg(self.fps.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(heard);
        let spawned = command.spawn();
        let mut writer = spawned.map_err(|error| {
            let python = self.python.display();
            self.failed(format!(
                "there is no Python interpreter `{python}` ({error}); name another one with \
                 `--python PATH`, or make a GIF"
            ))
        })?;
        let frames = writer.stdin.take().ok_or_else(|| self.failed("it takes no frames".into()))?;
        let (writer, last) = (Writer(writer), Vec::new());
        Ok(UnderWay { camera, frames, writer, said, unfinished, last })
    }

    fn failed(&self, reason: String) -> FilmError {
        FilmError::Mp4 { path: self.path.clone(), reason }
    }

    /// What the writer said when it ended, if it did not end well.
    fn end(&self, under_way: UnderWay) -> Result<TempPath, FilmError> {
        let UnderWay { frames, mut writer, mut said, unfinished, .. } = under_way;
        drop(frames);
        let status = writer.0.wait().map_err(FilmError::write(&self.path))?;
        if status.success() {
            return Ok(unfinished);
        }
        let mut bytes = Vec::new();
        // Where it cannot be read, the status remains.
        let _ = said.rewind().and_then(|()| said.read_to_end(&mut bytes));
        let (python, said) = (self.python.display(), String::from_utf8_lossy(&bytes));
        let said = said.trim_end().lines().last().unwrap_or("nothing");
        Err(self.failed(if status.code() == Some(MISSING) {
            format!(
                "`{python}` lacks a package ({said}); install it there with `{python} -m pip install \
                 imageio-ffmpeg`, name another interpreter with `--python PATH`, or make a GIF"
            )
        } else {
            format!("ffmpeg's writer in `{python}` ended with {status}: {said}")
        }))
    }
}

impl Reel for Mp4 {
    fn add(&mut self, frame: Frame) -> Result<(), FilmError> {
        let mut under_way = match self.under_way.take() {
            Some(under_way) => under_way,
            None => self.begin(&frame)?,
        };
        let picture = under_way.camera.shoot(&frame.view, &frame.caption)?;
        under_way.last.clear();
        under_way.last.extend(rgb(&picture).flatten());
        if under_way.frames.write_all(&under_way.last).is_err() {
            // It says why when it ends.
            let ended = self.end(under_way).map(|_| self.failed("its writer ended early".into()));
            return Err(ended.unwrap_or_else(|error| error));
        }
        self.under_way = Some(under_way);
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), FilmError> {
        let Some(mut under_way) = self.under_way.take() else { return Ok(()) };
        for _ in 0..(HOLD * self.fps).round() as usize {
            if under_way.frames.write_all(&under_way.last).is_err() {
                break;
            }
        }
        let file = self.end(under_way)?;
        file.persist(&self.path).map_err(|error| FilmError::write(&self.path)(error.error))
    }
}
