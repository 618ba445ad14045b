//! What the loop does step by step: where actions come from, when updates are due, what replay holds.

use softac::agent::Algorithm;
use softac::env::{Env, TimeLimit};
use softac::learner::ActionSource;
use softac::random::{Purpose, stream};
use softac::replay::Batch;
use softac::sac::SacConfig;

use crate::Implementation;
use crate::counter::{Counter, HIGH, LOW};
use crate::implementation::Steps;

crate::properties! {
    actions_are_uniform_up_to_the_end_of_the_warm_up_and_the_policys_after_it,
    updates_begin_after_learning_starts_and_come_in_rounds,
    replay_holds_the_true_successor_and_tells_termination_from_truncation,
    the_mask_of_a_minibatch_is_termination_alone,
    replay_holds_actions_within_one_and_the_environment_sees_its_own_units,
    more_updates_change_neither_warm_up_actions_nor_episode_starts,
    every_transition_is_drawn_equally_often,
    a_buffer_for_one_holds_the_last,
}

/// A configuration that is quick to run.
fn small() -> SacConfig {
    SacConfig {
        net_arch: vec![8].into(),
        batch_size: 4,
        buffer_size: 5_000,
        learning_starts: 10,
        ..SacConfig::default()
    }
}

/// A learner in `env`, after this number of steps.
fn learn(
    sac: &Implementation,
    config: SacConfig,
    env: &mut dyn Env,
    seed: u64,
    steps: u64,
) -> Box<dyn Steps> {
    let mut learner = (sac.learner)(config, env, seed);
    for _ in 0..steps {
        learner.step(env);
    }
    learner
}

fn actions_are_uniform_up_to_the_end_of_the_warm_up_and_the_policys_after_it(sac: &Implementation) {
    for (warmup_steps, learning_starts, last) in
        [(Some(3), 7, 3), (Some(7), 3, 7), (Some(0), 3, 0), (None, 5, 5)]
    {
        let mut env = Counter::new(f64::INFINITY);
        let config = SacConfig { warmup_steps, learning_starts, ..small() };
        let mut learner = (sac.learner)(config, &env, 0);
        for t in 1..=10 {
            let expected = if t <= last { ActionSource::WarmUp } else { ActionSource::Policy };
            assert_eq!(learner.step(&mut env).source, expected, "step {t}");
        }
    }
}

fn updates_begin_after_learning_starts_and_come_in_rounds(sac: &Implementation) {
    // learning_starts, train_freq, gradient_steps: updates after steps 1 to 12
    let cases = [
        ((0, 1, 1), [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
        ((3, 1, 1), [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
        ((3, 1, -1), [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
        ((3, 4, 1), [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]),
        ((4, 4, 1), [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]),
        ((5, 3, 2), [0, 0, 0, 0, 0, 2, 0, 0, 2, 0, 0, 2]),
        ((3, 4, -1), [0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4]),
    ];
    for ((learning_starts, train_freq, gradient_steps), expected) in cases {
        let config =
            SacConfig { learning_starts, train_freq: train_freq.into(), gradient_steps, ..small() };
        let mut env = Counter::new(f64::INFINITY);
        let mut learner = (sac.learner)(config, &env, 0);
        let updates = expected.map(|_| {
            let before = learner.sac().updates();
            let report = learner.step(&mut env);
            assert_eq!(report.updates, learner.sac().updates() - before);
            report.updates
        });
        assert_eq!(updates, expected, "{learning_starts}, {train_freq}, {gradient_steps}");
        assert_eq!(learner.sac().updates(), expected.iter().sum::<u64>());
    }
}

fn replay_holds_the_true_successor_and_tells_termination_from_truncation(sac: &Implementation) {
    let never = f64::INFINITY;
    for (terminates_at, limit, terminated, truncated) in
        [(never, 3, false, true), (3.0, 9, true, false), (3.0, 3, true, true)]
    {
        let mut env = TimeLimit::new(Counter::new(terminates_at), limit);
        let learner = learn(sac, small(), &mut env, 0, 8);
        for i in 0..8 {
            let transition = learner.replay().get(i).unwrap();
            let (episode, step) = ((1 + i / 3) as f64, (i % 3) as f64);
            assert_eq!(transition.observation, [episode, step]);
            assert_eq!(transition.next_observation, [episode, step + 1.0]);
            assert_eq!(transition.reward, step + 1.0);
            let last = i % 3 == 2;
            assert_eq!(transition.terminated, last && terminated);
            assert_eq!(transition.truncated, last && truncated);
        }
        assert_eq!(learner.replay().len(), 8);
    }
}

fn the_mask_of_a_minibatch_is_termination_alone(sac: &Implementation) {
    for (terminates_at, mask) in [(f64::INFINITY, 0.0), (1.0, 1.0)] {
        let mut env = TimeLimit::new(Counter::new(terminates_at), 1);
        let learner = learn(sac, small(), &mut env, 0, 8);
        let mut batch = Batch::new(5, 2, 2);
        let mut numbers = stream(0, Purpose::Replay);
        learner.replay().sample(&mut batch, &mut numbers).unwrap();
        assert!(batch.terminated.iter().all(|&d| d == mask));
    }
}

fn replay_holds_actions_within_one_and_the_environment_sees_its_own_units(sac: &Implementation) {
    let mut env = Counter::new(f64::INFINITY);
    let learner = learn(sac, small(), &mut env, 0, 40);
    for (i, seen) in env.actions.iter().enumerate() {
        let action = learner.replay().get(i).unwrap().action;
        assert!(action.iter().all(|a| a.abs() <= 1.0));
        assert!(env.action_space.contains(seen));
        for j in 0..2 {
            let expected = LOW[j] + (HIGH[j] - LOW[j]) * (action[j] + 1.0) / 2.0;
            assert!((seen[j] - expected).abs() < 1e-12);
        }
    }
}

fn more_updates_change_neither_warm_up_actions_nor_episode_starts(sac: &Implementation) {
    let history = |gradient_steps, batch_size| {
        let mut env = TimeLimit::new(Counter::new(f64::INFINITY), 3);
        let config = SacConfig { warmup_steps: Some(30), gradient_steps, batch_size, ..small() };
        learn(sac, config, &mut env, 0, 30);
        (env.inner().seeds.clone(), env.inner().actions.clone())
    };
    let history_of_one = history(1, 4);
    assert_eq!(history_of_one.0.len(), 10);
    assert_eq!(history(3, 5), history_of_one);
}

fn every_transition_is_drawn_equally_often(sac: &Implementation) {
    const DRAWS: usize = 100_000;
    // Half full, exactly full, written over; and many. The 0.999 quantiles of χ² with nine and with 2,999 degrees of
    // freedom are 27.88 and 3,244.
    for (capacity, pushes, oldest, quantile) in [
        (20, 10, 0, 27.88),
        (10, 10, 0, 27.88),
        (10, 37, 27, 27.88),
        (3_000, 4_000, 1_000, 3_244.0),
    ] {
        let held = usize::try_from(pushes - oldest).unwrap();
        let mut counts = vec![0_u32; held];
        for id in (sac.drawn)(capacity, pushes, DRAWS) {
            counts[usize::try_from(id - oldest).expect("a transition that is still there")] += 1;
        }
        let expected = DRAWS as f64 / held as f64;
        let chi_square: f64 =
            counts.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
        assert!(chi_square < quantile, "{held}: {chi_square}, {counts:?}");
    }
}

fn a_buffer_for_one_holds_the_last(sac: &Implementation) {
    assert_eq!((sac.drawn)(1, 6, 4), [5; 4]);
}
