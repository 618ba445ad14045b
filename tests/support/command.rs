//! The `softac` command.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// `softac` in this folder, as a process of which all is to be said.
pub fn process(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_softac"));
    command.current_dir(folder);
    command
}

/// `softac` in this folder, to be run to its end.
pub fn softac(folder: &Path) -> assert_cmd::Command {
    let mut command = assert_cmd::Command::from_std(process(folder));
    command.timeout(Duration::from_secs(60));
    command
}
