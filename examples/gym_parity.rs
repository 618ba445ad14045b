//! Plays episodes again that Gymnasium has recorded by itself: through the bridge they must be the same to the bit,
//! and in the native environments to 10⁻⁶.
//!
//! ```sh
//! .venv/bin/python scripts/record_gym.py Pendulum-v1 HalfCheetah-v5 > recorded.json
//! SOFTAC_PYTHON=.venv/bin/python cargo run --release --example gym_parity -- recorded.json
//! ```

use std::error::Error;

use serde::Deserialize;
use softac::env::{Env, MountainCarContinuous, Pendulum};
use softac::gym::GymOptions;
use softac::train::Task;

#[derive(Deserialize)]
struct Recorded {
    env: String,
    episodes: Vec<Episode>,
}

#[derive(Deserialize)]
struct Episode {
    seed: u64,
    /// The state it starts in, where the environment has one of that name.
    start: Option<Vec<f64>>,
    first: Vec<u64>,
    steps: Vec<Step>,
}

/// Observations and rewards are bits.
#[derive(Deserialize)]
struct Step {
    action: Vec<f64>,
    observation: Vec<u64>,
    reward: u64,
    terminated: bool,
    truncated: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("which recording?")?;
    let recorded: Vec<Recorded> = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let python = std::env::var_os("SOFTAC_PYTHON").unwrap_or("python3".into());
    let options = GymOptions { python: python.into(), ..GymOptions::default() };
    for Recorded { env: id, episodes } in recorded {
        let mut env = Task::find(&format!("gym:{id}"))?.make(&options)?;
        let mut steps = 0;
        for episode in &episodes {
            through_the_bridge(env.as_mut(), episode)?;
            steps += episode.steps.len();
        }
        let off = episodes.iter().map(|episode| natively(&id, episode));
        match off.collect::<Result<Option<Vec<f64>>, _>>()? {
            Some(off) => {
                let most = off.into_iter().fold(0.0, f64::max);
                if most > 1e-6 {
                    return Err(format!("{id}: the native one is off by {most:e}").into());
                }
                println!("{id}: {steps} steps the same to the bit, natively to {most:.1e}");
            }
            None => println!("{id}: {steps} steps the same to the bit"),
        }
    }
    Ok(())
}

fn through_the_bridge(env: &mut dyn Env, episode: &Episode) -> Result<(), Box<dyn Error>> {
    let mut observation = vec![0.0; env.observation_space().len()];
    let bits = |numbers: &[f64]| -> Vec<u64> { numbers.iter().map(|x| x.to_bits()).collect() };
    env.reset(episode.seed, &mut observation)?;
    if bits(&observation) != episode.first {
        return Err(format!("{}: reset({}) differs", env.name(), episode.seed).into());
    }
    for (step, t) in episode.steps.iter().zip(1..) {
        let found = env.step(&step.action, &mut observation)?;
        let same = bits(&observation) == step.observation
            && found.reward.to_bits() == step.reward
            && (found.terminated, found.truncated) == (step.terminated, step.truncated);
        if !same {
            return Err(format!("{}: step {t} of seed {} differs", env.name(), episode.seed).into());
        }
    }
    Ok(())
}

/// The largest difference of the native environment in observations and rewards; none where there is none.
fn natively(id: &str, episode: &Episode) -> Result<Option<f64>, Box<dyn Error>> {
    let Some(&[x, y]) = episode.start.as_deref() else { return Ok(None) };
    let mut observation = [0.0; 3];
    let mut env: Box<dyn Env> = match id {
        "Pendulum-v1" => {
            let mut env = Pendulum::new();
            env.reset_to(x, y, &mut observation)?;
            Box::new(env)
        }
        "MountainCarContinuous-v0" => {
            let mut env = MountainCarContinuous::new();
            env.reset_to(x, y, &mut observation[..2])?;
            Box::new(env)
        }
        _ => return Ok(None),
    };
    let observation = &mut observation[..episode.first.len()];
    let mut most = 0.0_f64;
    for step in &episode.steps {
        let found = env.step(&step.action, observation)?;
        let numbers = observation.iter().zip(&step.observation);
        let numbers = numbers.chain([(&found.reward, &step.reward)]);
        let differences = numbers.map(|(ours, theirs)| (ours - f64::from_bits(*theirs)).abs());
        most = differences.fold(most, f64::max);
        if found.terminated != step.terminated {
            return Err(format!("{id}: another end").into());
        }
    }
    Ok(Some(most))
}
