//! Normalisation as Stable-Baselines3 does it, and what a training and its policy make of it.

use serde::Deserialize;
use softac::Numerics;
use softac::env::{self, Env};
use softac::learner::Learner;
use softac::nn::Scratch;
use softac::normalise::Normaliser;
use softac::policy::Policy;
use softac::replay::Batch;
use softac::sac::SacConfig;
use softac::train::{Config, Quiet, RunConfig, RunFolder, SavedPolicy, Trainer};
use tempfile::tempdir;

#[derive(Deserialize)]
struct Record {
    gamma: f64,
    clip_obs: f64,
    clip_reward: f64,
    start: Vec<f64>,
    start_shown: Vec<f64>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    observation: Vec<f64>,
    reward: f64,
    done: bool,
    mean: Vec<f64>,
    variance: Vec<f64>,
    shown: Vec<f64>,
    shown_reward: f64,
}

/// `scripts/make_normalise_fixtures.py`: one environment, and three that are stepped together.
const RECORD: &str = include_str!("fixtures/normalise.json");
const THREE_RECORDS: &str = include_str!("fixtures/normalise_three.json");

/// What is shown is rounded to single precision there.
const SHOWN: f64 = 6e-8;
const EXACT: f64 = 1e-12;

fn assert_close(a: &[f64], b: &[f64], tolerance: f64, what: &str) {
    let close = |(a, b): (&f64, &f64)| (a - b).abs() <= tolerance * b.abs();
    assert!(a.len() == b.len() && a.iter().zip(b).all(close), "{what}: {a:?}, expected {b:?}");
}

#[test]
fn observations_and_rewards_are_those_of_stable_baselines() {
    play(&[serde_json::from_str(RECORD).unwrap()]);
}

#[test]
fn so_they_are_of_several_environments_together() {
    play(&serde_json::from_str::<Vec<Record>>(THREE_RECORDS).unwrap());
}

/// Shows what each environment recorded, step by step of all.
fn play(lanes: &[Record]) {
    let Record { gamma, clip_obs, clip_reward, .. } = lanes[0];
    let (clip_obs, bound) = (Some(clip_obs), Some(clip_reward));
    let mut normaliser = Normaliser::<f64>::new(3, lanes.len(), clip_obs, bound, gamma);
    let shown = |normaliser: &Normaliser<f64>, observation: &[f64]| {
        let mut shown = observation.to_vec();
        normaliser.observations().unwrap().apply(&mut shown);
        shown
    };
    lanes.iter().for_each(|record| normaliser.see_observation(&record.start));
    for Record { start, start_shown, .. } in lanes {
        assert_close(&shown(&normaliser, start), start_shown, SHOWN, "start");
    }
    let mut clipped = 0;
    for t in 0..lanes[0].steps.len() {
        for (lane, step) in lanes.iter().map(|record| &record.steps[t]).enumerate() {
            normaliser.see_reward(lane, step.reward, step.done);
            normaliser.see_observation(&step.observation);
        }
        for step in lanes.iter().map(|record| &record.steps[t]) {
            let (moments, after) = (normaliser.moments().unwrap(), format!("after step {t}"));
            assert_close(moments.mean(), &step.mean, EXACT, &after);
            assert_close(moments.variance(), &step.variance, EXACT, &after);
            assert_close(&shown(&normaliser, &step.observation), &step.shown, SHOWN, &after);
            let mut batch = Batch::<f64>::new(1, 3, 1);
            batch.rewards.fill(step.reward);
            normaliser.apply(&mut batch);
            assert_close(&[batch.rewards[[0, 0]]], &[step.shown_reward], SHOWN, &after);
            clipped += usize::from(step.shown_reward.abs() == clip_reward);
        }
    }
    assert!((1..lanes.len() * lanes[0].steps.len()).contains(&clipped));
}

fn config() -> Config {
    Config {
        run: RunConfig {
            env: "Pendulum-v1".into(),
            total_timesteps: 300,
            n_final_eval_episodes: 1,
            ..RunConfig::default()
        },
        algo: SacConfig {
            net_arch: vec![8].into(),
            batch_size: 8,
            buffer_size: 300,
            learning_starts: 20,
            norm_obs: true,
            norm_reward: true,
            ..SacConfig::default()
        }
        .into(),
    }
}

#[test]
fn the_replay_buffer_keeps_what_the_environment_gave() {
    let normalised = config().algo.get::<SacConfig>().unwrap().clone();
    let raw = SacConfig { norm_obs: false, norm_reward: false, ..normalised.clone() };
    // While actions are uniform, the same is seen.
    let learn = |sac: SacConfig| {
        let sac = SacConfig { learning_starts: 50, ..sac };
        let mut env = env::make("pendulum").unwrap();
        let mut learner = Learner::<f32>::new(sac, env.as_ref(), 0).unwrap();
        for _ in 0..50 {
            learner.step(env.as_mut(), |_| {}).unwrap();
        }
        learner
    };
    let (normalised, raw) = (learn(normalised), learn(raw));
    assert!(normalised.standardisation().is_some() && raw.standardisation().is_none());
    for i in 0..50 {
        let (a, b) = (normalised.replay().get(i).unwrap(), raw.replay().get(i).unwrap());
        assert_eq!((a.observation, a.action, a.reward), (b.observation, b.action, b.reward));
        assert_eq!(a.next_observation, b.next_observation);
    }
}

#[test]
fn a_saved_policy_acts_as_the_learner_that_it_came_from() {
    let (config, place) = (config(), tempdir().unwrap());
    let folder = RunFolder::create(&place.path().join("run"), &config).unwrap();
    let env = || env::make("pendulum").unwrap();
    let mut trainer = Trainer::<f32>::new(config.clone(), env(), env()).unwrap();
    trainer.train(Some(&folder), &mut Quiet).unwrap();
    let (mut kept, mut read) = (trainer.policy().unwrap(), folder.policy::<f32>().unwrap());
    let standardisation = trainer.learner().standardisation().unwrap().clone();
    let (mut env, mut observation) = (env(), [0.0; 3]);
    for seed in 0..20 {
        env.reset(seed, &mut observation).unwrap();
        let mut shown = observation.map(|x| x as f32);
        standardisation.apply(&mut shown);
        assert!(shown.iter().zip(observation).all(|(a, b)| *a != b as f32));
        let act = |policy: &mut SavedPolicy<f32>| {
            let mut action = [0.0];
            policy.act(&observation, &mut action);
            action
        };
        assert_eq!(act(&mut kept), act(&mut read));
        // The policy itself is shown what is standardised already.
        let (mut chosen, mut in_box) = ([0.0], [0.0]);
        let phi = read.params().clone();
        let mut scratch = Scratch::new(Numerics::Fast);
        let policy = trainer.learner().sac().policy();
        policy.act(phi.as_slice(), &shown, None, &mut scratch, &mut chosen);
        trainer.learner().action_box().to_environment(&chosen, &mut in_box);
        assert_eq!(act(&mut read), in_box);
    }
}

#[test]
fn a_learner_standardises_what_it_acts_on() {
    let mut env = env::make("pendulum").unwrap();
    let mut learner =
        Learner::<f32>::new(config().algo.get::<SacConfig>().unwrap().clone(), env.as_ref(), 0)
            .unwrap();
    for _ in 0..60 {
        learner.step(env.as_mut(), |_| {}).unwrap();
    }
    let standardisation = learner.standardisation().unwrap().clone();
    let (sac, mut scratch) = (learner.sac(), Scratch::new(Numerics::Fast));
    let (policy, phi) = (sac.policy().clone(), sac.actor().params().clone());
    for observation in [[1.0, 0.0, 0.3], [-0.6, 0.8, -7.0]] {
        let mut shown = observation.map(|x| x as f32);
        standardisation.apply(&mut shown);
        let (mut chosen, mut expected, mut found) = ([0.0], [0.0], [0.0]);
        policy.act(phi.as_slice(), &shown, None, &mut scratch, &mut chosen);
        learner.action_box().to_environment(&chosen, &mut expected);
        learner.act(&observation, &mut found);
        assert_eq!(found, expected);
    }
}
