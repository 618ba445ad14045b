//! Where tests keep files that are written again and again, and seen to the disk each time.

use std::path::Path;

use tempfile::{TempDir, tempdir, tempdir_in};

/// A temporary folder, in memory where there is a file system for that.
pub fn place() -> TempDir {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { tempdir_in(memory) } else { tempdir() };
    place.unwrap()
}
