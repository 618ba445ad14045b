//! Tables as CSV files.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::TrainError;
use crate::files;

/// A CSV file that grows row by row; each row is on disk when it has been written.
pub(crate) struct RowWriter {
    path: PathBuf,
    writer: csv::Writer<File>,
}

impl RowWriter {
    /// A new file that holds the header.
    pub fn create(path: PathBuf, header: &str) -> Result<Self, TrainError> {
        let mut file = File::create_new(&path).map_err(TrainError::io("create", &path))?;
        file.write_all(header.as_bytes()).map_err(TrainError::io("write", &path))?;
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

/// A row of the files of a run.
pub(crate) trait Row: Serialize {
    /// Environment steps so far.
    fn timesteps(&self) -> u64;

    /// The numbers for TensorBoard, by the names of their columns: all but the step and hashes, and but for empty cells.
    fn scalars(&self) -> Vec<(&'static str, f64)>;
}

/// The first line of a file of such rows.
pub(crate) fn header(row: &impl Serialize) -> String {
    columns(row).join(",") + "\n"
}

/// The names of the columns of a row.
pub(crate) fn columns(row: &impl Serialize) -> Vec<String> {
    lines(row).swap_remove(0)
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

/// All rows of a file whose columns are always the same.
pub(crate) fn read_rows<R>(path: &Path) -> Result<Vec<R>, TrainError>
where
    R: Serialize + DeserializeOwned + Default,
{
    let rows = reader(path, &columns(&R::default()))?.into_deserialize().collect::<Result<_, _>>();
    rows.map_err(|error| TrainError::damaged(path, error))
}

/// All rows of a file with these columns, each made of its cells.
pub(crate) fn read_records<R>(
    path: &Path,
    columns: &[String],
    mut row_of: impl FnMut(&mut dyn Iterator<Item = &str>) -> Result<R, String>,
) -> Result<Vec<R>, TrainError> {
    let mut rows = Vec::new();
    for (record, line) in reader(path, columns)?.into_records().zip(2..) {
        let record = record.map_err(|error| TrainError::damaged(path, error))?;
        let row = row_of(&mut record.iter());
        let wrong = |reason| TrainError::damaged(path, format!("line {line}: {reason}"));
        rows.push(row.map_err(wrong)?);
    }
    Ok(rows)
}

/// What reads the file, once its first line has been checked.
fn reader(path: &Path, columns: &[String]) -> Result<csv::Reader<File>, TrainError> {
    let file = files::open(path).map_err(TrainError::io("read", path))?;
    let mut reader = csv::Reader::from_reader(file);
    let header = reader.headers().map_err(|error| TrainError::damaged(path, error))?;
    if !header.iter().eq(columns) {
        let reason = format!("its first line is not `{}`", columns.join(","));
        return Err(TrainError::damaged(path, reason));
    }
    Ok(reader)
}
