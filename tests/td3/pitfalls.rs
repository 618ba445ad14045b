//! What public implementations of TD3 have wrong around the update: noise, its scale, and time limits.

use ndarray::Array2;
use softac::algorithms::td3::Td3Config;
use softac::env::TimeLimit;
use softac::learner::ActionSource;
use softac::random::{Purpose, stream};
use softac::replay::Batch;
use softac::tape::Tape;

use crate::Implementation;
use crate::implementation::Steps;
use crate::still::{HIGH, LOW, OBSERVATION, Still};

crate::properties! {
    the_mask_of_a_minibatch_is_termination_alone,
    exploration_noise_is_in_units_of_the_half_range,
    explored_actions_stay_within_the_box_and_reach_it,
    replay_has_the_action_that_the_environment_was_given,
    training_explores_and_evaluation_does_not,
    after_learning_starts_every_step_has_an_update_and_before_none,
    every_number_of_the_target_action_has_noise_of_its_own,
}

const STEPS: usize = 4000;

/// A policy that acts from the first step on and never learns.
fn acting(exploration_noise: f64) -> Td3Config {
    Td3Config {
        net_arch: vec![8].into(),
        buffer_size: STEPS,
        batch_size: 4,
        learning_starts: 1_000_000,
        warmup_steps: Some(0),
        exploration_noise,
        ..Td3Config::default()
    }
}

/// A learner after so many steps in an environment where nothing changes.
fn acted(td3: &Implementation, exploration_noise: f64, steps: usize) -> (Box<dyn Steps>, Still) {
    let mut env = Still::new();
    let mut learner = (td3.learner)(acting(exploration_noise), &env, 1);
    for _ in 0..steps {
        assert_eq!(learner.step(&mut env).source, ActionSource::Policy);
    }
    (learner, env)
}

fn half_range(j: usize) -> f64 {
    (HIGH[j] - LOW[j]) / 2.0
}

fn the_mask_of_a_minibatch_is_termination_alone(td3: &Implementation) {
    let mut env = TimeLimit::new(Still::new(), 1);
    let mut learner = (td3.learner)(acting(0.1), &env, 0);
    for _ in 0..8 {
        learner.step(&mut env);
    }
    let mut batch = Batch::new(5, 2, 2);
    learner.replay().sample(&mut batch, &mut stream(0, Purpose::Replay)).unwrap();
    assert!(batch.terminated.iter().all(|&d| d == 0.0));
    assert!((0..8).all(|i| learner.replay().get(i).unwrap().truncated));
}

fn exploration_noise_is_in_units_of_the_half_range(td3: &Implementation) {
    let sigma = 0.1;
    let (mut learner, env) = acted(td3, sigma, STEPS);
    let quiet = learner.evaluate(&OBSERVATION);
    let noise = |j: usize| {
        let actions = env.actions.iter();
        actions.map(|action| (action[j] - quiet[j]) / half_range(j)).collect::<Vec<_>>()
    };
    let noise = [noise(0), noise(1)];
    let mean = |x: &mut dyn Iterator<Item = f64>| x.sum::<f64>() / STEPS as f64;
    // Five standard errors of each estimate.
    let tolerance = 5.0 / (STEPS as f64).sqrt();
    for (j, noise) in noise.iter().enumerate() {
        let center = mean(&mut noise.iter().copied());
        let spread = mean(&mut noise.iter().map(|x| (x - center).powi(2))).sqrt();
        assert!(center.abs() < tolerance * sigma, "dimension {j}: mean {center}");
        assert!((spread / sigma - 1.0).abs() < tolerance, "dimension {j}: spread {spread}");
    }
    let product = mean(&mut noise[0].iter().zip(&noise[1]).map(|(x, y)| x * y));
    assert!(product.abs() < tolerance * sigma * sigma, "dimensions are correlated: {product}");
}

fn explored_actions_stay_within_the_box_and_reach_it(td3: &Implementation) {
    let (learner, env) = acted(td3, 3.0, 200);
    for j in 0..2 {
        let actions = || env.actions.iter().map(|action| action[j]);
        assert!(actions().all(|a| (LOW[j]..=HIGH[j]).contains(&a)), "dimension {j}");
        assert!(actions().any(|a| a == LOW[j]) && actions().any(|a| a == HIGH[j]));
    }
    for i in 0..200 {
        let action = learner.replay().get(i).unwrap().action;
        assert!(action.iter().all(|a| a.abs() <= 1.0));
    }
}

fn replay_has_the_action_that_the_environment_was_given(td3: &Implementation) {
    let (learner, env) = acted(td3, 0.1, 50);
    for (i, given) in env.actions.iter().enumerate() {
        let stored = learner.replay().get(i).unwrap().action;
        for j in 0..2 {
            let expected = LOW[j] + half_range(j) * (stored[j] + 1.0);
            assert!((given[j] - expected).abs() < 1e-12, "step {i}");
        }
    }
}

fn training_explores_and_evaluation_does_not(td3: &Implementation) {
    let (mut learner, env) = acted(td3, 0.1, 3);
    let first = learner.evaluate(&OBSERVATION);
    assert_eq!(learner.evaluate(&OBSERVATION), first);
    // No action of training is that of the evaluation, and no two are the same.
    let taken = [first].into_iter().chain(env.actions).collect::<Vec<_>>();
    for j in 0..2 {
        let mut numbers: Vec<_> = taken.iter().map(|action| action[j].to_bits()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 4, "dimension {j}");
    }
    // tanh(f(s)) in the environment's units.
    let (policy, phi) = softac::agent::Algorithm::policy(learner.td3());
    let tape = Tape::new();
    let s = ndarray::arr2(&[OBSERVATION]);
    let action = policy.action(tape.params(phi.as_slice()), tape.constant(&s)).value().unwrap();
    for j in 0..2 {
        let expected = LOW[j] + half_range(j) * (action[[0, j]] + 1.0);
        assert!((first[j] - expected).abs() < 1e-12);
    }
}

fn after_learning_starts_every_step_has_an_update_and_before_none(td3: &Implementation) {
    let mut env = Still::new();
    let config = Td3Config { learning_starts: 5, warmup_steps: None, ..acting(0.1) };
    let mut learner = (td3.learner)(config, &env, 0);
    for t in 1..=9 {
        let report = learner.step(&mut env);
        let expected = if t <= 5 { ActionSource::WarmUp } else { ActionSource::Policy };
        assert_eq!((report.source, report.updates), (expected, u64::from(t > 5)), "step {t}");
    }
}

fn every_number_of_the_target_action_has_noise_of_its_own(td3: &Implementation) {
    for actions in [2, 5] {
        let xi = (td3.noise)(256, actions, &mut stream(0, Purpose::Policy));
        assert_eq!(xi.dim(), (256, actions));
        for (j, xi) in xi.columns().into_iter().enumerate() {
            let square = xi.iter().map(|x| x * x).sum::<f64>() / 256.0;
            // Five standard errors of a variance from 256 numbers.
            let near = (square - 1.0).abs() < 5.0 * (2.0_f64 / 256.0).sqrt();
            assert!(near, "dimension {j} of {actions}: variance {square}");
        }
        // Of one action for all transitions, every number becomes another.
        let tape = Tape::new();
        let quiet = Array2::from_elem((256, actions), 0.1);
        let action = (td3.smoothed_action)(tape.constant(&quiet), tape.constant(&xi), 0.2, 10.0)
            .value()
            .unwrap();
        let mut numbers: Vec<u64> =
            action.iter().filter(|a| a.abs() < 1.0).map(|a| a.to_bits()).collect();
        let count = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert!(count > 250 * actions && numbers.len() == count, "{} of {count}", numbers.len());
    }
}
