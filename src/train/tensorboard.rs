//! TensorBoard event files: the rows of `metrics.csv` and `evaluations.csv` as TensorBoard reads them.
//!
//! A file is a sequence of TFRecords, each around one protocol buffer:
//!
//! ```text
//! record     = length: u64, mask(crc(length)): u32, event, mask(crc(event)): u32     little-endian
//! mask(crc)  = rotate_right(crc, 15) + 0xa282ead8                                    of CRC-32C
//!
//! Event      = 1: wall_time (double), 2: step (int64), and one of
//!              3: file_version (string), 5: summary (Summary), 7: session_log (SessionLog)
//! Summary    = 1: value (Value), repeated
//! Value      = 1: tag (string), 2: simple_value (float)
//! SessionLog = 1: status (enum; START = 1)
//! ```
//!
//! Sources: TensorFlow's `core/util/event.proto`, `core/framework/summary.proto` and
//! `core/lib/io/record_writer.h`. Protocol buffers: <https://protobuf.dev/programming-guides/encoding/>.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crc::{CRC_32_ISCSI, Crc};

use super::error::TrainError;

const PREFIX: &str = "events.out.tfevents.";
/// CRC-32C, which the catalogue lists under iSCSI.
const CRC_32C: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// Fields of an `Event` by number, with what is in them.
const FILE_VERSION: (u32, &[u8]) = (3, b"brain.Event:2");
const SUMMARY: u32 = 5;
const SESSION_START: (u32, &[u8]) = (7, &[1 << 3 | VARINT as u8, 1]);

/// The wire types of protocol buffers.
const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const BYTES: u32 = 2;
const FIXED32: u32 = 5;

/// An event file that grows record by record; each record is handed to the system when it has been written.
///
/// It is the only file of a run that holds times.
///
/// ```
/// use softac::train::EventWriter;
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let mut events = EventWriter::create(folder, 0)?;
/// events.write(100, [("train/actor_loss", -1.5), ("train/entropy", 0.3)])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct EventWriter {
    path: PathBuf,
    file: File,
}

impl EventWriter {
    /// A new file in this folder, beside those that are there, and after them in TensorBoard's order.
    ///
    /// TensorBoard reads the files of a folder as one sequence. Where a run goes on that had come further,
    /// points of the earlier part would be drawn beside the new ones: unless `start_step` is 0, TensorBoard
    /// is told to discard all points of earlier files at `start_step` and above. A run that goes on after `t`
    /// steps and keeps its row of step `t` passes `t + 1`.
    ///
    /// So does `tensorboard --load_fast=false`. The default loader does not look at the start: it discards the
    /// old points of a tag as soon as that tag has a new one at their step or below.
    ///
    /// # Errors
    /// What the system said about the path.
    pub fn create(folder: &Path, start_step: u64) -> Result<Self, TrainError> {
        let (path, file) = create_file(folder)?;
        let mut writer = Self { path, file };
        writer.append(0, FILE_VERSION)?;
        if start_step > 0 {
            writer.append(start_step, SESSION_START)?;
        }
        Ok(writer)
    }

    /// Where it is: `events.out.tfevents.<seconds since 1970>.softac.<process>.<number>`.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes these numbers, by their tags, as those of this step. They are rounded to single precision, and
    /// need not be finite.
    ///
    /// # Errors
    /// What the system said about the path.
    pub fn write<'a>(
        &mut self,
        step: u64,
        scalars: impl IntoIterator<Item = (&'a str, f64)>,
    ) -> Result<(), TrainError> {
        self.append(step, (SUMMARY, &summary(scalars)))
    }

    fn append(&mut self, step: u64, content: (u32, &[u8])) -> Result<(), TrainError> {
        let record = record(&event(now().as_secs_f64(), step, content));
        self.file.write_all(&record).map_err(TrainError::io("write", &self.path))
    }
}

fn now() -> std::time::Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// A file with a name of its own.
///
/// TensorBoard orders files by their names, and these begin with the time. So that a clock that was set back,
/// or two files within a second, do not change the order, the time is later than that of every file there.
fn create_file(folder: &Path) -> Result<(PathBuf, File), TrainError> {
    let entries = fs::read_dir(folder).map_err(TrainError::io("read", folder))?;
    let times = entries.filter_map(|entry| time_in(entry.ok()?.file_name().to_str()?));
    let seconds = times.max().map_or(0, |last| last.saturating_add(1)).max(now().as_secs());
    let process = std::process::id();
    for number in 0_u64.. {
        let path = folder.join(format!("{PREFIX}{seconds:010}.softac.{process}.{number}"));
        match File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            created => {
                return Ok((path.clone(), created.map_err(TrainError::io("create", &path))?));
            }
        }
    }
    unreachable!("there are infinitely many names")
}

/// The time in the name of an event file.
fn time_in(name: &str) -> Option<u64> {
    name.strip_prefix(PREFIX)?.split('.').next()?.parse().ok()
}

/// The framed record of an event.
fn record(event: &[u8]) -> Vec<u8> {
    let length = (event.len() as u64).to_le_bytes();
    [&length[..], &masked_crc(&length), event, &masked_crc(event)].concat()
}

fn masked_crc(bytes: &[u8]) -> [u8; 4] {
    CRC_32C.checksum(bytes).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

fn event(wall_time: f64, step: u64, (field, content): (u32, &[u8])) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 32);
    key(&mut out, 1, FIXED64);
    out.extend(wall_time.to_le_bytes());
    // Protocol buffers leave out what has its default.
    if step > 0 {
        key(&mut out, 2, VARINT);
        // int64, whatever comes after 2⁶³ − 1.
        varint(&mut out, step.min(i64::MAX as u64));
    }
    bytes(&mut out, field, content);
    out
}

fn summary<'a>(scalars: impl IntoIterator<Item = (&'a str, f64)>) -> Vec<u8> {
    let (mut out, mut value) = (Vec::new(), Vec::new());
    for (tag, scalar) in scalars {
        value.clear();
        bytes(&mut value, 1, tag.as_bytes());
        key(&mut value, 2, FIXED32);
        value.extend((scalar as f32).to_le_bytes());
        bytes(&mut out, 1, &value);
    }
    out
}

fn key(out: &mut Vec<u8>, field: u32, wire_type: u32) {
    varint(out, u64::from(field << 3 | wire_type));
}

fn bytes(out: &mut Vec<u8>, field: u32, content: &[u8]) {
    key(out, field, BYTES);
    varint(out, content.len() as u64);
    out.extend(content);
}

/// Seven bits to a byte, lowest first; the eighth says that there are more.
fn varint(out: &mut Vec<u8>, mut x: u64) {
    while x >= 0x80 {
        out.push(x as u8 | 0x80);
        x >>= 7;
    }
    out.push(x as u8);
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn number(text: &Value) -> f64 {
        text.as_str().unwrap().parse().unwrap()
    }

    /// The bytes of the same event by this module.
    fn ours(expected: &Value) -> Vec<u8> {
        let scalars = expected["scalars"].as_array().unwrap();
        let scalars = scalars.iter().map(|pair| (pair[0].as_str().unwrap(), number(&pair[1])));
        let summary = summary(scalars);
        let content = match expected["kind"].as_str().unwrap() {
            "file_version" => FILE_VERSION,
            "session_start" => SESSION_START,
            "scalars" => (SUMMARY, &summary[..]),
            other => panic!("there is no kind {other}"),
        };
        let step = expected["step"].as_u64().unwrap();
        record(&event(number(&expected["wall_time"]), step, content))
    }

    #[test]
    fn records_are_those_of_tensorboards_own_writer() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tensorboard.json");
        let fixture: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let files = fixture["files"].as_array().unwrap();
        let events: Vec<_> = files.iter().flat_map(|file| file.as_array().unwrap()).collect();
        assert!(events.len() >= 10);
        for expected in events {
            let hex: String = ours(expected).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, expected["record"].as_str().unwrap(), "{expected}");
        }
    }
}
