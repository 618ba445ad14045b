//! Files that appear whole or not at all.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

use super::ChartError;

/// Fills a temporary file in the folder of `path` and renames it to `path`.
///
/// A rename within one folder is atomic, so a reader or a full disk never meets a half file.
pub(super) fn atomically(
    path: &Path,
    fill: impl FnOnce(&mut NamedTempFile) -> io::Result<()>,
) -> Result<(), ChartError> {
    let attempt = || {
        let mut file = temporary_beside(path)?;
        fill(&mut file)?;
        // Some file systems only notice here that the disk is full.
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    attempt().map_err(|source| ChartError::Write { path: path.to_owned(), source })
}

fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".chart-");
    // The PNG encoder goes by the extension.
    let mut suffix = OsString::from(".");
    suffix.push(path.extension().unwrap_or_default());
    builder.suffix(&suffix);
    // A temporary file is private by default; a chart gets what the umask gives any file.
    #[cfg(unix)]
    {
        use std::fs::Permissions;
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(Permissions::from_mode(0o666));
    }
    match path.parent() {
        Some(folder) if folder != Path::new("") => builder.tempfile_in(folder),
        _ => builder.tempfile_in("."),
    }
}
