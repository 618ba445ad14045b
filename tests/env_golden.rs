//! The native environments against trajectories of Gymnasium's own.
//!
//! The fixtures are written by `scripts/make_env_fixtures.py`.
#![cfg(feature = "std")]

use std::fs;
use std::path::Path;

use serde::Deserialize;
use softac::env::{Env, MountainCarContinuous, Pendulum};

const TOLERANCE: f64 = 1e-9;

#[derive(Deserialize)]
struct Fixture {
    env: String,
    episodes: Vec<Episode>,
}

#[derive(Deserialize)]
struct Episode {
    start: [f64; 2],
    actions: Vec<f64>,
    states: Vec<[f64; 2]>,
    observations: Vec<Vec<f64>>,
    rewards: Vec<f64>,
    terminated: Vec<bool>,
}

/// An environment that can be put into a state.
trait Replay: Env {
    fn start(&mut self, state: [f64; 2], observation: &mut [f64]);
    fn now(&self) -> [f64; 2];
}

impl Replay for Pendulum {
    fn start(&mut self, [theta, theta_dot]: [f64; 2], observation: &mut [f64]) {
        self.reset_to(theta, theta_dot, observation).unwrap();
    }

    fn now(&self) -> [f64; 2] {
        self.state()
    }
}

impl Replay for MountainCarContinuous {
    fn start(&mut self, [position, velocity]: [f64; 2], observation: &mut [f64]) {
        self.reset_to(position, velocity, observation).unwrap();
    }

    fn now(&self) -> [f64; 2] {
        self.state()
    }
}

fn assert_close(ours: &[f64], theirs: &[f64], what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (x, y) in ours.iter().zip(theirs) {
        assert!((x - y).abs() <= TOLERANCE, "{what}: {ours:?}, Gymnasium has {theirs:?}");
    }
}

/// Plays the recorded actions from the recorded start states alone, without correcting the state
/// on the way. Gives the number of episodes that terminated.
fn replay(mut env: impl Replay) -> usize {
    let name = env.name().to_owned();
    let file = format!("{}/tests/fixtures/env/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(Path::new(&file)).unwrap();
    let fixture: Fixture = serde_json::from_str(&text).unwrap();
    assert_eq!(fixture.env, name);

    let mut observation = vec![0.0; env.observation_space().len()];
    let mut goals = 0;
    for (index, episode) in fixture.episodes.iter().enumerate() {
        env.start(episode.start, &mut observation);
        for (t, &action) in episode.actions.iter().enumerate() {
            let at = format!("{name}, episode {index}, step {t}");
            let step = env.step(&[action], &mut observation).unwrap();
            assert_close(&env.now(), &episode.states[t], &at);
            // Gymnasium gives observations in single precision.
            let single: Vec<f64> = observation.iter().map(|&x| f64::from(x as f32)).collect();
            assert_close(&single, &episode.observations[t], &at);
            assert_close(&[step.reward], &[episode.rewards[t]], &at);
            assert_eq!((step.terminated, step.truncated), (episode.terminated[t], false), "{at}");
            goals += usize::from(step.terminated);
        }
    }
    goals
}

#[test]
fn the_pendulum_moves_as_in_gymnasium() {
    assert_eq!(replay(Pendulum::new()), 0);
}

#[test]
fn the_mountain_car_moves_as_in_gymnasium_and_reaches_the_goal() {
    assert!(replay(MountainCarContinuous::new()) > 0);
}
