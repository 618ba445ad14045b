//! The `softac` command.

use std::path::Path;
use std::time::Duration;

/// `softac` in this folder.
pub fn softac(folder: &Path) -> assert_cmd::Command {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_softac"));
    command.current_dir(folder).timeout(Duration::from_secs(60));
    command
}
