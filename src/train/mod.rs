//! Training as a user sees it: configurations, the loop with evaluation, and what a run leaves behind.
//!
//! | file | holds |
//! |---|---|
//! | `config.rs`, `presets.rs` | every setting of a run, by name; good values per environment |
//! | `trainer.rs` | [`Trainer`]: the loop around a [`Learner`](crate::learner::Learner) |
//! | `evaluate.rs` | episodes with the deterministic policy |
//! | `metrics.rs` | the rows of `metrics.csv` and `evaluations.csv` |
//! | `policy_file.rs` | [`SavedPolicy`]: `policy.safetensors` |
//! | `run_folder.rs` | [`RunFolder`]: the files of a run |
//! | `plots.rs`, `chart.rs` | learning curve, entropy and temperature, as SVG and PNG |
//! | `tensorboard.rs` | [`EventWriter`]: the same rows for TensorBoard |
//! | `statistics.rs` | means with their intervals |

pub mod chart;
mod config;
mod error;
mod evaluate;
mod metrics;
mod plots;
mod policy_file;
mod presets;
mod run_folder;
pub mod statistics;
mod tensorboard;
mod trainer;

pub use config::{Config, Precision, RunConfig};
pub use error::TrainError;
pub use evaluate::{Episode, Evaluation, evaluate};
pub use metrics::{EvaluationRow, MetricsRow};
pub use plots::plot_runs;
pub use policy_file::SavedPolicy;
pub use presets::preset;
pub use run_folder::RunFolder;
pub use tensorboard::EventWriter;
pub use trainer::{Observer, Outcome, Progress, Quiet, Trainer};
