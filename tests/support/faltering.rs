//! An environment that keeps failing.

use softac::env::{Env, EnvError, Step};

/// `env`, of which every third call fails before anything has changed; how many were made.
pub struct Faltering<E> {
    pub env: E,
    pub calls: usize,
}

impl<E> Faltering<E> {
    fn falter(&mut self) -> Result<(), EnvError> {
        self.calls += 1;
        if self.calls.is_multiple_of(3) { Err(EnvError::NeedsReset) } else { Ok(()) }
    }
}

impl<E: Env> Env for Faltering<E> {
    softac::forward_env! { env: name, observation_space, action_space }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.falter()?;
        self.env.reset(seed, observation)
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        self.falter()?;
        self.env.step(action, observation)
    }
}
