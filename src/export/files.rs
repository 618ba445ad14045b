//! The files of an export.

use std::fs;
use std::path::Path;

use super::error::ExportError;

/// Sees to it that there is a folder for a file, and no such file yet, unless it may be written over.
///
/// # Errors
/// [`ExportError::Exists`], and what the system said about the folder.
pub fn prepare(path: &Path, force: bool) -> Result<(), ExportError> {
    if path.exists() && !force {
        return Err(ExportError::Exists(path.to_path_buf()));
    }
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    folder.map_or(Ok(()), |folder| {
        fs::create_dir_all(folder).map_err(ExportError::io("create", folder))
    })
}

/// Writes a file.
///
/// # Errors
/// What the system said about the path.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), ExportError> {
    fs::write(path, bytes).map_err(ExportError::io("write", path))
}
