//! Files and folders that are there whole or not at all, whatever happens meanwhile.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile, TempDir, TempPath};

/// What the system refused to do with a file or folder.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {path}: {source}")]
pub(crate) struct FileError {
    /// What was tried: `read`, `write`, `create`.
    pub action: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl FileError {
    /// Wraps what the system said about a path.
    fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self { action, path, source }
    }
}

/// Opens a plain file. A pipe or a device could keep a reader waiting for ever; of a folder the system says itself that
/// it is one.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let found = fs::metadata(path)?;
    if found.is_file() || found.is_dir() {
        return File::open(path);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file"))
}

/// Reads a plain file.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the names of files and folders begin with that are not whole yet.
const TEMPORARY: &str = ".writing-";

/// Writes a file to a temporary one beside it, which then takes its name.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = temporary(path, "")?;
    file.write_all(bytes)?;
    // Some file systems only notice here that the disk is full.
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// An empty file beside `path` with this ending, for another program to write, which then takes the name of `path`.
pub(crate) fn temporary_file(path: &Path, ending: &str) -> io::Result<TempPath> {
    temporary(path, ending).map(NamedTempFile::into_temp_path)
}

fn temporary(path: &Path, ending: &str) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let mut builder = Builder::new();
    builder.prefix(TEMPORARY).suffix(ending);
    // A temporary file is private by default; once it has its name, it is as readable as any other.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder.unwrap_or(Path::new(".")))
}

/// A folder below `parent`, which is made if need be, for what will be given its name by [`take_place`].
pub(crate) fn temporary_folder(parent: &Path) -> Result<TempDir, FileError> {
    fs::create_dir_all(parent).map_err(FileError::io("create", parent))?;
    remove_left_over(parent)?;
    let folder = Builder::new().prefix(TEMPORARY).tempdir_in(parent);
    folder.map_err(FileError::io("write to", parent))
}

/// Gives a folder that is complete its name, and sees that to the disk. A folder that has this name has the
/// extension `replaced` meanwhile, so that there is a whole one at every moment.
pub(crate) fn take_place(folder: TempDir, path: &Path) -> Result<(), FileError> {
    let replaced = &path.with_extension("replaced");
    sync_folder(folder.path())?;
    if path.exists() {
        remove_folder(replaced)?;
        fs::rename(path, replaced).map_err(FileError::io("write", replaced))?;
    }
    fs::rename(folder.keep(), path).map_err(FileError::io("write", path))?;
    path.parent().map_or(Ok(()), sync_folder)?;
    remove_folder(replaced)
}

/// Removes what a killed process has left half written in a folder.
pub(crate) fn remove_left_over(folder: &Path) -> Result<(), FileError> {
    for path in entries(folder, TEMPORARY)? {
        if path.is_dir() {
            remove_folder(&path)?;
        } else {
            fs::remove_file(&path).map_err(FileError::io("remove", &path))?;
        }
    }
    Ok(())
}

/// Removes a folder, if it is there.
pub(crate) fn remove_folder(folder: &Path) -> Result<(), FileError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(FileError::io("remove", folder)),
    }
}

/// What there is in a folder with names that begin so; nothing, if there is no folder.
pub(crate) fn entries(folder: &Path, prefix: &str) -> Result<Vec<PathBuf>, FileError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.and_then(Iterator::collect::<io::Result<Vec<_>>>),
    };
    let entries = entries.map_err(FileError::io("read", folder))?;
    let is_one = |name: &OsStr| name.to_string_lossy().starts_with(prefix);
    Ok(entries.iter().filter(|e| is_one(&e.file_name())).map(fs::DirEntry::path).collect())
}

/// A new file with the contents of another, on the disk.
pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut copy = File::create_new(to)?;
    io::copy(&mut File::open(from)?, &mut copy)?;
    copy.sync_all()
}

/// A new file, on the disk.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Sees the names in a folder to the disk, where the system can do that.
fn sync_folder(path: &Path) -> Result<(), FileError> {
    if cfg!(unix) {
        let synced = File::open(path).and_then(|folder| folder.sync_all());
        synced.map_err(FileError::io("write", path))?;
    }
    Ok(())
}
