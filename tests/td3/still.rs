//! An environment in which nothing changes, so that a policy that does not learn has one action.

use softac::env::{BoxSpace, Env, EnvError, Step};

/// Half ranges 2 and ¼, neither centred at 0.
pub const LOW: [f64; 2] = [-3.0, 10.0];
pub const HIGH: [f64; 2] = [1.0, 10.5];
pub const OBSERVATION: [f64; 2] = [0.25, -0.5];

/// It keeps the actions that it is given.
pub struct Still {
    observation_space: BoxSpace,
    action_space: BoxSpace,
    pub actions: Vec<[f64; 2]>,
}

impl Still {
    pub fn new() -> Self {
        Self {
            observation_space: BoxSpace::new(vec![-1.0; 2], vec![1.0; 2]).unwrap(),
            action_space: BoxSpace::new(LOW.into(), HIGH.into()).unwrap(),
            actions: vec![],
        }
    }
}

impl Env for Still {
    fn name(&self) -> &str {
        "Still"
    }

    fn observation_space(&self) -> &BoxSpace {
        &self.observation_space
    }

    fn action_space(&self) -> &BoxSpace {
        &self.action_space
    }

    fn reset(&mut self, _: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        observation.copy_from_slice(&OBSERVATION);
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        self.actions.push([action[0], action[1]]);
        observation.copy_from_slice(&OBSERVATION);
        Ok(Step { reward: 1.0, terminated: false, truncated: false })
    }
}
