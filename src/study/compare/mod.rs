//! The runs of several configurations side by side: what they score, how sure that is, and how fast they
//! came to it.
//!
//! The score of a run is the mean return of its final evaluation. Everything else is in
//! [`statistics`](crate::statistics).
//!
//! | file | holds |
//! |---|---|
//! | `comparison.rs`, `options.rs` | [`compare()`] and its settings |
//! | `runs.rs`, `groups.rs` | which runs there are, and which belong together |
//! | `tasks.rs` | what a score is in each environment |
//! | `summary.rs` | what a group of runs comes to, and how two groups compare |
//! | `charts.rs` | learning curves and performance profiles |
//! | `curves.rs` | [`Curve`]: learning curves as files, from elsewhere too |
//! | `error.rs` | [`CompareError`] |

mod charts;
mod comparison;
mod curves;
mod error;
mod groups;
mod options;
mod runs;
mod summary;
mod tasks;

pub(super) use charts::series;
pub use comparison::{Comparison, compare};
pub use curves::Curve;
pub use error::CompareError;
pub use options::Options;
pub(super) use summary::estimates;
pub use summary::{CurvePoint, Estimate, GroupSummary, Improvement, ProfilePoint, RunScore};
pub use tasks::{Range, Task};
