//! Training as a user sees it: configurations, the loop with evaluation, and what a run leaves behind.
//!
//! | file | holds |
//! |---|---|
//! | `config.rs`, `run_config.rs`, `presets.rs` | every setting of a run, by name; good values per environment |
//! | `task.rs` | [`Task`]: environments by name, native or Gymnasium's |
//! | `trainer.rs` | [`Trainer`]: the loop around a [`Learner`](crate::learner::Learner) |
//! | `observer.rs` | [`Observer`]: who watches a training |
//! | `schedule.rs` | learning rates that fall |
//! | `evaluate.rs`, `best.rs` | episodes with the deterministic policy; the best ones, and when to end |
//! | `metrics.rs`, `gatherer.rs`, `hash.rs`, `rows.rs` | the rows of `metrics.csv` and `evaluations.csv` |
//! | `policy_file.rs`, `policy_header.rs` | [`SavedPolicy`]: `policy.safetensors` |
//! | `run_folder.rs`, `output.rs` | [`RunFolder`]: the files of a run, and what a training writes to them |
//! | `files.rs` | files and folders that are whole or not there |
//! | `checkpoint/`, `tensors.rs` | everything that a run needs to go on, whole or not at all |
//! | `resume.rs`, `verify.rs` | going on with a run; running it again to see whether it is the same |
//! | `fault.rs` | [`Fault`]: what a NaN came from, to be found again |
//! | `plots.rs`, `chart.rs` | learning curve, entropy and temperature, as SVG and PNG |
//! | `film.rs`, `film/` | [`film()`]: episodes to be looked at |
//! | `raster.rs` | from SVG to pixels |
//! | `tensorboard.rs` | [`EventWriter`]: the same rows for TensorBoard |
//! | `statistics.rs`, `statistics/` | means with their intervals, and what else runs say together |
//! | `compare/`, `change.rs` | [`compare()`]: the runs of several configurations side by side; what these differ in |
//! | `exercise/` | [`exercise`]: what entropy and temperature do, asked of data |

mod best;
mod change;
pub mod chart;
mod checkpoint;
pub mod compare;
mod config;
mod error;
mod evaluate;
pub mod exercise;
mod fault;
mod files;
pub mod film;
mod gatherer;
mod hash;
mod metrics;
mod observer;
mod output;
mod plots;
mod policy_file;
mod policy_header;
mod presets;
mod raster;
mod resume;
mod rows;
mod run_config;
mod run_folder;
mod schedule;
pub mod statistics;
mod task;
mod tensorboard;
mod tensors;
mod trainer;
mod verify;

pub use crate::env::Episode;
pub use change::Change;
pub use compare::compare;
pub use config::Config;
pub use error::TrainError;
pub use evaluate::{Evaluation, evaluate, evaluate_uniform};
pub use fault::Fault;
pub use film::{Film, FilmError, FilmOptions, film};
pub use hash::Hash;
pub use metrics::{EvaluationRow, MetricsRow};
pub use observer::{End, Observer, Outcome, Progress, Quiet};
pub use plots::plot_runs;
pub use policy_file::SavedPolicy;
pub use presets::preset;
pub use resume::Resumed;
pub use run_config::{Precision, RunConfig};
pub use run_folder::RunFolder;
pub use schedule::Schedule;
pub use task::Task;
pub use tensorboard::EventWriter;
pub use trainer::Trainer;
pub use verify::{Difference, Verdict, verify};
