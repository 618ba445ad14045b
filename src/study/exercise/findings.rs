//! What every exercise gives.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::draw::chart::{Chart, save_stacked};
use crate::files::write_whole;
use crate::study::error::PlotError;
use crate::train::TrainError;

/// What an exercise found.
pub trait Findings: Serialize {
    /// The name of the exercise, and of its files.
    const NAME: &'static str;

    /// A table of the numbers, row by row, the header first; all rows have as many cells.
    fn table(&self) -> Vec<Vec<String>>;

    /// What the numbers say, a few sentences a paragraph.
    fn reading(&self) -> Vec<String>;

    /// The plot, from above to below.
    fn charts(&self) -> Vec<Chart>;

    /// The numbers behind the plot: a name for each file, and its contents as CSV.
    fn data(&self) -> Vec<(String, String)>;

    /// Writes the plot, as SVG and PNG, and the data into the folder `out`, and returns the files.
    ///
    /// # Errors
    /// A file that cannot be written.
    fn save(&self, out: &Path) -> Result<Vec<PathBuf>, PlotError> {
        fs::create_dir_all(out).map_err(TrainError::io("create", out))?;
        let mut files = save_stacked(&self.charts(), &out.join(Self::NAME))?.to_vec();
        for (name, text) in self.data() {
            let path = out.join(name + ".csv");
            write_whole(&path, text.as_bytes()).map_err(TrainError::io("write", &path))?;
            files.push(path);
        }
        Ok(files)
    }
}
