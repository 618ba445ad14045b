//! An environment whose steps are altered before the learner sees them.

use softac::env::{BoxSpace, Env, EnvError, Step};

/// `env`, each of whose steps goes through `alter`, which may change the observation too.
pub struct Altered<E, F> {
    pub env: E,
    pub alter: F,
}

impl<E, F> Env for Altered<E, F>
where
    E: Env,
    F: FnMut(Step, &mut [f64]) -> Result<Step, EnvError> + Send,
{
    fn name(&self) -> &str {
        self.env.name()
    }

    fn observation_space(&self) -> &BoxSpace {
        self.env.observation_space()
    }

    fn action_space(&self) -> &BoxSpace {
        self.env.action_space()
    }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.env.reset(seed, observation)
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let step = self.env.step(action, observation)?;
        (self.alter)(step, observation)
    }
}
