//! Observations with a memory.

use alloc::vec::Vec;

use super::error::EnvError;
use super::space::BoxSpace;
use super::{Env, Step};

/// Gives the last observations together, the oldest first. Before there are enough, the first one of the
/// episode stands in for those that are missing.
///
/// It makes up for what a single observation does not tell, velocities above all.
///
/// ```
/// use softac::env::{Env, FrameStack, Pendulum};
/// let mut env = FrameStack::new(Pendulum::new(), 2);
/// let mut observation = [0.0; 6];
/// env.reset(7, &mut observation)?;
/// assert_eq!(observation[..3], observation[3..]);
/// let first = observation;
/// env.step(&[1.0], &mut observation)?;
/// assert_eq!(observation[..3], first[3..]);
/// # Ok::<(), softac::env::EnvError>(())
/// ```
#[derive(Clone, Debug)]
pub struct FrameStack<E> {
    env: E,
    space: BoxSpace,
    /// The observations, the oldest first.
    frames: Vec<f64>,
    /// How many numbers the environment's own observation has.
    len: usize,
}

impl<E: Env> FrameStack<E> {
    /// Gives so many observations together; 0 acts as 1.
    #[must_use]
    pub fn new(env: E, frames: usize) -> Self {
        let (inner, frames) = (env.observation_space(), frames.max(1));
        let (len, space) = (inner.len(), inner.repeated(frames));
        let frames = alloc::vec![0.0; space.len()];
        Self { env, space, frames, len }
    }
}

impl<E: Env> Env for FrameStack<E> {
    crate::forward_env! { env:
        name, versions, action_space, success, announce_reset, announce_step, picture
    }

    fn observation_space(&self) -> &BoxSpace {
        &self.space
    }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.space.check_length(observation)?;
        let (first, others) = observation.split_at_mut(self.len);
        self.env.reset(seed, first)?;
        others.chunks_exact_mut(self.len).for_each(|frame| frame.copy_from_slice(first));
        self.frames.copy_from_slice(observation);
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        self.space.check_length(observation)?;
        let youngest = self.frames.len() - self.len;
        let step = self.env.step(action, &mut observation[youngest..])?;
        self.frames.copy_within(self.len.., 0);
        self.frames[youngest..].copy_from_slice(&observation[youngest..]);
        observation.copy_from_slice(&self.frames);
        Ok(step)
    }

    fn state(&self) -> Option<Vec<u64>> {
        let mut state = self.env.state()?;
        state.extend(self.frames.iter().map(|x| x.to_bits()));
        Some(state)
    }

    fn restore(&mut self, state: &[u64]) -> Result<(), EnvError> {
        let inner = state.len().checked_sub(self.frames.len());
        let inner = inner.ok_or_else(|| EnvError::invalid_state(self.name()))?;
        let (inner, frames) = state.split_at(inner);
        self.env.restore(inner)?;
        self.frames.iter_mut().zip(frames).for_each(|(x, &word)| *x = f64::from_bits(word));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::{Pendulum, TimeLimit};

    fn frames(observation: &[f64]) -> Vec<Vec<f64>> {
        observation.chunks(3).map(<[f64]>::to_vec).collect()
    }

    #[test]
    fn the_last_observations_come_together_and_an_episode_begins_with_its_first() {
        let mut plain = TimeLimit::new(Pendulum::new(), 9);
        let mut stacked = FrameStack::new(plain.clone(), 3);
        let (mut own, mut three) = ([0.0; 3], [0.0; 9]);
        for seed in 0..2 {
            plain.reset(seed, &mut own).unwrap();
            stacked.reset(seed, &mut three).unwrap();
            let mut seen = alloc::vec![own.to_vec(); 3];
            assert_eq!(frames(&three), seen);
            for t in 0..9 {
                let action = [f64::from(t) / 9.0];
                let expected = plain.step(&action, &mut own).unwrap();
                assert_eq!(stacked.step(&action, &mut three).unwrap(), expected);
                seen.push(own.to_vec());
                assert_eq!(frames(&three), seen[seen.len() - 3..]);
            }
        }
        assert_eq!(stacked.observation_space().len(), 9);
    }

    #[test]
    fn a_restored_stack_goes_on_with_the_same_memory() {
        let mut env = FrameStack::new(Pendulum::new(), 2);
        let (mut other, mut a, mut b) = (env.clone(), [0.0; 6], [0.0; 6]);
        env.reset(3, &mut a).unwrap();
        env.step(&[1.0], &mut a).unwrap();
        other.restore(&env.state().unwrap()).unwrap();
        env.step(&[-1.0], &mut a).unwrap();
        other.step(&[-1.0], &mut b).unwrap();
        assert_eq!(a, b);
        assert!(other.restore(&[1]).is_err());
    }

    #[test]
    fn a_refused_call_leaves_the_memory_as_it_was() {
        let mut env = FrameStack::new(Pendulum::new(), 2);
        let mut observation = [0.0; 6];
        env.reset(3, &mut observation).unwrap();
        let before = env.state();
        assert!(env.step(&[f64::NAN], &mut [0.0; 6]).is_err());
        assert!(env.step(&[0.0], &mut [0.0; 3]).is_err());
        assert_eq!(env.state(), before);
    }
}
