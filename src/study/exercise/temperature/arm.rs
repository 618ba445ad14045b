//! One temperature and its runs.

use serde::Serialize;

use super::speed::StepsTo;
use crate::study::compare::{CurvePoint, Estimate};

/// What the runs at one temperature come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Arm {
    /// The setting `ent_coef`.
    pub ent_coef: String,
    /// Interquartile mean of the final returns.
    pub final_return: Estimate,
    /// Interquartile mean of the mean returns over the training: the area under the learning curve by its length.
    pub mean_return: Estimate,
    /// How soon the threshold is reached.
    pub steps: Option<StepsTo>,
    /// Interquartile mean of the entropies at the end, in nats.
    pub entropy: Option<Estimate>,
    /// Interquartile mean of the returns, wherever all runs were evaluated.
    pub curve: Vec<CurvePoint>,
    /// Interquartile mean of the entropies, wherever all runs have a row.
    pub entropies: Vec<CurvePoint>,
    /// Each run.
    pub runs: Vec<ArmRun>,
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArmRun {
    /// The setting `ent_coef`.
    pub ent_coef: String,
    /// The seed.
    pub seed: u64,
    /// The mean return of the final evaluation.
    pub final_return: f64,
    /// The mean return over the training.
    pub mean_return: f64,
    /// The first evaluation at which the threshold was reached, in environment steps.
    pub steps: Option<u64>,
    /// The entropy in the last row of metrics, in nats.
    pub entropy: Option<f64>,
    /// α in the last row of metrics.
    pub alpha: Option<f64>,
}
