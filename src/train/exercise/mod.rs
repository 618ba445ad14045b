//! Exercises: questions about the temperature, answered from data.
//!
//! Each takes what was trained or computed and gives [`Findings`]: numbers, a plot, and a reading of them in sentences,
//! none of which is said unless the numbers say it.
//!
//! | file | holds |
//! |---|---|
//! | `entropy.rs` | [`EntropyFindings`]: when entropy begins to fall, and whether α converges |
//! | `onset.rs`, `settling.rs` | [`onset()`] and [`settling()`]: what beginning to fall and converging mean |
//! | `temperature.rs`, `temperature/` | [`TemperatureFindings`]: fixed temperatures and a learned one compared |
//! | `bandit.rs`, `bandit/` | [`BanditFindings`]: the Boltzmann policy of two arms, in closed form and learned |
//! | `words.rs` | numbers in sentences |
//!
//! Another exercise is another type with [`Findings`], and a command for it in `src/cli/exercise/`.

mod bandit;
mod entropy;
mod onset;
mod settling;
mod temperature;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

pub use self::bandit::{BanditFindings, BanditPoint};
pub use self::entropy::{EntropyFindings, EntropyRow, EntropyRun, Level};
pub use self::onset::{Onset, noise, onset};
pub use self::settling::{Course, Settling, settling};
pub use self::temperature::{
    Advantage, Arm, ArmRun, StepsTo, TemperatureFindings, TemperatureOptions,
};
use super::TrainError;
use super::chart::{Chart, save_stacked};
use super::files::write_whole;
use super::rows::csv_of;

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
    fn save(&self, out: &Path) -> Result<Vec<PathBuf>, TrainError> {
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
