//! What every algorithm is made of: trained parameters, critics with their targets, a temperature, the division of a
//! batch, faults and their names, metrics and memory; and the interface by which all else knows an algorithm.
//!
//! | file | holds |
//! |---|---|
//! | `algorithm.rs` | [`Algorithm`]: what learns from minibatches; [`Settings`]: its hyperparameters; [`UpdateNoise`]: the random numbers of an update |
//! | `equation.rs`, `points.rs` | [`Equation`]: a function that an algorithm differentiates, with random points for the gradient checker |
//! | `settings/` | [`settings`]: settings, each declared once |
//! | `metrics.rs` | [`Metrics`]: the numbers that an update reports, by name |
//! | `trained.rs` | [`Trained`]: parameters with their optimiser and tapes |
//! | `critics.rs`, `q_min.rs`, `temperature.rs` | critics with their targets; their minimum; α, given or learned |
//! | `plan.rs`, `shards.rs` | a batch divided into rows that are computed together |
//! | `inputs.rs` | the shapes of a batch, checked; its rows |
//! | `error.rs`, `diagnosis.rs` | an update that was refused; the name of the number at fault |
//! | `network_pass.rs` | [`NetworkPass`]: what an update computes of a network, to count its operations |
//! | `memory.rs` | the memory that updates work in |

mod algorithm;
mod critics;
mod diagnosis;
mod equation;
mod error;
mod inputs;
mod memory;
mod metrics;
mod network_pass;
mod plan;
mod points;
mod q_min;
pub mod settings;
mod shards;
mod temperature;
mod trained;

pub use algorithm::{Algorithm, Networks, NoNoise, Settings, UpdateNoise};
pub(crate) use critics::Critics;
pub(crate) use diagnosis::{Input, StageInputs, check_finite};
pub use equation::{Equation, Extent, Problem, Variable};
pub use error::{NotFinite, Operation, Stage, Sweep, UpdateError};
pub(crate) use inputs::{check_batch, check_columns, rows_of};
pub use memory::Memory;
pub(crate) use memory::memory_of;
pub use metrics::{Column, Metrics, Plot};
pub use network_pass::{NetworkPass, PassGradient};
pub(crate) use plan::Plan;
pub use points::Points;
pub(crate) use points::column;
pub use q_min::q_min;
pub(crate) use shards::{Pass, Shards};
pub(crate) use temperature::Temperature;
pub use trained::Trained;
