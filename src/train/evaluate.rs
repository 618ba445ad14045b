//! Evaluation: episodes with the deterministic policy, on an environment and random stream of their own.

use std::ops::ControlFlow;

use crate::env::episode::{Moment, play};
use crate::env::{Env, EnvError, Episode};
use crate::learner::LearnerError;
use crate::policy::ActionBox;
use crate::random::{Purpose, fill_uniform, stream};
use crate::statistics::{Summary, summarise};

/// What a number of episodes gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Each episode, in order.
    pub episodes: Vec<Episode>,
    /// Mean and spread of their rewards.
    pub reward: Summary,
    /// Mean of their lengths.
    pub mean_length: f64,
    /// The share of those that succeeded, of the episodes whose success the environment told, if there are any.
    pub success_rate: Option<f64>,
}

/// A step of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvaluationStep {
    /// Number of the episode, from 1 on.
    pub episode: usize,
    /// Number of episodes of the evaluation.
    pub episodes: usize,
    /// Steps of this episode that were done.
    pub steps: u64,
}

/// Runs so many [episodes](crate::env::episodes) of `act` and sums them up.
///
/// # Errors
/// What the environment refused.
pub fn evaluate(
    env: &mut dyn Env,
    episodes: usize,
    seed: u64,
    act: impl FnMut(&[f64], &mut [f64]),
) -> Result<Evaluation, EnvError> {
    let evaluation = evaluate_unless(|_| false, env, episodes, seed, act)?;
    Ok(evaluation.expect("nothing stopped it"))
}

/// Runs `episodes` episodes of uniform actions: what a policy that has learned something should exceed.
///
/// The start states are those of [`evaluate`] with the same seed.
///
/// # Errors
/// What the environment refused, or actions without bounds.
pub fn evaluate_uniform(
    env: &mut dyn Env,
    episodes: usize,
    seed: u64,
) -> Result<Evaluation, LearnerError> {
    let action_box = ActionBox::new(env.action_space())?;
    let mut draws = stream(seed, Purpose::WarmUp);
    let mut uniform = vec![0.0_f64; env.action_space().len()];
    let evaluation = evaluate(env, episodes, seed, |_, action| {
        fill_uniform(&mut uniform, 1.0, &mut draws);
        action_box.to_environment(&uniform, action);
    });
    Ok(evaluation?)
}

/// [`evaluate`], given up as soon as `stop` says so: it is asked before each step of an episode, and with `None` after it.
pub(super) fn evaluate_unless(
    mut stop: impl FnMut(Option<&EvaluationStep>) -> bool,
    env: &mut dyn Env,
    episodes: usize,
    seed: u64,
    act: impl FnMut(&[f64], &mut [f64]),
) -> Result<Option<Evaluation>, EnvError> {
    let mut episode = 1;
    let see = |_: &mut dyn Env, moment: Moment<'_>| {
        let steps = moment.episode.length;
        let at = moment.action.map(|_| EvaluationStep { episode, episodes, steps });
        episode += usize::from(at.is_none());
        Ok(if stop(at.as_ref()) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    let played = play::<EnvError>(env, episodes, seed, act, see)?;
    Ok(played.map(|done| {
        let rewards: Vec<_> = done.iter().map(|episode| episode.reward).collect();
        let steps: u64 = done.iter().map(|episode| episode.length).sum();
        let told: Vec<_> = done.iter().filter_map(|episode| episode.success).collect();
        let succeeded = told.iter().filter(|&&success| success).count();
        Evaluation {
            reward: summarise(&rewards).expect("there is at least one episode"),
            mean_length: steps as f64 / done.len() as f64,
            success_rate: (!told.is_empty()).then(|| succeeded as f64 / told.len() as f64),
            episodes: done,
        }
    }))
}
