//! Whole episodes of a policy, from start states of its own.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::ControlFlow;

use rand::Rng;

use super::error::EnvError;
use super::{Env, Step};
use crate::random::{Purpose, stream};

/// What one episode gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Episode {
    /// Sum of the rewards, not discounted.
    pub reward: f64,
    /// Number of steps.
    pub length: u64,
    /// Success of an episode that ended, if the environment [tells](Env::success) it.
    pub success: Option<bool>,
}

impl Episode {
    /// No step yet.
    pub const NONE: Self = Self { reward: 0.0, length: 0, success: None };

    /// Adds a step, which may end it: then it is returned with this success, and another one begins.
    pub fn count(&mut self, step: &Step, success: Option<bool>) -> Option<Self> {
        self.reward += step.reward;
        self.length += 1;
        step.done().then(|| Self { success, ..core::mem::replace(self, Self::NONE) })
    }
}

/// Runs `count` episodes (at least one) of `act`, which maps an observation to the environment's action.
///
/// Every episode has to end: an environment that does not see to that itself goes into a
/// [`TimeLimit`](super::TimeLimit).
///
/// The start states are drawn from the evaluation stream of `seed`: equal seeds, equal starts, and the
/// first n of m episodes are the n episodes.
///
/// # Errors
/// What the environment refused.
pub fn episodes(
    env: &mut dyn Env,
    count: usize,
    seed: u64,
    act: impl FnMut(&[f64], &mut [f64]),
) -> Result<Vec<Episode>, EnvError> {
    let done = play::<EnvError>(env, count, seed, act, |_, _| Ok(ControlFlow::Continue(())))?;
    Ok(done.expect("nothing stopped them"))
}

/// A moment of an episode: between two steps, or at its end.
#[cfg_attr(not(feature = "std"), expect(dead_code, reason = "only a film looks at them"))]
pub(crate) struct Moment<'a> {
    /// The action that is about to be taken; none at the end.
    pub action: Option<&'a [f64]>,
    /// The episode so far.
    pub episode: Episode,
    /// The reward of the last step; 0 at the beginning.
    pub reward: f64,
}

/// The episodes of [`episodes`], each moment of which is shown to `see`, which may put an end to it: then there are
/// none.
pub(crate) fn play<E: From<EnvError>>(
    env: &mut dyn Env,
    count: usize,
    seed: u64,
    mut act: impl FnMut(&[f64], &mut [f64]),
    mut see: impl FnMut(&mut dyn Env, Moment<'_>) -> Result<ControlFlow<()>, E>,
) -> Result<Option<Vec<Episode>>, E> {
    let mut starts = stream(seed, Purpose::Evaluation);
    let mut observation = vec![0.0; env.observation_space().len()];
    let mut action = vec![0.0; env.action_space().len()];
    let mut done = Vec::new();
    for _ in 0..count.max(1) {
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
            if let Some(finished) = episode.count(&step, env.success()) {
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
