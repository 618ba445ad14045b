//! One attempt at a hole: its tests are run by Cargo, and what they say is read.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::list::Hole;

/// The tests of a hole take less, the first compilation apart.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// All tests pass.
    Filled,
    /// It was compiled, and these are its tests, in the order of their file.
    Fails(Vec<Test>),
    /// There was no test to read: what Cargo and the compiler said, or a program that was stopped.
    Unreadable(String),
}

/// A test, and what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// Its name.
    pub name: String,
    /// If it failed, why.
    pub failure: Option<Failure>,
}

/// Why a test failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// File, line and column in the folder of the exercises; nothing if a library panicked.
    pub place: Option<String>,
    /// The message.
    pub message: String,
}

/// Cargo or the files of a hole are not to be had.
#[derive(Debug, thiserror::Error)]
pub enum AttemptError {
    /// Cargo could not be started.
    #[error("`{cargo}` cannot be started: {source}. Is Rust installed, and on the PATH?")]
    Cargo {
        /// What was to be started.
        cargo: String,
        /// Why not.
        source: io::Error,
    },
    /// The tests cannot be read.
    #[error(
        "{path} cannot be read: {source}. `git restore exercises` brings all files back as they were."
    )]
    Tests {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// The folder of the exercises.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compiles one hole and runs its tests.
///
/// # Errors
/// If Cargo cannot be started or the tests cannot be read.
pub fn attempt(hole: &Hole) -> Result<Attempt, AttemptError> {
    let path = root().join("tests").join(hole.file()).with_extension("rs");
    let tests = fs::read_to_string(&path).map_err(|source| AttemptError::Tests { path, source })?;
    let output = cargo_test(hole)?;
    let said = String::from_utf8_lossy(&output.stdout);
    let tests = read(&said, &tests);
    Ok(if output.status.success() && !tests.is_empty() {
        Attempt::Filled
    } else if tests.iter().any(|test| test.failure.is_some()) {
        Attempt::Fails(tests)
    } else {
        Attempt::Unreadable(format!("{}{said}", String::from_utf8_lossy(&output.stderr)))
    })
}

fn cargo_test(hole: &Hole) -> Result<Output, AttemptError> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let colour = if io::stdout().is_terminal() { "always" } else { "never" };
    let mut command = Command::new(&cargo);
    command.args(["test", "--quiet", "--color", colour, "--test", &hole.file()]);
    // One line for each test, whatever the terminal; the messages of panics and nothing more.
    command.args(["--", "--color", "never", "--format", "pretty"]);
    command.current_dir(root()).env("RUST_BACKTRACE", "0");
    let (done, waiting) = mpsc::channel::<()>();
    thread::spawn(move || {
        if waiting.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            eprintln!("This takes long. If it is a loop without end, Ctrl-C stops it.");
        }
    });
    let output = command.output();
    drop(done);
    let cargo = cargo.to_string_lossy().into_owned();
    output.map_err(|source| AttemptError::Cargo { cargo, source })
}

/// The tests that a test program has told of, in the order in which they stand in their file.
fn read(said: &str, file: &str) -> Vec<Test> {
    let told = said.lines().filter_map(|line| line.strip_prefix("test ")?.split_once(" ... "));
    let test = |(name, verdict): (&str, &str)| Test {
        name: name.to_string(),
        failure: (verdict != "ok").then(|| failure(said, name)),
    };
    let mut tests: Vec<Test> = told.map(test).collect();
    tests.sort_by_key(|test| file.find(&format!("fn {}(", test.name)));
    tests
}

/// Place and message of a test's panic.
fn failure(said: &str, name: &str) -> Failure {
    let section = said.split(&format!("---- {name} stdout ----\n")).nth(1).unwrap_or_default();
    let end = ["\n---- ", "\nfailures:\n", "\nnote: run with `RUST_BACKTRACE"];
    let end = end.iter().filter_map(|end| section.find(end)).min().unwrap_or(section.len());
    let section = section[..end].trim();
    let panic = section.split_once("panicked at ").and_then(|(_, panic)| panic.split_once(":\n"));
    let (place, message) = panic.map_or((None, section), |(place, message)| (Some(place), message));
    // The tests have the hole by a path that begins with their own folder.
    let place = place.map(|place| place.strip_prefix("tests/../").unwrap_or(place));
    let place = place.filter(|place| Path::new(place).is_relative()).map(str::to_string);
    Failure { place, message: message.trim_end().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "
running 3 tests
test after ... ok
test a_first ... FAILED
test between ... FAILED

failures:

---- a_first stdout ----

thread 'a_first' (17) panicked at tests/01_entropy.rs:18:5:
the entropy of a coin
    got       1.0
    expected  0.5
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace

---- between stdout ----

thread 'between' (18) panicked at tests/../holes/01_entropy.rs:9:5:
not yet implemented: the sum


failures:
    a_first
    between

test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
";

    #[test]
    fn tests_are_read_in_the_order_of_their_file_with_place_and_message() {
        let tests = read(SAID, "fn between() {}\nfn a_first() {}\nfn after() {}\n");
        let failures: Vec<_> = tests.iter().map(|test| test.failure.as_ref()).collect();
        let names: Vec<_> = tests.iter().map(|test| test.name.as_str()).collect();
        assert_eq!(names, ["between", "a_first", "after"]);
        let failure = |place: &str, message: &str| Failure {
            place: Some(place.into()),
            message: message.into(),
        };
        let missing = failure("holes/01_entropy.rs:9:5", "not yet implemented: the sum");
        let wrong = failure(
            "tests/01_entropy.rs:18:5",
            "the entropy of a coin\n    got       1.0\n    expected  0.5",
        );
        assert_eq!(failures, [Some(&missing), Some(&wrong), None]);
    }

    #[test]
    fn what_is_no_test_program_has_no_tests() {
        assert_eq!(read("error: could not compile\n", "fn a() {}"), []);
    }
}
