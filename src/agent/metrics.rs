//! The numbers that an update reports, by name.

/// A number that updates report: a column of `metrics.csv`, and a curve of TensorBoard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Its name in files, with its group: `train/critic_loss`.
    pub name: &'static str,
    /// Its name beside the progress bar, if it is shown there.
    pub label: Option<&'static str>,
    /// Its plot, if it has one.
    pub plot: Option<Plot>,
}

/// How a column is plotted over the environment steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plot {
    /// The file's name, without extension.
    pub file: &'static str,
    /// The title, behind the environment's name.
    pub title: &'static str,
    /// The y axis, with its unit.
    pub y_label: &'static str,
    /// Whether the y axis is logarithmic.
    pub log: bool,
}

impl Column {
    /// The name without its group: `critic_loss`.
    #[must_use]
    pub fn short_name(&self) -> &'static str {
        self.name.rsplit('/').next().unwrap_or(self.name)
    }

    /// A column that is only written.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, label: None, plot: None }
    }

    /// The same, shown beside the progress bar.
    #[must_use]
    pub const fn shown_as(self, label: &'static str) -> Self {
        Self { label: Some(label), ..self }
    }

    /// The same, with a plot.
    #[must_use]
    pub const fn plotted(self, plot: Plot) -> Self {
        Self { plot: Some(plot), ..self }
    }
}

/// What an update reports.
pub trait Metrics {
    /// The columns, in the order of the files.
    const COLUMNS: &'static [Column];

    /// The number of each column; none where this update computed none.
    fn values(&self) -> impl Iterator<Item = Option<f64>>;
}
