//! Training as a user sees it: configurations, the loop with evaluation, and what a run leaves behind.
//!
//! | file | holds |
//! |---|---|
//! | `config.rs`, `run_config.rs`, `presets.rs` | every setting of a run, by name; good values per environment |
//! | `algo.rs`, `keys.rs`, `reference.rs` | [`Algo`]: the algorithms by name; whose a setting is; all settings for readers |
//! | `written.rs` | values of settings as people write them |
//! | `dispatch.rs` | [`Work`]: from a configuration to number type and algorithm |
//! | `task.rs` | [`Task`]: environments by name, native or Gymnasium's |
//! | `trainer.rs` | [`Trainer`]: the loop around a [`Learner`](crate::learner::Learner) |
//! | `observer.rs` | [`Observer`]: who watches a training |
//! | `offset.rs` | observations that are too far from zero, said once |
//! | `schedule.rs` | learning rates that fall |
//! | `evaluate.rs`, `best.rs` | episodes with the deterministic policy; the best ones, and when to end |
//! | `metrics.rs`, `accumulator.rs`, `hash.rs`, `rows.rs` | the rows of `metrics.csv` and `evaluations.csv` |
//! | `policy_file.rs`, `policy_header.rs` | [`SavedPolicy`]: `policy.safetensors` |
//! | `run_folder.rs`, `output.rs` | [`RunFolder`]: the files of a run, and what a training writes to them |
//! | `checkpoint/`, `tensors.rs` | everything that a run needs to go on, whole or not at all |
//! | `origin.rs` | the state from which a training starts |
//! | `resume.rs`, `verify.rs` | going on with a run; running it again to see whether it is the same |
//! | `fault.rs`, `fault_record.rs` | [`Fault`]: what a NaN came from, to be found again |
//! | `tensorboard.rs` | [`EventWriter`]: the same rows for TensorBoard |
//! | `start.rs` | beginning with what another run learned |
//! | `change.rs` | [`Change`]: the first setting in which two configurations differ |

mod accumulator;
mod algo;
mod best;
pub(crate) mod change;
mod checkpoint;
mod config;
mod dispatch;
mod error;
mod evaluate;
mod fault;
mod fault_record;
mod hash;
pub(crate) mod keys;
mod metrics;
mod observer;
mod offset;
mod origin;
mod output;
mod policy_file;
mod policy_header;
mod presets;
mod reference;
mod resume;
pub(crate) mod rows;
mod run_config;
pub(crate) mod run_folder;
mod schedule;
mod start;
mod structure;
mod task;
mod tensorboard;
mod tensors;
mod trainer;
mod verify;
mod written;

pub use crate::env::Episode;
pub use algo::Algo;
pub use change::Change;
pub use config::{Config, preset};
pub use dispatch::Work;
pub use error::TrainError;
pub use evaluate::{Evaluation, EvaluationStep, evaluate, evaluate_uniform};
pub use fault::Fault;
pub use hash::Hash;
pub use metrics::{EvaluationRow, MetricsRow};
pub use observer::{End, Observer, Outcome, Progress, Quiet};
pub use policy_file::SavedPolicy;
pub use reference::{Listed, listed, settings_page};
pub use resume::Resumed;
pub use run_config::{EvalEnv, Precision, RunConfig};
pub use run_folder::RunFolder;
pub use schedule::Schedule;
pub use task::Task;
pub use tensorboard::EventWriter;
pub use tensors::{Show, read_part_of_state, read_state, write_state};
pub use trainer::Trainer;
pub use verify::{Mismatch, Verdict, verify};
pub use written::{gathered, read_assignment, read_setting, read_value};
