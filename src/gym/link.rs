//! The Python process, and the frames to it and from it.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::GymOptions;
use super::failure::Failure;
use super::spec::GymSpec;
use crate::env::Pixels;

const BRIDGE: &str = include_str!("bridge.py");
const VERSION: u32 = 5;
const FROM_PROGRAM: [u8; 8] = *b"softac>>";
const FROM_PYTHON: [u8; 8] = *b"softac<<";

/// Kinds of answers.
const READY: u32 = 0;
const STEPPED: u32 = 1;
const DRAWN: u32 = 2;
const RAISED: u32 = 3;
const UNAVAILABLE: u32 = 4;
const UNKNOWN: u32 = 5;
const UNSUPPORTED: u32 = 6;
const UNDRAWN: u32 = 7;
const MALFORMED: u32 = 8;
const NO_MODULE: u32 = 9;
const NOT_MADE: u32 = 10;

/// Bits of the greeting.
const TO_BE_DRAWN: u32 = 1;
const TRUSTED_FOLDER: u32 = 2;

/// Bits of what an environment says of itself.
const VARIES: usize = 1;
const SINGLE_PRECISION: usize = 2;

/// Longer texts are none.
const LONGEST_TEXT: usize = 1 << 20;

/// Larger pictures are none.
const LARGEST_PICTURE: usize = 1 << 27;

/// An answer's kind and length.
const HEAD: usize = 8;

/// Packages may lie on a slow disk.
const SHORTEST_START: Duration = Duration::from_secs(60);

/// How long a process that was told to end may take to close its environment.
const PATIENCE: Duration = Duration::from_secs(2);

/// A Python process that serves an environment.
pub(super) struct Link {
    process: Process,
    stream: UnixStream,
    python: PathBuf,
    timeout: Duration,
    trusts_current_folder: bool,
}

/// The process, which is ended with its owner.
struct Process(Child);

/// What the environment said of itself.
#[derive(Debug, PartialEq)]
pub(super) struct Ready {
    /// Low and high bounds of observations, low and high bounds of actions.
    pub bounds: [Vec<f64>; 4],
    /// Whether the same seed may make other episodes.
    pub varies: bool,
    /// Set for a space of observations in single precision.
    pub single_precision: bool,
    /// Frames a second that look natural, or 0.
    pub fps: f64,
    /// Python and packages.
    pub versions: String,
}

impl Link {
    /// Starts Python, and has it make the environment.
    pub fn start(spec: &GymSpec, options: &GymOptions) -> Result<(Self, Ready), Failure> {
        let python = options.python.clone();
        let spawn = || {
            let (stream, far) = UnixStream::pair()?;
            let timeout = Some(options.timeout.max(SHORTEST_START));
            stream.set_read_timeout(timeout)?;
            stream.set_write_timeout(timeout)?;
            let far = OwnedFd::from(far);
            let mut command = Command::new(&python);
            command.args(["-c", BRIDGE]).stdin(far.try_clone()?).stdout(far);
            Ok((Process(command.spawn()?), stream))
        };
        let spawned: io::Result<_> = spawn();
        let (process, stream) =
            spawned.map_err(|error| Failure::no_interpreter(&python, &error))?;
        let GymOptions { timeout, trusts_current_folder, .. } = *options;
        let mut link = Self { process, stream, python, timeout, trusts_current_folder };
        let ready = link.greet(spec, options).and_then(|()| link.receive_ready())?;
        let limited = link.stream.set_read_timeout(Some(link.timeout));
        limited.map_err(|error| Failure::no_interpreter(&link.python, &error))?;
        Ok((link, ready))
    }

    /// Sends a request, and does not wait for its answer.
    pub fn send(&mut self, request: &[u8]) -> Result<(), Failure> {
        self.stream.write_all(request).map_err(|error| self.failed(&error))
    }

    /// Waits for the answer to the request that was sent, whose length is known, and fills `answer` with it.
    pub fn await_step(&mut self, answer: &mut [u8]) -> Result<(), Failure> {
        let mut filled = 0;
        while filled < HEAD {
            filled += self.receive(&mut answer[filled..])?;
        }
        let (kind, length) = head(answer);
        if kind != STEPPED || length != answer.len() - HEAD {
            let received = answer[HEAD..filled].to_vec();
            return Err(self.refusal(kind, length, received));
        }
        while filled < answer.len() {
            filled += self.receive(&mut answer[filled..])?;
        }
        Ok(())
    }

    /// Waits for the answer to a request to draw.
    pub fn await_picture(&mut self) -> Result<Pixels, Failure> {
        let mut start = [0; HEAD];
        self.receive_all(&mut start)?;
        let (kind, length) = head(&start);
        if kind != DRAWN || !(8..=LARGEST_PICTURE).contains(&length) {
            return Err(self.refusal(kind, length, Vec::new()));
        }
        let (mut size, mut rgb) = ([0; 8], vec![0; length - 8]);
        self.receive_all(&mut size)?;
        self.receive_all(&mut rgb)?;
        let (height, width) = (word(&size), word(&size[4..]));
        if height.checked_mul(width).and_then(|count| count.checked_mul(3)) != Some(rgb.len()) {
            return Err(Failure::no_bridge(&self.python, "it draws in other terms"));
        }
        Ok(Pixels { width, height, rgb })
    }

    fn greet(&mut self, spec: &GymSpec, options: &GymOptions) -> Result<(), Failure> {
        let spec = spec.to_json();
        let length = u32::try_from(spec.len()).unwrap_or(u32::MAX);
        let mut greeting = FROM_PROGRAM.to_vec();
        greeting.extend(VERSION.to_le_bytes());
        greeting.extend(length.to_le_bytes());
        let asked = TO_BE_DRAWN * u32::from(options.draw)
            + TRUSTED_FOLDER * u32::from(options.trusts_current_folder);
        greeting.extend(asked.to_le_bytes());
        greeting.extend(spec.as_bytes());
        // Where nobody takes it, what is read tells why.
        let _ = self.stream.write_all(&greeting);
        let mut answer = [0; 16];
        let (read, failed) = self.receive_some(&mut answer);
        let ended = self.process.0.try_wait().ok().flatten();
        let version = u32::from_le_bytes([answer[8], answer[9], answer[10], answer[11]]);
        match failed {
            // Whatever this is, it has said something else, or nothing.
            _ if !FROM_PYTHON.starts_with(&answer[..read.min(8)]) => {
                Err(Failure::no_bridge(&self.python, "it says something else"))
            }
            Some(failure) => Err(ended.map_or(failure, |status| {
                Failure::no_bridge(&self.python, &format!("it ends with {status}"))
            })),
            None if version != VERSION => {
                let what = format!("it speaks version {version} of the protocol, not {VERSION}");
                Err(Failure::no_bridge(&self.python, &what))
            }
            None => Ok(()),
        }
    }

    fn receive_ready(&mut self) -> Result<Ready, Failure> {
        let mut start = [0; HEAD];
        self.receive_all(&mut start)?;
        let (kind, length) = head(&start);
        if kind != READY {
            return Err(self.refusal(kind, length, Vec::new()));
        }
        let mut payload = vec![0; length];
        self.receive_all(&mut payload)?;
        Ready::read(&payload).ok_or_else(|| {
            Failure::no_bridge(&self.python, "it describes the environment in other terms")
        })
    }

    /// What an answer means that is not the expected one, of whose text the beginning was received.
    fn refusal(&mut self, kind: u32, length: usize, mut text: Vec<u8>) -> Failure {
        let received = text.len();
        if !(RAISED..=NOT_MADE).contains(&kind) || length > LONGEST_TEXT {
            return Failure::no_bridge(&self.python, "it answers in other terms");
        }
        text.resize(length.max(received), 0);
        if let Err(failure) = self.receive_all(&mut text[received..]) {
            return failure;
        }
        // What an environment says must not steer the terminal that shows it.
        let text = String::from_utf8_lossy(&text).replace(|c: char| c.is_control(), " ");
        match kind {
            RAISED => Failure::raised(&text),
            UNAVAILABLE => Failure::no_package(&self.python, &text),
            UNKNOWN => Failure::unknown(&self.python, &text),
            UNSUPPORTED => Failure::unsupported(&text),
            UNDRAWN => Failure::undrawn(&self.python, &text),
            MALFORMED => Failure::malformed(&text),
            NO_MODULE => Failure::no_module(&text, self.trusts_current_folder),
            _ => Failure::not_made(&text),
        }
    }

    fn receive_all(&mut self, buffer: &mut [u8]) -> Result<(), Failure> {
        self.receive_some(buffer).1.map_or(Ok(()), Err)
    }

    /// Fills the buffer, or tells how far it came and why no further.
    fn receive_some(&mut self, buffer: &mut [u8]) -> (usize, Option<Failure>) {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.receive(&mut buffer[filled..]) {
                Ok(count) => filled += count,
                Err(failure) => return (filled, Some(failure)),
            }
        }
        (filled, None)
    }

    /// Reads at least one byte.
    fn receive(&mut self, buffer: &mut [u8]) -> Result<usize, Failure> {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err(Failure::died(self.process.end(PATIENCE))),
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(&error)),
            }
        }
    }

    /// What it means that the stream cannot be used. The process is ended.
    fn failed(&mut self, error: &io::Error) -> Failure {
        let late = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
        // It may have died while a process of its own holds its end of the stream.
        let died = self.process.0.try_wait().is_ok_and(|status| status.is_some());
        if late && !died {
            self.process.end(Duration::ZERO);
            return Failure::timed_out(self.timeout);
        }
        Failure::died(self.process.end(PATIENCE))
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // The process closes its environment and ends; where it has ended already, nobody listens.
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
        self.process.end(PATIENCE);
    }
}

impl Process {
    /// Waits for the end of the process, and brings it about if it takes too long.
    fn end(&mut self, patience: Duration) -> Option<ExitStatus> {
        let start = Instant::now();
        while start.elapsed() < patience {
            if let Ok(Some(status)) = self.0.try_wait() {
                return Some(status);
            }
            sleep(Duration::from_millis(1));
        }
        // It fails only where the process is gone.
        let _ = self.0.kill();
        self.0.wait().ok()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end(Duration::ZERO);
    }
}

impl Ready {
    fn read(payload: &[u8]) -> Option<Self> {
        let (sizes, rest) = payload.split_first_chunk::<16>()?;
        let [o, a, traits, named] = [0, 4, 8, 12].map(|at| word(&sizes[at..]));
        let (fps, mut rest) = rest.split_first_chunk::<8>()?;
        let fps = f64::from_le_bytes(*fps);
        let mut take = |count: usize| -> Option<Vec<f64>> {
            let (numbers, after) = rest.split_at_checked(count.checked_mul(8)?)?;
            rest = after;
            Some(numbers.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect())
        };
        let bounds = [take(o)?, take(o)?, take(a)?, take(a)?];
        let versions = String::from_utf8(rest.to_vec()).ok()?;
        let (varies, single_precision) = (traits & VARIES > 0, traits & SINGLE_PRECISION > 0);
        let is_whole = versions.len() == named;
        is_whole.then_some(Self { bounds, varies, single_precision, fps, versions })
    }
}

/// Kind and length of an answer.
fn head(answer: &[u8]) -> (u32, usize) {
    (word(answer) as u32, word(&answer[4..]))
}

/// The number in the first four bytes.
fn word(bytes: &[u8]) -> usize {
    bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize)
}
