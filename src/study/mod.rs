//! Several runs and what they show together: plots, comparisons, exercises.
//!
//! | file | holds |
//! |---|---|
//! | `plots.rs` | [`plot_runs()`]: learning curve, entropy and temperature, as SVG and PNG |
//! | `compare/` | [`compare()`]: the runs of several configurations side by side |
//! | `exercise/` | [`exercise`]: questions about entropy and temperature, answered from data |
//! | `error.rs` | [`PlotError`] |

pub mod compare;
mod error;
pub mod exercise;
mod plots;

pub use compare::compare;
pub use error::PlotError;
pub use plots::plot_runs;
