//! Line charts of training runs, as SVG for papers and PNG for everything else.
//!
//! Plotters supplies the SVG writer, the font metrics and the PNG encoder. Layout, ticks and
//! rasterisation are done here, because a diverging run must never break its own chart: values
//! from 1e−300 to 1e300, NaN and infinities all give a picture.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use softac::train::chart::{Chart, Series};
//!
//! let folder = tempfile::tempdir()?;
//! let points = vec![(0.0, -1400.0), (5_000.0, -600.0), (10_000.0, -150.0)];
//! let chart = Chart {
//!     title: "Pendulum-v1".into(),
//!     x_label: "environment steps".into(),
//!     y_label: "return".into(),
//!     series: vec![Series::new("seed 1", points)],
//!     ..Chart::default()
//! };
//! let [svg, png] = chart.save(&folder.path().join("returns"))?;
//! assert!(svg.exists() && png.exists());
//! # Ok(())
//! # }
//! ```

mod axis;
mod label;
mod layout;
mod legend;
mod plot;
mod raster;
mod surface;
#[cfg(test)]
mod tests;
mod vector;
mod write;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// One line of a chart and, where it has one, the band around it.
///
/// Points are joined in the order given. A point that has no place in the chart (a NaN, an
/// infinity, a value ≤ 0 on a logarithmic axis) leaves a gap.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// The name in the legend; a series without one is drawn but not listed.
    pub label: String,
    /// The points `(x, y)`.
    pub points: Vec<(f64, f64)>,
    /// A translucent area `(x, low, high)`, such as a confidence interval.
    pub band: Option<Vec<(f64, f64, f64)>>,
}

impl Series {
    /// A line without a band.
    #[must_use]
    pub fn new(label: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        Self { label: label.into(), points, band: None }
    }

    /// The same line with a band `(x, low, high)` behind it.
    #[must_use]
    pub fn with_band(self, band: Vec<(f64, f64, f64)>) -> Self {
        Self { band: Some(band), ..self }
    }
}

/// A dashed horizontal line, such as a target that the data should approach.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reference {
    /// The name in the legend; a reference without one is drawn but not listed.
    pub label: String,
    /// Where the line stands on the y axis.
    pub y: f64,
}

/// How an axis maps values to lengths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Equal differences are equally long.
    #[default]
    Linear,
    /// Equal ratios are equally long; values ≤ 0 have no place.
    Log,
}

/// A line chart.
///
/// The colours are those of Okabe and Ito, "Color Universal Design" (2008), less the yellow,
/// which is faint on white; an eighth series takes the first colour again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// The line above the chart.
    pub title: String,
    /// The name and unit of the x axis.
    pub x_label: String,
    /// The name and unit of the y axis.
    pub y_label: String,
    /// The lines, later ones over earlier ones.
    pub series: Vec<Series>,
    /// Horizontal reference lines, in front of the series.
    pub references: Vec<Reference>,
    /// The scale of the y axis.
    pub y_scale: Scale,
}

impl Chart {
    /// Draws the chart to `<stem>.svg` (800 × 500) and `<stem>.png` (1600 × 1000) and returns
    /// the two paths, in this order. The same chart always gives the same bytes.
    ///
    /// Each file appears whole or not at all: it is written beside its final name and renamed.
    ///
    /// # Errors
    ///
    /// [`ChartError::Write`] when a file cannot be written, [`ChartError::Draw`] when a font
    /// or a drawing backend fails.
    pub fn save(&self, stem: &Path) -> Result<[PathBuf; 2], ChartError> {
        let [svg, png] = [".svg", ".png"].map(|extension| {
            // Not `with_extension`, which would cut the end off a stem such as `alpha-0.2`.
            let mut name = stem.as_os_str().to_owned();
            name.push(extension);
            PathBuf::from(name)
        });

        let text = vector::render(self)?;
        write::atomically(&svg, |file| file.write_all(text.as_bytes()))?;
        let image = raster::render(self)?;
        write::atomically(&png, |file| image.encode(file.path()))?;
        Ok([svg, png])
    }
}

/// A chart that could not be drawn or saved.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// A file could not be written; nothing was left at its name that was not there before.
    #[error(
        "cannot write the chart {path}: {source}; check that its folder exists, may be written \
         to and has space left"
    )]
    Write {
        /// The file that was to be written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A font or a drawing backend failed.
    #[error("cannot draw the chart: {reason}; this is a bug worth reporting")]
    Draw {
        /// What the backend said.
        reason: String,
    },
}
