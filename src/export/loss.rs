//! What an export loses of the return.

use serde::Serialize;

use super::error::ExportError;
use super::reference::Reference;
use crate::env::Env;
use crate::statistics::bootstrap_ci;
use crate::train::evaluate;

/// The difference between the returns of two policies in the same episodes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ReturnLoss {
    /// How many episodes, each with the same start state for both.
    pub episodes: usize,
    /// The mean return of the policy that is given up.
    pub before: f64,
    /// The mean return of the policy that takes its place.
    pub after: f64,
    /// The mean of what each episode loses.
    pub loss: f64,
    /// The lower end of its 95 % bootstrap interval.
    pub loss_low: f64,
    /// The upper end: the loss is hardly more than this.
    pub loss_high: f64,
}

/// Resamples for the interval.
const RESAMPLES: usize = 10_000;

/// Lets two policies act in the same `episodes` episodes of `env`, with the start states of evaluations with this seed.
///
/// # Errors
/// What the environment refused.
pub fn return_loss(
    env: &mut dyn Env,
    before: &mut dyn Reference,
    after: &mut dyn Reference,
    episodes: usize,
    seed: u64,
) -> Result<ReturnLoss, ExportError> {
    let mut returns = |policy: &mut dyn Reference| -> Result<Vec<f64>, ExportError> {
        let mut single = vec![0.0; env.observation_space().len()];
        let mut acted = vec![0.0; env.action_space().len()];
        let evaluation = evaluate(env, episodes, seed, |observation, action| {
            single.iter_mut().zip(observation).for_each(|(to, &x)| *to = x as f32);
            policy.act(&single, &mut acted);
            action.iter_mut().zip(&acted).for_each(|(to, &a)| *to = f64::from(a));
        })?;
        Ok(evaluation.episodes.iter().map(|episode| episode.reward).collect())
    };
    let (first, second) = (returns(before)?, returns(after)?);
    let losses: Vec<_> = first.iter().zip(&second).map(|(a, b)| a - b).collect();
    let interval = bootstrap_ci(&losses, mean, RESAMPLES, 0).unwrap_or((f64::NAN, f64::NAN));
    Ok(ReturnLoss {
        episodes: losses.len(),
        before: mean(&first),
        after: mean(&second),
        loss: mean(&losses),
        loss_low: interval.0,
        loss_high: interval.1,
    })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
