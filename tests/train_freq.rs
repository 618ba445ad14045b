//! Rounds of updates that are counted in episodes.

use proptest::prelude::*;
use softac::agent::Algorithm;
use softac::agent::settings::TrainFreq;
use softac::env::{BoxSpace, Env, EnvError, Step};
use softac::learner::{Learner, LearnerError};
use softac::sac::SacConfig;
use softac::train::{Config, RunConfig};

/// An environment whose episodes have these lengths, over and over. Every second one is truncated.
struct Lengths {
    space: BoxSpace,
    lengths: Vec<u64>,
    /// Episodes so far, and steps of the present one.
    now: [u64; 2],
}

impl Lengths {
    fn new(lengths: &[u64]) -> Self {
        let space = BoxSpace::new(vec![-1.0], vec![1.0]).unwrap();
        Self { space, lengths: lengths.to_vec(), now: [0; 2] }
    }
}

impl Env for Lengths {
    fn name(&self) -> &str {
        "Lengths"
    }

    fn observation_space(&self) -> &BoxSpace {
        &self.space
    }

    fn action_space(&self) -> &BoxSpace {
        &self.space
    }

    fn reset(&mut self, _seed: u64, observation: &mut [f64]) -> Result<(), EnvError> {
        self.now = [self.now[0] + 1, 0];
        observation[0] = 0.0;
        Ok(())
    }

    fn step(&mut self, action: &[f64], observation: &mut [f64]) -> Result<Step, EnvError> {
        let [episode, step] = &mut self.now;
        *step += 1;
        observation[0] = action[0];
        let over = *step == self.lengths[(*episode as usize - 1) % self.lengths.len()];
        let truncated = over && episode.is_multiple_of(2);
        Ok(Step { reward: 0.0, terminated: over && !truncated, truncated })
    }
}

fn config(episodes: u64, learning_starts: u64, gradient_steps: i64) -> SacConfig {
    SacConfig {
        net_arch: vec![].into(),
        batch_size: 1,
        buffer_size: 100,
        train_freq: TrainFreq::Episodes(episodes),
        learning_starts,
        gradient_steps,
        ..SacConfig::default()
    }
}

fn learner(config: SacConfig, env: &Lengths) -> Learner<f64> {
    Learner::new(config, env, 0).unwrap()
}

/// The updates after each step.
fn updates(config: SacConfig, env: &mut Lengths, steps: usize) -> Vec<u64> {
    let mut learner = learner(config, env);
    let updates =
        (0..steps).map(|_| learner.step(env, |_| {}).unwrap().updates).collect::<Vec<_>>();
    assert_eq!(learner.sac().updates(), updates.iter().sum::<u64>());
    updates
}

#[test]
fn a_round_follows_the_end_of_so_many_episodes() {
    // episodes, learning_starts, gradient_steps: updates after steps 1 to 12, of which every third ends an episode
    for ((episodes, learning_starts, gradient_steps), expected) in [
        ((1, 0, 1), [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1]),
        ((1, 0, -1), [0, 0, 3, 0, 0, 3, 0, 0, 3, 0, 0, 3]),
        ((2, 0, -1), [0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 6]),
        ((1, 3, 2), [0, 0, 0, 0, 0, 2, 0, 0, 2, 0, 0, 2]),
        // A round that begins before learning does counts whole, as in Stable-Baselines3.
        ((2, 4, -1), [0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 6]),
        ((2, 6, -1), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6]),
        ((3, 7, -1), [0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0]),
    ] {
        let config = config(episodes, learning_starts, gradient_steps);
        assert_eq!(updates(config, &mut Lengths::new(&[3]), 12), expected);
    }
}

#[test]
fn an_episode_that_is_given_up_does_not_count_but_its_steps_do() {
    let mut env = Lengths::new(&[3]);
    let mut learner = learner(config(1, 0, -1), &env);
    let mut step = |learner: &mut Learner<f64>| learner.step(&mut env, |_| {}).unwrap().updates;
    assert_eq!([(); 2].map(|()| step(&mut learner)), [0, 0]);
    learner.abandon_episode(0);
    assert_eq!([(); 6].map(|()| step(&mut learner)), [0, 0, 5, 0, 0, 3]);
}

#[test]
fn episodes_of_several_environments_are_not_counted() {
    let (env, settings) = (Lengths::new(&[3]), config(1, 0, 1));
    let refused = Learner::<f32>::in_lockstep(2, settings.clone(), &env, 0).err().unwrap();
    assert!(matches!(&refused, LearnerError::Config(error) if error.key == "train_freq"));
    let said = refused.to_string();
    assert!(
        said.contains("`train_freq` is 1 episode;") && said.contains("`num_envs` to 1"),
        "{said}"
    );
    let run = |num_envs| Config {
        run: RunConfig { num_envs, ..RunConfig::default() },
        algo: settings.clone().into(),
    };
    assert_eq!(run(1).validate(1), Ok(()));
    assert_eq!(run(2).validate(1).unwrap_err().key, "train_freq");
}

proptest! {
    #[test]
    fn every_step_of_a_finished_round_has_its_update(
        lengths in proptest::collection::vec(1..5_u64, 1..5),
        episodes in 1..4_u64,
        steps in 1..40_usize,
    ) {
        let found = updates(config(episodes, 0, -1), &mut Lengths::new(&lengths), steps);
        let (mut expected, mut round, mut t) = (vec![0; steps], 0, 0);
        for (number, length) in (1..).zip(lengths.iter().cycle()) {
            (t, round) = (t + *length as usize, round + length);
            if t > steps {
                break;
            }
            if number % episodes == 0 {
                expected[t - 1] = std::mem::take(&mut round);
            }
        }
        prop_assert_eq!(found, expected);
    }
}
