//! Evaluation: episodes with the deterministic policy, on an environment and random stream of their own.

use std::ops::ControlFlow;

use rand::Rng;

use super::statistics::{Summary, summarise};
use crate::env::{Env, EnvError, Step};
use crate::learner::LearnerError;
use crate::policy::ActionBox;
use crate::random::{Purpose, fill_uniform, stream};

/// What one episode gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Episode {
    /// Sum of the rewards, not discounted.
    pub reward: f64,
    /// Number of steps.
    pub length: u64,
}

impl Episode {
    /// No step yet.
    pub(super) const NONE: Self = Self { reward: 0.0, length: 0 };

    /// Adds a step, which may end it: then it is returned, and another one begins.
    pub(super) fn count(&mut self, step: &Step) -> Option<Self> {
        self.reward += step.reward;
        self.length += 1;
        step.done().then(|| std::mem::replace(self, Self::NONE))
    }
}

/// What a number of episodes gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Each episode, in order.
    pub episodes: Vec<Episode>,
    /// Mean and spread of their rewards.
    pub reward: Summary,
    /// Mean of their lengths.
    pub mean_length: f64,
}

/// Runs `episodes` episodes (at least one) of `act`, which maps an observation to the environment's action.
///
/// Every episode has to end: an environment that does not see to that itself goes into a
/// [`TimeLimit`](crate::env::TimeLimit).
///
/// The start states are drawn from the evaluation stream of `seed`: equal seeds, equal starts, and the
/// first n of m episodes are the n episodes.
///
/// # Errors
/// What the environment refused.
pub fn evaluate(
    env: &mut dyn Env,
    episodes: usize,
    seed: u64,
    act: impl FnMut(&[f64], &mut [f64]),
) -> Result<Evaluation, EnvError> {
    let evaluation = evaluate_unless(|| false, env, episodes, seed, act)?;
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

/// [`evaluate`], given up as soon as `stop` says so after an episode.
pub(super) fn evaluate_unless(
    mut stop: impl FnMut() -> bool,
    env: &mut dyn Env,
    episodes: usize,
    seed: u64,
    act: impl FnMut(&[f64], &mut [f64]),
) -> Result<Option<Evaluation>, EnvError> {
    let see = |_: &mut dyn Env, moment: Moment<'_>| {
        let is_over = moment.action.is_none();
        Ok(if is_over && stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    let played = play::<EnvError>(env, episodes, seed, act, see)?;
    Ok(played.map(|done| {
        let rewards: Vec<_> = done.iter().map(|episode| episode.reward).collect();
        let steps: u64 = done.iter().map(|episode| episode.length).sum();
        Evaluation {
            reward: summarise(&rewards).expect("there is at least one episode"),
            mean_length: steps as f64 / done.len() as f64,
            episodes: done,
        }
    }))
}

/// A moment of an episode: between two steps, or at its end.
pub(super) struct Moment<'a> {
    /// The action that is about to be taken; none at the end.
    pub action: Option<&'a [f64]>,
    /// The episode so far.
    pub episode: Episode,
    /// The reward of the last step; 0 at the beginning.
    pub reward: f64,
}

/// The episodes of [`evaluate`], each moment of which is shown to `see`, which may put an end to it: then there are
/// none.
pub(super) fn play<E: From<EnvError>>(
    env: &mut dyn Env,
    episodes: usize,
    seed: u64,
    mut act: impl FnMut(&[f64], &mut [f64]),
    mut see: impl FnMut(&mut dyn Env, Moment<'_>) -> Result<ControlFlow<()>, E>,
) -> Result<Option<Vec<Episode>>, E> {
    let mut starts = stream(seed, Purpose::Evaluation);
    let mut observation = vec![0.0; env.observation_space().len()];
    let mut action = vec![0.0; env.action_space().len()];
    let mut done = Vec::new();
    for _ in 0..episodes.max(1) {
        env.reset(starts.next_u64(), &mut observation)?;
        let (mut episode, mut reward) = (Episode::NONE, 0.0);
        let finished = loop {
            act(&observation, &mut action);
            let moment = Moment { action: Some(&action), episode, reward };
            if see(env, moment)?.is_break() {
                return Ok(None);
            }
            let step = env.step(&action, &mut observation)?;
            reward = step.reward;
            if let Some(finished) = episode.count(&step) {
                break finished;
            }
        };
        done.push(finished);
        if see(env, Moment { action: None, episode: finished, reward })?.is_break() {
            return Ok(None);
        }
    }
    Ok(Some(done))
}
