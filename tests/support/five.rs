//! An environment with five observations and five actions that tells what was done to it.

use softac::env::{BoxSpace, Env, EnvError, Step};

/// Numbers of an observation, and of an action.
pub const FIVE: usize = 5;
/// The box of its actions.
pub const LOW: [f64; FIVE] = [-2.0, 0.0, -1.0, 4.0, -8.0];
pub const HIGH: [f64; FIVE] = [2.0, 10.0, 3.0, 20.0, -7.0];

/// An environment in which every number is another: no two steps, episodes or lanes look the same, and what is observed
/// depends on what was done. Its episodes have all the same number of steps, and terminate or are cut.
pub struct Five {
    observation_space: BoxSpace,
    action_space: BoxSpace,
    lane: usize,
    steps: u64,
    terminates: bool,
    now: u64,
    seed: u64,
    pub seeds: Vec<u64>,
    pub actions: Vec<[f64; FIVE]>,
}

impl Five {
    /// Episodes of so many steps; those of an odd lane terminate, the others are cut.
    pub fn new(lane: usize, steps: u64) -> Self {
        let unbounded = |sign: f64| vec![sign * f64::INFINITY; FIVE];
        Self {
            observation_space: BoxSpace::new(unbounded(-1.0), unbounded(1.0)).unwrap(),
            action_space: BoxSpace::new(LOW.into(), HIGH.into()).unwrap(),
            lane,
            steps,
            terminates: lane % 2 == 1,
            now: 0,
            seed: 0,
            seeds: vec![],
            actions: vec![],
        }
    }

    /// Without a pattern, each component on a scale of its own.
    fn observe(&self, done: f64, observation: &mut [f64]) {
        let phase = (self.seed % 1_000) as f64 + 17.0 * self.lane as f64;
        for (j, x) in observation.iter_mut().enumerate() {
            let wave = (phase + 2.3 * self.now as f64 + 1.7 * j as f64 + 0.1 * done).sin();
            *x = 10.0 * j as f64 + (1.0 + j as f64) * wave;
        }
    }
}

impl Env for Five {
    fn name(&self) -> &str {
        "Five"
    }

    fn observation_space(&self) -> &BoxSpace {
        &self.observation_space
    }

    fn action_space(&self) -> &BoxSpace {
        &self.action_space
    }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.seeds.push(seed);
        (self.seed, self.now) = (seed, 0);
        self.observe(0.0, observation);
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        self.actions.push(action.try_into().unwrap());
        self.now += 1;
        self.observe(action.iter().sum(), observation);
        let (reward, over) = (observation[1] - 11.0, self.now == self.steps);
        let (terminated, truncated) = (over && self.terminates, over && !self.terminates);
        Ok(Step { reward, terminated, truncated })
    }
}
