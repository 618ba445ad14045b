//! A custom environment, trained with the library.
//!
//! A point in the plane is pushed to the origin. The two thrusters have different strengths: the action
//! box is not symmetric, and the learner never needs to know. Before it is trained in, it is checked.

use std::error::Error;

use softac::env::{BoxSpace, CheckConfig, Env, EnvError, Step, TimeLimit, check_env};
use softac::sac::SacConfig;
use softac::train::{Config, EvaluationRow, Observer, RunConfig, Trainer};

struct PointMass {
    observations: BoxSpace,
    actions: BoxSpace,
    /// x, y and their velocities; `None` while no episode is under way.
    state: Option<[f64; 4]>,
}

impl PointMass {
    fn new() -> Result<Self, EnvError> {
        let observations = BoxSpace::new(vec![-5.0; 4], vec![5.0; 4])?;
        let actions = BoxSpace::new(vec![-1.0, -0.5], vec![1.0, 1.5])?;
        Ok(Self { observations, actions, state: None })
    }
}

impl Env for PointMass {
    fn name(&self) -> &str {
        "PointMass-v0"
    }

    fn observation_space(&self) -> &BoxSpace {
        &self.observations
    }

    fn action_space(&self) -> &BoxSpace {
        &self.actions
    }

    fn reset(&mut self, seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        check_length(observation)?;
        let angle = seed as f64; // any angle: seeds are large random numbers
        let state = [2.0 * angle.cos(), 2.0 * angle.sin(), 0.0, 0.0];
        self.state = Some(state);
        observation.copy_from_slice(&state);
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        const DT: f64 = 0.1;
        check_length(observation)?;
        let &[ax, ay] = action else {
            return Err(EnvError::ActionLength { expected: 2, found: action.len() });
        };
        if let Some(index) = action.iter().position(|a| !a.is_finite()) {
            return Err(EnvError::NonFiniteAction { index, value: action[index] });
        }
        let [x, y, vx, vy] = self.state.ok_or(EnvError::NeedsReset)?;
        let (vx, vy) = (vx + DT * ax, vy + DT * ay);
        let next = [x + DT * vx, y + DT * vy, vx, vy].map(|x| x.clamp(-5.0, 5.0));
        self.state = Some(next);
        observation.copy_from_slice(&next);
        let reward = -(next[0].hypot(next[1]) + 0.1 * next[2].hypot(next[3]));
        Ok(Step { reward, terminated: false, truncated: false })
    }
}

fn check_length(observation: &[f64]) -> Result<(), EnvError> {
    match observation.len() {
        4 => Ok(()),
        found => Err(EnvError::ObservationLength { expected: 4, found }),
    }
}

/// Prints every evaluation.
struct Printer;

impl Observer for Printer {
    fn on_evaluation(&mut self, row: &EvaluationRow) {
        println!(
            "{:>6} steps: return {:8.2} ± {:.2}",
            row.timesteps, row.mean_reward, row.std_reward
        );
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let env = || PointMass::new().map(|env| TimeLimit::new(env, 60));
    let report = check_env(|| env().expect("the bounds are valid"), CheckConfig::default());
    println!("{report}");
    let config = Config {
        run: RunConfig { total_timesteps: 4_000, eval_freq: 1_000, ..RunConfig::default() },
        algo: SacConfig {
            learning_rate: 1e-3,
            batch_size: 64,
            buffer_size: 4_000,
            net_arch: vec![64, 64].into(),
            tau: 0.01,
            ..SacConfig::default()
        }
        .into(),
    };
    let mut trainer = Trainer::<f32>::new(config, Box::new(env()?), Box::new(env()?))?;
    trainer.train(None, &mut Printer)?;
    Ok(())
}
