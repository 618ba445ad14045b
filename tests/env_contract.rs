//! What every registered environment promises, whatever the caller does.

use proptest::prelude::*;
use softac::env::{Env, EnvError, EnvSpec, Step, make, registry};

/// Any registered environment.
fn environments() -> impl Strategy<Value = &'static EnvSpec> {
    prop::sample::select(registry().iter().collect::<Vec<_>>())
}

/// Finite actions: within reach of the spaces, and of any size.
fn actions() -> impl Strategy<Value = Vec<f64>> {
    let finite = prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO;
    let size = prop_oneof![9 => -3.0..3.0, 1 => finite];
    prop::collection::vec(size, 1..120)
}

/// Plays `actions`, starting anew where an episode ends, and records everything.
fn play(env: &mut dyn Env, seed: u64, actions: &[f64]) -> Vec<(Option<Step>, Vec<f64>)> {
    let mut observation = vec![0.0; env.observation_space().len()];
    env.reset(seed, &mut observation).unwrap();
    let mut record = vec![(None, observation.clone())];
    for &action in actions {
        let step = env.step(&[action], &mut observation).unwrap();
        record.push((Some(step), observation.clone()));
        if step.done() {
            let refused = env.step(&[action], &mut observation);
            assert_eq!(refused, Err(EnvError::NeedsReset));
            env.reset(seed, &mut observation).unwrap();
            record.push((None, observation.clone()));
        }
    }
    record
}

proptest! {
    #[test]
    fn observations_stay_in_their_space(
        spec in environments(), seed: u64, actions in actions(),
    ) {
        let mut env = spec.make();
        for (_, observation) in play(&mut env, seed, &actions) {
            prop_assert!(env.observation_space().contains(&observation), "{observation:?}");
        }
    }

    #[test]
    fn rewards_of_valid_actions_are_finite(
        spec in environments(), seed: u64, parts in prop::collection::vec(0.0..=1.0, 1..120),
    ) {
        let mut env = spec.make();
        let (low, high) = (env.action_space().low()[0], env.action_space().high()[0]);
        let actions: Vec<f64> = parts.iter().map(|x: &f64| low + x * (high - low)).collect();
        for (step, _) in play(&mut env, seed, &actions) {
            prop_assert!(step.is_none_or(|step| step.reward.is_finite()));
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_episode(
        spec in environments(), seed: u64, other_seed: u64, actions in actions(),
    ) {
        let (mut first, mut second) = (spec.make(), spec.make());
        // What an environment did before must not matter.
        play(&mut second, other_seed, &actions);
        prop_assert_eq!(play(&mut first, seed, &actions), play(&mut second, seed, &actions));
    }

    #[test]
    fn buffers_of_a_wrong_length_are_refused(
        spec in environments(), found in 0_usize..8, seed: u64,
    ) {
        let mut env = spec.make();
        let mut right = vec![0.0; env.observation_space().len()];
        let mut buffer = vec![0.0; found];
        let expected = right.len();
        if found != expected {
            let error = EnvError::ObservationLength { expected, found };
            prop_assert_eq!(env.reset(seed, &mut buffer), Err(error.clone()));
            env.reset(seed, &mut right).unwrap();
            prop_assert_eq!(env.step(&[0.0], &mut buffer), Err(error));
        }
        env.reset(seed, &mut right).unwrap();
        if found != 1 {
            let error = EnvError::ActionLength { expected: 1, found };
            prop_assert_eq!(env.step(&buffer, &mut right), Err(error));
        }
    }

    #[test]
    fn actions_that_are_no_numbers_are_refused_and_change_nothing(
        spec in environments(), seed: u64,
        action in prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY)],
    ) {
        let mut env = spec.make();
        let mut observation = vec![0.0; env.observation_space().len()];
        env.reset(seed, &mut observation).unwrap();
        let before = observation.clone();
        let refused = env.step(&[action], &mut observation);
        let is_refused = matches!(refused, Err(EnvError::NonFiniteAction { index: 0, .. }));
        prop_assert!(is_refused);
        prop_assert_eq!(&observation, &before);
        prop_assert!(env.step(&[0.0], &mut observation).is_ok());
    }

    #[test]
    fn a_step_before_the_first_reset_is_refused(spec in environments()) {
        let mut env = spec.make();
        let mut observation = vec![0.0; env.observation_space().len()];
        prop_assert_eq!(env.step(&[0.0], &mut observation), Err(EnvError::NeedsReset));
    }

    #[test]
    fn any_name_is_either_known_or_answered(name: String) {
        match make(&name) {
            Ok(env) => prop_assert!(registry().iter().any(|spec| spec.id == env.name())),
            Err(error) => {
                let is_unknown = matches!(error, EnvError::Unknown { .. });
                prop_assert!(is_unknown);
            }
        }
    }
}
