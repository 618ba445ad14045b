//! The end of an episode, by termination in some environments and by truncation in others: what replay keeps of it, and
//! what the running statistics count.

use std::collections::BTreeMap;

use softac::env::{Env, TimeLimit};
use softac::learner::{Learner, LearnerError};
use softac::normalise::Moments;
use softac::sac::SacConfig;
use softac::state::{StateError, Visitor};
use softac::tape::Shape;

#[path = "support/altered.rs"]
mod altered;
#[path = "support/counter.rs"]
mod counter;
#[path = "support/five.rs"]
mod five;
use altered::Altered;
use counter::Counter;
use five::{FIVE, Five};

const GAMMA: f64 = 0.9;

/// The length of an episode, and whether it terminates; the others are truncated.
const EPISODES: [(u32, bool); 5] = [(3, true), (4, false), (5, false), (7, true), (2, false)];

/// Environments with these episodes, one after another from the first on.
fn envs(count: usize) -> Vec<Box<dyn Env>> {
    let made = EPISODES.into_iter().cycle().take(count);
    made.map(|(length, terminates)| -> Box<dyn Env> {
        match terminates {
            true => Box::new(Counter::new(length.into())),
            false => Box::new(TimeLimit::new(Counter::new(f64::INFINITY), length)),
        }
    })
    .collect()
}

/// A learner for these environments, without updates.
fn made(envs: &[Box<dyn Env>]) -> Learner<f64> {
    let count = envs.len();
    let config = SacConfig {
        net_arch: vec![4].into(),
        batch_size: 4,
        buffer_size: 100 * count,
        learning_starts: 1_000_000,
        gamma: GAMMA,
        norm_obs: true,
        norm_reward: true,
        ..SacConfig::default()
    };
    Learner::in_lockstep(count as u32, config, envs[0].as_ref(), 0).unwrap()
}

/// A learner after so many steps of all environments.
fn learner(count: usize, steps: usize) -> Learner<f64> {
    let mut envs = envs(count);
    let mut learner = made(&envs);
    for _ in 0..steps {
        learner.step(&mut envs[..], |_| {}).unwrap();
    }
    learner
}

/// The words of a state by their names.
#[derive(Default)]
struct Words(BTreeMap<String, Vec<u64>>);

impl Visitor<f64> for Words {
    fn numbers(&mut self, _: &str, _: Shape, _: &mut [f64]) -> Result<(), StateError> {
        Ok(())
    }

    fn bytes(&mut self, _: &str, _: &mut [u8]) -> Result<(), StateError> {
        Ok(())
    }

    fn words(&mut self, name: &str, words: &mut Vec<u64>) -> Result<(), StateError> {
        self.0.insert(name.into(), words.clone());
        Ok(())
    }
}

/// Means, variances and count of these statistics.
fn statistics(learner: &mut Learner<f64>, name: &str) -> Vec<f64> {
    let mut words = Words::default();
    learner.visit_learned(&mut words, false).unwrap();
    words.0[name].iter().map(|&word| f64::from_bits(word)).collect()
}

fn assert_moments(found: &[f64], expected: &Moments, count: usize, what: &str) {
    let numbers = expected.mean().iter().chain(expected.variance()).copied();
    let numbers = numbers.chain([count as f64 + 1e-4]);
    for (found, expected) in found.iter().zip(numbers) {
        assert!(
            (found - expected).abs() < 1e-9 * expected.abs().max(1.0),
            "{what}: {found}, {expected}"
        );
    }
}

#[test]
fn replay_tells_termination_from_truncation_in_every_environment() {
    for count in [1, 2, 5] {
        let learner = learner(count, 40);
        for (lane, (length, terminates)) in EPISODES.into_iter().take(count).enumerate() {
            for step in 0..40 {
                let transition = learner.replay().get(lane * 100 + step).unwrap();
                let ends = (step as u32 + 1).is_multiple_of(length);
                let expected = (ends && terminates, ends && !terminates);
                let found = (transition.terminated, transition.truncated);
                assert_eq!(found, expected, "{lane} of {count}, step {step}");
            }
        }
    }
}

#[test]
fn statistics_of_observations_are_of_those_that_are_acted_on_and_of_no_last_one() {
    for count in [1, 2, 5] {
        let mut learner = learner(count, 40);
        let (mut expected, mut seen) = (Moments::new(2), 0);
        // What is acted on next is seen already, unless its episode has yet to begin.
        for step in 0..=40 {
            for (length, _) in EPISODES.into_iter().take(count) {
                let (episode, t) = (step / length, step % length);
                if step < 40 || t > 0 {
                    expected.update([f64::from(episode + 1), f64::from(t)].into_iter());
                    seen += 1;
                }
            }
        }
        let found = statistics(&mut learner, "normaliser.observations");
        assert_moments(&found, &expected, seen, &format!("{count} environments"));
    }
}

#[test]
fn the_discounted_return_begins_anew_after_termination_and_after_truncation() {
    for count in [1, 2, 5] {
        let mut learner = learner(count, 40);
        let (mut expected, mut returns) = (Moments::new(1), [0.0; 5]);
        for step in 0..40 {
            for (lane, (length, _)) in EPISODES.into_iter().take(count).enumerate() {
                let t = step % length + 1;
                returns[lane] = GAMMA * returns[lane] + f64::from(t);
                expected.update([returns[lane]].into_iter());
                if t == length {
                    returns[lane] = 0.0;
                }
            }
        }
        let found = statistics(&mut learner, "normaliser.returns");
        assert_moments(&found, &expected, 40 * count, &format!("{count} environments"));
    }
}

/// Given up by the learner, because a number was not finite, or by whoever drives it.
#[test]
fn the_discounted_return_begins_anew_after_an_episode_that_was_given_up() {
    for spoilt in [true, false] {
        let mut calls = 0;
        let alter = move |step, observation: &mut [f64]| {
            calls += 1;
            if spoilt && calls == 6 {
                observation[1] = f64::NAN;
            }
            Ok(step)
        };
        let mut envs = envs(4);
        envs.push(Box::new(Altered { env: Counter::new(f64::INFINITY), alter }));
        let mut learner = made(&envs);
        for _ in 0..5 {
            learner.step(&mut envs[..], |_| {}).unwrap();
        }
        if spoilt {
            learner.step(&mut envs[..], |_| {}).unwrap_err();
        } else {
            learner.abandon_episode(4);
        }
        for _ in 0..5 {
            learner.step(&mut envs[..], |_| {}).unwrap();
        }
        // The fifth episode was given up after five steps, and has begun again.
        let (mut expected, mut returns) = (Moments::new(1), [0.0; 5]);
        for step in 0..10 {
            for (lane, length) in [3, 4, 5, 7, 5].into_iter().enumerate() {
                let t = step % length + 1;
                returns[lane] = GAMMA * returns[lane] + f64::from(t);
                expected.update([returns[lane]].into_iter());
                if t == length {
                    returns[lane] = 0.0;
                }
            }
        }
        let found = statistics(&mut learner, "normaliser.returns");
        assert_moments(&found, &expected, 50, &format!("spoilt: {spoilt}"));
    }
}

#[test]
fn a_number_that_is_not_finite_is_found_in_every_place_of_the_observation_of_every_environment() {
    for (lane, place) in (0..5).flat_map(|lane| (0..FIVE).map(move |place| (lane, place))) {
        let env = |i: usize| -> Box<dyn Env> {
            let alter = move |step, observation: &mut [f64]| {
                if i == lane {
                    observation[place] = f64::INFINITY;
                }
                Ok(step)
            };
            Box::new(Altered { env: Five::new(i, 9), alter })
        };
        let mut envs: Vec<_> = (0..5).map(env).collect();
        let error = made(&envs).step(&mut envs[..], |_| {}).unwrap_err();
        let LearnerError::NotFinite { quantity, step, .. } = error else { panic!("{error}") };
        assert_eq!((quantity, step), (format!("observation[{place}]"), lane as u64 + 1));
    }
}
