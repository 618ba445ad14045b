//! Tables as CSV files.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::TrainError;
use crate::files;

/// A CSV file that grows row by row; each row is on disk when it has been written.
///
/// The file gains a column with the first row that has it. The rows before have an empty cell there, and so has a later
/// row without the column.
pub(crate) struct RowWriter {
    path: PathBuf,
    columns: Vec<String>,
    writer: csv::Writer<File>,
}

impl RowWriter {
    /// A new file with the columns of this row, and no rows.
    pub fn create(path: PathBuf, row: &impl Serialize) -> Result<Self, TrainError> {
        let mut file = File::create_new(&path).map_err(TrainError::io("create", &path))?;
        file.write_all(header(row).as_bytes()).map_err(TrainError::io("write", &path))?;
        Ok(Self { path, columns: columns(row), writer: csv::Writer::from_writer(file) })
    }

    /// A file that is there already.
    pub fn append(path: PathBuf) -> Result<Self, TrainError> {
        let (columns, _) = open(&path)?;
        let file = File::options().append(true).open(&path);
        let file = file.map_err(TrainError::io("write", &path))?;
        Ok(Self { path, columns, writer: csv::Writer::from_writer(file) })
    }

    pub fn write(&mut self, row: &impl Serialize) -> Result<(), TrainError> {
        let lines = lines(row);
        if lines[0].iter().any(|column| !self.columns.contains(column)) {
            self.change_columns(lines[0].clone())?;
        }
        let written = self.writer.write_record(under(&self.columns, &lines[0], &lines[1]));
        let flushed = written.map_err(io::Error::from).and_then(|()| self.writer.flush());
        flushed.map_err(TrainError::io("write", &self.path))
    }

    /// Writes the file again with these columns: whoever reads it meanwhile finds it whole, as it was or as it will be.
    fn change_columns(&mut self, columns: Vec<String>) -> Result<(), TrainError> {
        let (old, reader) = open(&self.path)?;
        let mut text = columns.join(",") + "\n";
        for record in reader.into_records() {
            let record = record.map_err(|error| TrainError::damaged(&self.path, error))?;
            text += &(under(&columns, &old, &record.iter().collect::<Vec<_>>()).join(",") + "\n");
        }
        files::write_whole(&self.path, text.as_bytes())
            .map_err(TrainError::io("write", &self.path))?;
        *self = Self::append(self.path.clone())?;
        Ok(())
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

/// What stands in the columns of these names; an empty cell where the row has no such column.
pub(crate) fn cells_under(columns: &[String], row: &impl Serialize) -> Vec<String> {
    let lines = lines(row);
    under(columns, &lines[0], &lines[1])
}

/// The cells of a row with the columns `own`, in the order of `columns`.
fn under(columns: &[String], own: &[String], cells: &[impl ToString]) -> Vec<String> {
    let cell = |column| own.iter().position(|of| of == column).and_then(|i| cells.get(i));
    columns
        .iter()
        .map(|column| cell(column).map_or_else(String::new, ToString::to_string))
        .collect()
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

/// All rows of a file with the columns of one of these `forms`.
pub(crate) fn read_rows<R>(path: &Path, forms: &[R]) -> Result<Vec<R>, TrainError>
where
    R: Serialize + DeserializeOwned,
{
    let (_, reader) = open_as(path, forms)?;
    let rows = reader.into_deserialize().collect::<Result<_, _>>();
    rows.map_err(|error| TrainError::damaged(path, error))
}

/// The names of columns, with what stands in them.
pub(crate) type Cells<'a> = &'a mut dyn Iterator<Item = (&'a str, &'a str)>;

/// All rows of a file with the columns of one of these `forms`, each made of that form and its cells.
pub(crate) fn read_records<R: Serialize + Clone>(
    path: &Path,
    forms: &[R],
    filled: impl Fn(R, Cells<'_>) -> Result<R, String>,
) -> Result<Vec<R>, TrainError> {
    let (form, reader) = open_as(path, forms)?;
    let (names, mut rows) = (columns(form), Vec::new());
    for (record, line) in reader.into_records().zip(2..) {
        let record = record.map_err(|error| TrainError::damaged(path, error))?;
        let row = filled(form.clone(), &mut names.iter().map(String::as_str).zip(&record));
        let wrong = |reason| TrainError::damaged(path, format!("line {line}: {reason}"));
        rows.push(row.map_err(wrong)?);
    }
    Ok(rows)
}

/// The form whose columns a file has, and what reads its rows.
fn open_as<'a, R: Serialize>(
    path: &Path,
    forms: &'a [R],
) -> Result<(&'a R, csv::Reader<File>), TrainError> {
    let (found, reader) = open(path)?;
    let form = forms.iter().find(|form| columns(form) == found).ok_or_else(|| {
        let reason = format!("its first line is not `{}`", columns(&forms[0]).join(","));
        TrainError::damaged(path, reason)
    })?;
    Ok((form, reader))
}

/// The columns of a file, and what reads its rows.
fn open(path: &Path) -> Result<(Vec<String>, csv::Reader<File>), TrainError> {
    let file = files::open(path).map_err(TrainError::io("read", path))?;
    let mut reader = csv::Reader::from_reader(file);
    let header = reader.headers().map_err(|error| TrainError::damaged(path, error))?;
    Ok((header.iter().map(String::from).collect(), reader))
}
