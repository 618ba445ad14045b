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
//! | `policy_file.rs` | [`SavedPolicy`]: `policy.safetensors` |
//! | `run_folder.rs`, `output.rs` | [`RunFolder`]: the files of a run, and what a training writes to them |
//! | `checkpoint/`, `tensors.rs` | everything that a run needs to go on, whole or not at all |
//! | `origin.rs` | the state from which a training starts |
//! | `resume.rs`, `verify.rs` | going on with a run; running it again to see whether it is the same |
//! | `fault.rs` | [`Fault`]: what a NaN came from, to be found again |
//! | `tensorboard.rs` | [`EventWriter`]: the same rows for TensorBoard |
//! | `change.rs` | [`Change`]: the first setting in which two configurations differ |

mod best;
pub(crate) mod change;
mod checkpoint;
mod config;
mod error;
mod evaluate;
mod fault;
mod gatherer;
mod hash;
mod metrics;
mod observer;
mod origin;
mod output;
mod policy_file;
mod presets;
mod resume;
pub(crate) mod rows;
mod run_config;
pub(crate) mod run_folder;
mod schedule;
mod task;
mod tensorboard;
mod tensors;
mod trainer;
mod verify;

pub use crate::env::Episode;
pub use change::Change;
pub use config::Config;
pub use error::TrainError;
pub use evaluate::{Evaluation, evaluate, evaluate_uniform};
pub use fault::Fault;
pub use hash::Hash;
pub use metrics::{EvaluationRow, MetricsRow};
pub use observer::{End, Observer, Outcome, Progress, Quiet};
pub use policy_file::SavedPolicy;
pub use presets::preset;
pub use resume::Resumed;
pub use run_config::{Precision, RunConfig};
pub use run_folder::RunFolder;
pub use schedule::Schedule;
pub use task::Task;
pub use tensorboard::EventWriter;
pub use trainer::Trainer;
pub use verify::{Mismatch, Verdict, verify};
