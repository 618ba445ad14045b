//! Who watches a training, and what is seen.

use super::evaluate::{Evaluation, EvaluationStep};
use super::metrics::{EvaluationRow, MetricsRow};
use crate::env::Episode;

/// Who watches a training; every method may be left out.
pub trait Observer {
    /// An environment step was done; the updates that are due after it follow, once it was told of those of all
    /// environments that are stepped together.
    fn on_step(&mut self, _progress: &Progress) {}

    /// A row of metrics is complete.
    fn on_metrics(&mut self, _row: &MetricsRow) {}

    /// The policy was evaluated.
    fn on_evaluation(&mut self, _row: &EvaluationRow) {}

    /// A checkpoint was written.
    fn on_checkpoint(&mut self, _timesteps: u64) {}

    /// Whether the training is to stop here; asked after every step, every update, and every episode of an
    /// evaluation.
    fn should_stop(&mut self) -> bool {
        false
    }

    /// Tells whether an evaluation, and with it the training, must be given up in the midst of an episode; asked before
    /// every step of one.
    fn should_stop_evaluating(&mut self, _at: &EvaluationStep) -> bool {
        false
    }

    /// Something is not as it should be, and the training goes on: the file system locks no files, or observations lie so
    /// [far from zero](crate::env::FarFromZero) that their precision is lost.
    fn on_warning(&mut self, _what: &str) {}
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Observer for Quiet {}

/// How far a training is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Environment steps so far.
    pub timesteps: u64,
    /// Return of the episode that ended with this step, if one did.
    pub finished_episode: Option<Episode>,
}

/// Why a training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All steps were done.
    Finished,
    /// An evaluation reached `reward_threshold`.
    RewardThreshold,
    /// `max_no_improvement_evals` evaluations in a row were no better than the best.
    NoImprovement,
    /// The observer stopped it.
    Interrupted,
}

/// What a training came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Environment steps done.
    pub timesteps: u64,
    /// Why it ended.
    pub end: End,
    /// The final evaluation; there is none if the training was interrupted.
    pub final_evaluation: Option<Evaluation>,
}
