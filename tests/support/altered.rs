//! An environment whose steps are altered before the learner sees them.

use softac::env::{Env, EnvError, Step};

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
    softac::forward_env! { env: name, observation_space, action_space, reset }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let step = self.env.step(action, observation)?;
        (self.alter)(step, observation)
    }
}
