//! An environment that tells what was done to it.

use softac::env::{BoxSpace, Env, EnvError, Step};

/// The box of [`Counter`]'s actions.
pub const LOW: [f64; 2] = [-3.0, 10.0];
pub const HIGH: [f64; 2] = [1.0, 10.5];

/// An environment that counts: the observation is `[episode, step]`, the reward the number of the step.
/// It keeps the seeds and actions that it is given.
pub struct Counter {
    observation_space: BoxSpace,
    pub action_space: BoxSpace,
    terminates_at: f64,
    now: [f64; 2],
    pub seeds: Vec<u64>,
    pub actions: Vec<[f64; 2]>,
}

impl Counter {
    pub fn new(terminates_at: f64) -> Self {
        Self {
            observation_space: BoxSpace::new(vec![0.0; 2], vec![f64::INFINITY; 2]).unwrap(),
            action_space: BoxSpace::new(LOW.into(), HIGH.into()).unwrap(),
            terminates_at,
            now: [0.0; 2],
            seeds: vec![],
            actions: vec![],
        }
    }
}

impl Env for Counter {
    fn name(&self) -> &str {
        "Counter"
    }

    fn observation_space(&self) -> &BoxSpace {
        &self.observation_space
    }

    fn action_space(&self) -> &BoxSpace {
        &self.action_space
    }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.seeds.push(seed);
        self.now = [self.now[0] + 1.0, 0.0];
        observation.copy_from_slice(&self.now);
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        self.actions.push([action[0], action[1]]);
        self.now[1] += 1.0;
        observation.copy_from_slice(&self.now);
        let terminated = self.now[1] == self.terminates_at;
        Ok(Step { reward: self.now[1], terminated, truncated: false })
    }
}
