//! Programs of other people.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::export::error::ExportError;

/// How long any of them may take.
const TIMEOUT: Duration = Duration::from_secs(600);

/// Lines of an error that are passed on.
const MOST_LINES: usize = 12;

/// A program, and how it is come by.
#[derive(Clone, Debug)]
pub(super) struct Tool {
    program: OsString,
    install: String,
}

impl Tool {
    /// Of a Debian package.
    pub fn of_package(name: &str, package: &str) -> Self {
        Self { program: name.into(), install: format!("apt-get install {package}") }
    }

    /// The Rust compiler: that of the variable `RUSTC` if it is set, as Cargo has it.
    pub fn rustc() -> Self {
        let program = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        Self { program, install: "see https://rustup.rs".into() }
    }

    /// Runs it in a folder, and returns what it printed.
    ///
    /// # Errors
    /// [`ExportError::NoTool`], and [`ExportError::Tool`] with what it said where it failed.
    pub fn run<S: AsRef<OsStr>>(
        &self,
        folder: &Path,
        arguments: impl IntoIterator<Item = S>,
        variables: &[(&str, &str)],
    ) -> Result<String, ExportError> {
        // To files, so that no pipe fills while nobody reads it.
        let [out, err] = ["stdout.txt", "stderr.txt"].map(|name| folder.join(name));
        let create = |path: &Path| File::create(path).map_err(ExportError::io("create", path));
        let child = Command::new(&self.program)
            .args(arguments)
            .envs(variables.iter().copied())
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(create(&out)?)
            .stderr(create(&err)?)
            .spawn();
        let mut child = child.map_err(|error| self.not_started(&error))?;
        let deadline = Instant::now() + TIMEOUT;
        let status = loop {
            match child.try_wait().map_err(|error| self.failed(error.to_string()))? {
                Some(status) => break status,
                None if Instant::now() > deadline => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(self.failed(format!("it took more than {TIMEOUT:?}")));
                }
                None => sleep(Duration::from_millis(5)),
            }
        };
        let read = |path: &Path| std::fs::read(path).map_err(ExportError::io("read", path));
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        if !status.success() {
            return Err(self.failed(format!("{status}\n{}", text(read(&err)?).trim_end())));
        }
        Ok(text(read(&out)?))
    }

    fn not_started(&self, error: &io::Error) -> ExportError {
        if error.kind() != io::ErrorKind::NotFound {
            return self.failed(error.to_string());
        }
        ExportError::NoTool { tool: self.name(), install: self.install.clone() }
    }

    /// With the first lines of what it said: what follows repeats it.
    fn failed(&self, reason: String) -> ExportError {
        let lines: Vec<_> = reason.lines().take(MOST_LINES).collect();
        ExportError::Tool { tool: self.name(), reason: lines.join("\n") }
    }

    fn name(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }
}
