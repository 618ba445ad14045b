//! Whole episodes of a policy, from start states of its own.

use alloc::vec;
use alloc::vec::Vec;

use rand::Rng;

use super::{Env, EnvError, Step};
use crate::random::{Purpose, stream};

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
    pub const NONE: Self = Self { reward: 0.0, length: 0 };

    /// Adds a step, which may end it: then it is returned, and another one begins.
    pub fn count(&mut self, step: &Step) -> Option<Self> {
        self.reward += step.reward;
        self.length += 1;
        step.done().then(|| core::mem::replace(self, Self::NONE))
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
    let done = episodes_unless(|| false, env, count, seed, act)?;
    Ok(done.expect("nothing stopped them"))
}

/// [`episodes`], given up as soon as `stop` says so after an episode.
pub(crate) fn episodes_unless(
    mut stop: impl FnMut() -> bool,
    env: &mut dyn Env,
    count: usize,
    seed: u64,
    mut act: impl FnMut(&[f64], &mut [f64]),
) -> Result<Option<Vec<Episode>>, EnvError> {
    let mut starts = stream(seed, Purpose::Evaluation);
    let mut observation = vec![0.0; env.observation_space().len()];
    let mut action = vec![0.0; env.action_space().len()];
    let mut done = Vec::new();
    for _ in 0..count.max(1) {
        env.reset(starts.next_u64(), &mut observation)?;
        let mut episode = Episode::NONE;
        done.push(loop {
            act(&observation, &mut action);
            let step = env.step(&action, &mut observation)?;
            if let Some(finished) = episode.count(&step) {
                break finished;
            }
        });
        if stop() {
            return Ok(None);
        }
    }
    Ok(Some(done))
}
