//! One of the environments that a learner acts in.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use rand::Rng;

use super::error::LearnerError;
use crate::Scalar;
use crate::env::{Env, Step};
use crate::random::Stream;

/// What belongs to one environment alone.
pub(super) struct Lane {
    pub phase: Phase,
    /// What it said of the last step.
    pub step: Step,
    /// Success of the episode that this step ended, if the environment told it.
    pub success: Option<bool>,
    /// The seeds of its episodes.
    pub starts: Stream,
    /// The observation as the environment writes it, `[S]`
    pub observed: Vec<f64>,
    /// The action in the environment's units, `[A]`
    pub applied: Vec<f64>,
}

/// How far an environment is between two steps of all. Where one fails, the others wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// A reset comes next.
    Over,
    /// Its episode has begun, and waits for the others to begin theirs.
    Begun,
    /// Its observation waits for an action.
    UnderWay,
    /// Its step is done, and waits for those of the others.
    Stepped,
}

impl Lane {
    pub fn new(starts: Stream, s: usize, a: usize) -> Self {
        let step = Step { reward: 0.0, terminated: false, truncated: false };
        let (observed, applied) = (vec![0.0; s], vec![0.0; a]);
        Self { phase: Phase::Over, step, success: None, starts, observed, applied }
    }

    /// Whether the environment is in the midst of an episode.
    pub fn episode_under_way(&self) -> bool {
        match self.phase {
            Phase::Over => false,
            Phase::Begun | Phase::UnderWay => true,
            Phase::Stepped => !self.step.done(),
        }
    }

    /// The seed of the next episode, which stays the next one until it has begun.
    pub fn next_seed(&self) -> u64 {
        self.starts.clone().next_u64()
    }

    /// Begins an episode; `t` is the number of the environment step that comes next.
    pub fn reset<T: Scalar>(&mut self, env: &mut dyn Env, t: u64) -> Result<(), LearnerError> {
        env.reset(self.next_seed(), &mut self.observed)?;
        self.check_finite::<T>(env, None, t)?;
        self.starts.next_u64();
        self.phase = Phase::Begun;
        Ok(())
    }

    /// Takes the action; `t` is the number of the environment step.
    pub fn step<T: Scalar>(&mut self, env: &mut dyn Env, t: u64) -> Result<(), LearnerError> {
        let step = env.step(&self.applied, &mut self.observed)?;
        // The environment has moved on, and cannot be taken back.
        let checked = self.check_finite::<T>(env, Some(step.reward), t);
        checked.inspect_err(|_| self.phase = Phase::Over)?;
        (self.step, self.phase) = (step, Phase::Stepped);
        self.success = step.done().then(|| env.success()).flatten();
        Ok(())
    }

    /// Refuses what would turn every parameter into NaN some steps later: what is not finite once it is rounded to the
    /// training's precision.
    fn check_finite<T: Scalar>(
        &self,
        env: &dyn Env,
        reward: Option<f64>,
        step: u64,
    ) -> Result<(), LearnerError> {
        let observed = self.observed.iter().enumerate();
        let wrong = observed.map(|(i, &x)| (Some(i), x)).chain(reward.map(|reward| (None, reward)));
        let Some((index, value)) = wrong.into_iter().find(|&(_, x)| !T::of(x).is_finite()) else {
            return Ok(());
        };
        let quantity = index.map_or("reward".into(), |i| format!("observation[{i}]"));
        Err(LearnerError::NotFinite { env: env.name().into(), quantity, value, step })
    }
}
