//! What the way to Python costs: steps of Gymnasium's environments through the bridge, and in Python alone.
//!
//! ```sh
//! pip install "gymnasium[mujoco]"
//! PYTHONPATH=scripts SOFTAC_PYTHON=.venv/bin/python cargo run --release --example gym_overhead
//! ```
//!
//! Both sides take the same random actions, episode after episode, in turns; medians of the turns. Then what several
//! processes at a time are worth: a learner that acts by its policy and does no updates, in N environments together.

use std::error::Error;
use std::process::Command;
use std::time::Instant;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use softac::env::Env;
use softac::gym::GymOptions;
use softac::learner::Learner;
use softac::sac::SacConfig;
use softac::train::{RunConfig, Task};

const ENVS: [&str; 3] = ["time_gym:Nothing-v0", "Pendulum-v1", "HalfCheetah-v5"];
const SEVERAL: [&str; 2] = ["HalfCheetah-v5", "Humanoid-v5"];
const TURNS: usize = 9;
const STEPS: u32 = 4000;

fn main() -> Result<(), Box<dyn Error>> {
    let python = std::env::var_os("SOFTAC_PYTHON").unwrap_or("python3".into());
    let options = GymOptions { python: python.clone().into(), ..GymOptions::default() };
    println!("{:<20} {:>9} {:>9} {:>9}", "µs per step", "bridge", "Python", "overhead");
    for id in ENVS {
        let mut env = Task::find(&format!("gym:{id}"))?.make(&options)?;
        let (mut through, mut alone) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            through.push(time(env.as_mut())?);
            let output =
                Command::new(&python).args(["-m", "time_gym", id, &STEPS.to_string()]).output()?;
            let text = String::from_utf8(output.stdout)?;
            let said = || String::from_utf8_lossy(&output.stderr).into_owned();
            alone.push(text.trim().parse::<f64>().map_err(|_| said())?);
        }
        let (through, alone) = (median(&mut through), median(&mut alone));
        let id = id.trim_start_matches("time_gym:");
        println!("{id:<20} {through:>9.1} {alone:>9.1} {:>9.1}", through - alone);
    }
    println!("\n{:<20} {:>9} {:>9} {:>9}", "steps/s", "1", "2", "4 together");
    for id in SEVERAL {
        let actors = [1, 2, 4].map(|n| Actor::new(id, n, &options)).into_iter();
        let mut actors = actors.collect::<Result<Vec<_>, _>>()?;
        let mut speeds = vec![Vec::new(); actors.len()];
        for _ in 0..TURNS {
            for (actor, speeds) in actors.iter_mut().zip(&mut speeds) {
                speeds.push(actor.steps_per_second()?);
            }
        }
        let [one, two, four] = [0, 1, 2].map(|i| median(&mut speeds[i]));
        println!("{id:<20} {one:>9.0} {two:>9.0} {four:>9.0}");
    }
    Ok(())
}

/// A learner that does not come to learning.
struct Actor {
    learner: Learner<f32>,
    envs: Vec<Box<dyn Env>>,
}

impl Actor {
    fn new(id: &str, num_envs: u32, options: &GymOptions) -> Result<Self, Box<dyn Error>> {
        let task = Task::find(&format!("gym:{id}"))?;
        let envs = RunConfig { num_envs, ..RunConfig::default() }.envs(|| task.make(options))?;
        let (warmup_steps, learning_starts) = (Some(0), u64::MAX);
        let config = SacConfig { warmup_steps, learning_starts, ..SacConfig::default() };
        let config = SacConfig { buffer_size: 100_000, ..config };
        let learner = Learner::in_lockstep(num_envs, config, envs[0].as_ref(), 0)?;
        Ok(Self { learner, envs })
    }

    fn steps_per_second(&mut self) -> Result<f64, Box<dyn Error>> {
        let (before, start) = (self.learner.steps(), Instant::now());
        while self.learner.steps() < before + u64::from(STEPS) {
            self.learner.interact(&mut self.envs[..])?;
        }
        Ok(f64::from(STEPS) / start.elapsed().as_secs_f64())
    }
}

/// The time of a step in microseconds: the median of all, without resets.
fn time(env: &mut dyn Env) -> Result<f64, Box<dyn Error>> {
    let mut observation = vec![0.0; env.observation_space().len()];
    let bounds = env.action_space().clone();
    let mut action = vec![0.0; bounds.len()];
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut times = Vec::new();
    env.reset(0, &mut observation)?;
    for _ in 0..STEPS {
        for (a, (&low, &high)) in action.iter_mut().zip(bounds.low().iter().zip(bounds.high())) {
            *a = rng.random_range(low..=high);
        }
        let start = Instant::now();
        let step = env.step(&action, &mut observation)?;
        times.push(start.elapsed().as_secs_f64() * 1e6);
        if step.done() {
            env.reset(0, &mut observation)?;
        }
    }
    Ok(median(&mut times))
}

fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
