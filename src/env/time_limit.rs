//! Cutting episodes at a number of steps.

use alloc::vec::Vec;

use super::error::EnvError;
use super::{Env, Step};

/// Truncates the episodes of an environment after a number of steps.
///
/// As in Gymnasium, a step whose count reaches the limit is reported as `truncated`, whatever it
/// reports as `terminated`: both are true where the task ends on the very last step. A time limit
/// that is no part of the task must not cut the bootstrap: Pardo et al., "Time Limits in
/// Reinforcement Learning", ICML 2018, <https://arxiv.org/abs/1712.00378>.
///
/// ```
/// use softac::env::{Env, Pendulum, TimeLimit};
/// let mut env = TimeLimit::new(Pendulum::new(), 2);
/// let mut observation = [0.0; 3];
/// env.reset(7, &mut observation)?;
/// assert!(!env.step(&[0.0], &mut observation)?.truncated);
/// assert!(env.step(&[0.0], &mut observation)?.truncated);
/// # Ok::<(), softac::env::EnvError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TimeLimit<E> {
    env: E,
    limit: u32,
    elapsed: u32,
}

impl<E: Env> TimeLimit<E> {
    /// Limits the episodes of `env` to `limit` steps; an episode has at least one step, so a limit
    /// of 0 acts as a limit of 1.
    #[must_use]
    pub fn new(env: E, limit: u32) -> Self {
        Self { env, limit: limit.max(1), elapsed: 0 }
    }

    /// The environment within, for instance to read its state.
    #[must_use]
    pub fn inner(&self) -> &E {
        &self.env
    }
}

impl<E: Env> Env for TimeLimit<E> {
    crate::forward_env! { env:
        name, versions, observation_space, action_space, success, announce_reset, picture
    }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.env.reset(seed, observation)?;
        self.elapsed = 0;
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        if self.elapsed == self.limit {
            return Err(EnvError::NeedsReset);
        }
        let step = self.env.step(action, observation)?;
        self.elapsed += 1;
        Ok(Step { truncated: step.truncated || self.elapsed == self.limit, ..step })
    }

    fn announce_step(&mut self, action: &[f64]) {
        // A step that is refused must not be begun.
        if self.elapsed < self.limit {
            self.env.announce_step(action);
        }
    }

    fn state(&self) -> Option<Vec<u64>> {
        let mut state = self.env.state()?;
        state.push(u64::from(self.elapsed));
        Some(state)
    }

    fn restore(&mut self, state: &[u64]) -> Result<(), EnvError> {
        let invalid = EnvError::invalid_state(self.name());
        let Some((&elapsed, inner)) = state.split_last() else { return Err(invalid) };
        let elapsed = u32::try_from(elapsed).ok().filter(|&elapsed| elapsed <= self.limit);
        let elapsed = elapsed.ok_or(invalid)?;
        self.env.restore(inner)?;
        self.elapsed = elapsed;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::boxed::Box;

    use super::*;
    use crate::env::{Pendulum, TwoArmedBandit};

    #[test]
    fn a_truncated_episode_needs_a_reset() {
        let mut env = TimeLimit::new(Box::new(Pendulum::new()) as Box<dyn Env>, 3);
        let mut observation = [0.0; 3];
        assert_eq!(env.name(), "Pendulum-v1");
        for seed in 0..2 {
            env.reset(seed, &mut observation).unwrap();
            for count in 1..=3 {
                let step = env.step(&[0.1], &mut observation).unwrap();
                assert_eq!((step.terminated, step.truncated), (false, count == 3));
            }
            assert_eq!(env.step(&[0.1], &mut observation), Err(EnvError::NeedsReset));
        }
    }

    #[test]
    fn a_refused_step_does_not_count() {
        let mut env = TimeLimit::new(Pendulum::new(), 1);
        let mut observation = [0.0; 3];
        env.reset(0, &mut observation).unwrap();
        assert!(env.step(&[f64::NAN], &mut observation).is_err());
        assert!(env.step(&[0.0], &mut observation).unwrap().truncated);
    }

    #[test]
    fn the_last_step_can_both_terminate_and_truncate() {
        for limit in [0, 1] {
            let mut env = TimeLimit::new(TwoArmedBandit::new(), limit);
            let mut observation = [0.0];
            env.reset(0, &mut observation).unwrap();
            let step = env.step(&[0.0], &mut observation).unwrap();
            assert!(step.terminated && step.truncated && step.done());
        }
    }
}
