//! Reasons why runs cannot be plotted.

use crate::draw::chart::ChartError;
use crate::train::TrainError;

/// A run that cannot be read, or a plot or file that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// A run that cannot be read, or a file that cannot be written.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// A chart that cannot be drawn or written.
    #[error(transparent)]
    Chart(#[from] ChartError),
}

impl PlotError {
    /// Whether the command was called wrongly, rather than failed.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Train(error) => error.is_usage(),
            Self::Chart(_) => false,
        }
    }
}
