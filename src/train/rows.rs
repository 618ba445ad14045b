//! Tables as CSV files.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::TrainError;

/// A CSV file that grows row by row; each row is on disk when it has been written.
pub(crate) struct RowWriter {
    path: PathBuf,
    writer: csv::Writer<File>,
}

impl RowWriter {
    /// A new file that holds the header.
    pub fn create<R: Serialize + Default>(path: PathBuf) -> Result<Self, TrainError> {
        let mut file = File::create_new(&path).map_err(TrainError::io("create", &path))?;
        file.write_all(header::<R>().as_bytes()).map_err(TrainError::io("write", &path))?;
        Ok(Self::new(path, file))
    }

    /// A file that is there already.
    pub fn append(path: PathBuf) -> Result<Self, TrainError> {
        let file = File::options().append(true).open(&path);
        Ok(Self::new(path.clone(), file.map_err(TrainError::io("write", &path))?))
    }

    fn new(path: PathBuf, file: File) -> Self {
        Self { path, writer: csv::WriterBuilder::new().has_headers(false).from_writer(file) }
    }

    pub fn write(&mut self, row: &impl Serialize) -> Result<(), TrainError> {
        let written = self.writer.serialize(row).map_err(io::Error::from);
        let flushed = written.and_then(|()| self.writer.flush());
        flushed.map_err(TrainError::io("write", &self.path))
    }
}

/// The first line of a file of these rows.
pub(crate) fn header<R: Serialize + Default>() -> String {
    columns::<R>().join(",") + "\n"
}

/// The names of the columns of these rows.
pub(crate) fn columns<R: Serialize + Default>() -> Vec<String> {
    lines(&R::default()).swap_remove(0)
}

/// What stands in the columns of a row.
pub(crate) fn cells(row: &impl Serialize) -> Vec<String> {
    lines(row).swap_remove(1)
}

/// Rows as the text of a file, under the names of their fields; nothing where there are none.
pub(crate) fn csv_of<R: Serialize>(rows: impl IntoIterator<Item = R>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).expect("numbers and names can be written to memory");
    }
    let bytes = writer.into_inner().expect("memory can be flushed");
    String::from_utf8(bytes).expect("numbers and names are text")
}

/// The header and the row, none of whose cells has a comma or a line break in it.
fn lines(row: &impl Serialize) -> Vec<Vec<String>> {
    csv_of([row]).lines().map(|line| line.split(',').map(String::from).collect()).collect()
}

/// All rows of a file.
pub(crate) fn read_rows<R>(path: &Path) -> Result<Vec<R>, TrainError>
where
    R: Serialize + DeserializeOwned + Default,
{
    let file = File::open(path).map_err(TrainError::io("read", path))?;
    let mut reader = csv::Reader::from_reader(file);
    let header = reader.headers().map_err(|error| TrainError::damaged(path, error))?;
    let columns = columns::<R>();
    if *header != columns {
        let reason = format!("its first line is not `{}`", columns.join(","));
        return Err(TrainError::damaged(path, reason));
    }
    let rows: Result<_, _> = reader.deserialize().collect();
    rows.map_err(|error| TrainError::damaged(path, error))
}
