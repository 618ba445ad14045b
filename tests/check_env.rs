//! What `check_env` finds in environments that are broken on purpose, and that it finds nothing in sound ones.

#[path = "support/broken.rs"]
mod broken;
#[path = "support/garbage.rs"]
mod garbage;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use broken::{Broken, at, check, only};
use garbage::{Garbage, Odds};
use proptest::prelude::*;
use softac::env::{
    Advice, BoxSpace, CheckConfig, Env, EnvError, Pendulum, Problem, SpaceKind, Step, TimeLimit,
    check_env, registry,
};

fn boxed(low: f64, high: f64) -> BoxSpace {
    BoxSpace::new(vec![low], vec![high]).unwrap()
}

// ── sound environments ─────────────────────────────────────────────────────────────────────────

#[test]
fn nothing_is_wrong_with_any_registered_environment() {
    for spec in registry() {
        for (seed, steps) in [(0, 1000), (1, 50), (u64::MAX, 5), (7, 1)] {
            let report = check_env(|| spec.make(), CheckConfig { seed, steps });
            assert!(report.is_ok() && report.complete, "{report}");
            assert_eq!((report.env.as_str(), report.seed), (spec.id, seed));
        }
    }
}

#[test]
fn the_environment_that_is_broken_below_is_sound_at_first() {
    let report = check(Broken::new);
    assert!(report.is_ok() && report.complete && report.advice.is_empty(), "{report}");
    assert_eq!(report.to_string(), "Broken-v0: no problems");
}

#[test]
fn seeds_may_be_ignored_and_actions_out_of_bounds_refused() {
    let report = check(|| Broken {
        on_reset: |broken, _, observation| broken.env.reset(3, observation),
        on_step: |broken, action, observation| {
            let outside = action.iter().any(|a| a.is_finite() && a.abs() > 2.0);
            let error = EnvError::InvalidParameter { name: "u", value: 3.0, expected: "small" };
            if outside { Err(error) } else { broken.env.step(action, observation) }
        },
        ..Broken::new()
    });
    assert!(report.is_ok(), "{report}");
}

// ── declarations ───────────────────────────────────────────────────────────────────────────────

#[test]
fn a_name_is_wanted() {
    for name in ["", " \n"] {
        let report = check(|| Broken { name, ..Broken::new() });
        assert_eq!((only(&report), report.problems[0].count), (Problem::EmptyName, 1));
    }
}

#[test]
fn actions_without_bounds_are_found() {
    for (low, high) in [(-2.0, f64::INFINITY), (f64::NEG_INFINITY, 2.0)] {
        let report = check(|| Broken { action: boxed(low, high), ..Broken::new() });
        assert_eq!(only(&report), Problem::UnboundedAction { index: 0, low, high });
    }
}

#[test]
fn spaces_that_change_are_found() {
    let report = check(|| Broken {
        on_step: |broken, action, observation| {
            if broken.elapsed == 5 {
                broken.action = boxed(-3.0, 3.0);
            }
            broken.env.step(action, observation)
        },
        ..Broken::new()
    });
    let problem = Problem::SpaceChanged { space: SpaceKind::Action, moment: Some(at(0, 5)) };
    assert_eq!((only(&report), report.complete), (problem, false));

    let made = AtomicU64::new(0);
    let report = check(|| {
        let size = 8.0 + made.fetch_add(1, Ordering::Relaxed) as f64;
        let observation = BoxSpace::new(vec![-1.0, -1.0, -8.0], vec![1.0, 1.0, size]).unwrap();
        Broken { observation, ..Broken::new() }
    });
    assert_eq!(
        only(&report),
        Problem::SpaceChanged { space: SpaceKind::Observation, moment: None }
    );
}

// ── episodes ───────────────────────────────────────────────────────────────────────────────────

#[test]
fn resets_that_are_refused_are_found() {
    let report =
        check(|| Broken { on_reset: |_, _, _| Err(EnvError::NeedsReset), ..Broken::new() });
    let problem = Problem::ResetRefused { moment: at(0, 0), error: EnvError::NeedsReset };
    assert_eq!((only(&report), report.complete), (problem, false));

    // Only in the midst of an episode.
    let report = check(|| Broken {
        on_reset: |broken, seed, observation| match broken.elapsed {
            1..200 => Err(EnvError::NeedsReset),
            _ => broken.env.reset(seed, observation),
        },
        ..Broken::new()
    });
    let problem = Problem::ResetRefused { moment: at(1, 0), error: EnvError::NeedsReset };
    assert_eq!((only(&report), report.complete), (problem, false));
}

#[test]
fn episodes_that_stay_over_are_found() {
    let report = check(|| Broken {
        on_reset: |broken, seed, observation| match broken.ended {
            true => Err(EnvError::NeedsReset),
            false => broken.env.reset(seed, observation),
        },
        ..Broken::new()
    });
    let problem =
        |step| Problem::CannotRestart { moment: at(1, step), error: EnvError::NeedsReset };
    assert_eq!(only(&report), problem(0));
    let report = check(|| Broken {
        on_step: |broken, action, observation| match broken.ended {
            true => Err(EnvError::NeedsReset),
            false => broken.env.step(action, observation),
        },
        ..Broken::new()
    });
    assert_eq!((only(&report), report.complete), (problem(1), false));
}

#[test]
fn valid_actions_that_are_refused_are_found() {
    const ERROR: EnvError =
        EnvError::InvalidParameter { name: "u", value: 2.0, expected: "below 2" };
    let report = check(|| Broken {
        on_step: |broken, action, observation| match action {
            [2.0] => Err(ERROR),
            _ => broken.env.step(action, observation),
        },
        ..Broken::new()
    });
    let problem = Problem::StepRefused { moment: at(0, 2), action: vec![2.0], error: ERROR };
    assert_eq!(only(&report), problem);
}

#[test]
fn components_that_are_not_written_are_found() {
    let report = check(|| Broken {
        on_step: |broken, action, observation| {
            let kept = observation.get(2).copied();
            let step = broken.env.step(action, observation)?;
            observation[2] = kept.unwrap_or(0.0);
            Ok(step)
        },
        ..Broken::new()
    });
    let problem = Problem::ObservationNotWritten { moment: at(0, 1), index: 2 };
    assert_eq!(only(&report), problem);

    let report = check(|| Broken {
        on_reset: |broken, seed, observation| {
            let before = observation.first().copied().unwrap_or(0.0);
            broken.env.reset(seed, observation)?;
            observation[0] += 0.5 * before;
            Ok(())
        },
        ..Broken::new()
    });
    let problem = Problem::ObservationNotWritten { moment: at(0, 0), index: 0 };
    assert_eq!(only(&report), problem);
}

#[test]
fn components_that_are_not_finite_or_out_of_bounds_are_found() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.5, -1.0000001] {
        let mut broken = Broken { value, ..Broken::new() };
        broken.on_step = |broken, action, observation| {
            let step = broken.env.step(action, observation)?;
            if broken.elapsed == 7 {
                observation[1] = broken.value;
            }
            Ok(step)
        };
        let report = check(|| broken.clone());
        match only(&report) {
            Problem::ObservationNotFinite { moment, index: 1, value: found } => {
                assert_eq!((moment, found.to_bits()), (at(0, 7), value.to_bits()));
            }
            Problem::ObservationOutside { moment, index: 1, value: found, low, high } => {
                assert_eq!((moment, found, low, high), (at(0, 7), value, -1.0, 1.0));
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn rewards_that_are_not_finite_are_found() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut broken = Broken { value, ..Broken::new() };
        broken.on_step = |broken, action, observation| {
            let step = broken.env.step(action, observation)?;
            Ok(Step { reward: if broken.elapsed == 9 { broken.value } else { 0.0 }, ..step })
        };
        let report = check(|| broken.clone());
        let Problem::RewardNotFinite { moment, value: found } = only(&report) else {
            panic!("{report}")
        };
        assert_eq!((moment, found.to_bits()), (at(0, 9), value.to_bits()));
    }
}

#[test]
fn problems_of_a_kind_are_told_once_and_counted() {
    let report = check(|| Broken {
        on_step: |broken, action, observation| {
            let step = broken.env.step(action, observation)?;
            Ok(Step { reward: f64::NAN, ..step })
        },
        ..Broken::new()
    });
    let problem = only(&report);
    assert_eq!((report.problems[0].count, report.problems[0].components), (1000, None));
    let text = format!("Broken-v0: 1 problem\nproblem: {problem}; and 999 more like it");
    assert_eq!(report.to_string(), text);
}

#[test]
fn the_components_of_a_problem_are_told_from_the_least_to_the_greatest() {
    let report = check(|| Broken {
        on_step: |broken, action, observation| {
            let step = broken.env.step(action, observation)?;
            match broken.elapsed {
                1 => observation[1] = 2.0,
                2 => observation[0] = -2.0,
                3 => observation[2] = f64::NAN,
                _ => {}
            }
            Ok(step)
        },
        ..Broken::new()
    });
    let [outside, nan] = &report.problems[..] else { panic!("{report}") };
    // Five episodes of 200 steps.
    assert_eq!((outside.problem.kind(), outside.count), ("observation_outside", 10));
    assert_eq!((outside.components, nan.components), (Some((0, 1)), Some((2, 2))));
    assert_eq!((nan.problem.kind(), nan.count), ("observation_not_finite", 5));
    let text = report.to_string();
    assert!(text.starts_with("Broken-v0: 2 problems\n"), "{text}");
    assert!(text.contains("; and 9 more like it (components 0 to 1)\n"), "{text}");
    assert!(text.ends_with("; and 4 more like it"), "{text}");
}

// ── advice ─────────────────────────────────────────────────────────────────────────────────────

fn advice(make: impl Fn() -> Broken) -> Vec<Advice> {
    let report = check(make);
    assert!(report.is_ok(), "{report}");
    assert!(report.advice.iter().all(|advice| report.to_string().contains(&advice.to_string())));
    report.advice
}

#[test]
fn spaces_without_bounds_or_of_huge_or_lopsided_ones_are_mentioned() {
    let infinite =
        BoxSpace::new(vec![-1.0, -1.0, f64::NEG_INFINITY], vec![1.0, f64::INFINITY, 8.0]);
    let observation = infinite.unwrap();
    assert_eq!(
        advice(|| Broken { observation: observation.clone(), ..Broken::new() }),
        [Advice::UnboundedObservation { index: 1, count: 2 }]
    );
    let huge = BoxSpace::new(vec![-1.0, -2e4, -8.0], vec![1.0, 1.0, 3e5]).unwrap();
    let space = SpaceKind::Observation;
    assert_eq!(
        advice(|| Broken { observation: huge.clone(), ..Broken::new() }),
        [Advice::HugeBounds { space, index: 1, low: -2e4, high: 1.0, count: 2 }]
    );
    assert_eq!(
        advice(|| Broken { action: boxed(-1.0, 2e4), ..Broken::new() }),
        [
            Advice::HugeBounds {
                space: SpaceKind::Action,
                index: 0,
                low: -1.0,
                high: 2e4,
                count: 1
            },
            Advice::AsymmetricAction { index: 0, low: -1.0, high: 2e4, count: 1 },
        ]
    );
}

#[test]
fn the_largest_numbers_are_mentioned() {
    let observation = BoxSpace::new(vec![-1.0, -1.0, f64::NEG_INFINITY], vec![f64::INFINITY; 3]);
    let observation = observation.unwrap();
    let found = advice(|| Broken {
        observation: observation.clone(),
        on_step: |broken, action, observation| {
            let step = broken.env.step(action, observation)?;
            let size = if broken.elapsed == 3 { -1e6 } else { 2e4 };
            observation[2] = size;
            Ok(Step { reward: 10.0 * size, ..step })
        },
        ..Broken::new()
    });
    assert_eq!(
        found[1..],
        [
            Advice::LargeObservation { moment: at(0, 3), index: 2, value: -1e6 },
            Advice::LargeReward { moment: at(0, 3), value: -1e7 },
        ]
    );
}

#[test]
fn observations_far_from_zero_are_mentioned() {
    let unbounded = BoxSpace::new(vec![-1.0, -1.0, 0.0], vec![1.0, 1.0, f64::INFINITY]);
    let observation = unbounded.unwrap();
    let found = advice(|| Broken {
        observation: observation.clone(),
        on_reset: |broken, seed, observation| {
            broken.env.reset(seed, observation)?;
            observation[2] = 5.82e6;
            Ok(())
        },
        on_step: |broken, action, observation| {
            let step = broken.env.step(action, observation)?;
            observation[2] = 5.82e6 + 0.1 * observation[2];
            Ok(step)
        },
        ..Broken::new()
    });
    // And not that it should be scaled.
    let [_, Advice::FarFromZero(far)] = found[..] else { panic!("{found:?}") };
    assert_eq!((far.index, far.count, far.resolution()), (2, 1, 0.5));
    assert!(found[1].to_string().contains("precision"));
}

#[test]
fn episodes_without_end_are_mentioned() {
    let endless = TimeLimit::new(Pendulum::new(), u32::MAX);
    assert_eq!(
        advice(|| Broken { env: endless.clone(), ..Broken::new() }),
        [Advice::NoEnd { steps: 1000 }]
    );
}

// ── anything ───────────────────────────────────────────────────────────────────────────────────

/// Mostly rare, so that checks come far, but now and then always.
fn odds() -> impl Strategy<Value = Odds> {
    let odds = || prop_oneof![2 => Just(0), 2 => 0..4_u8, 1 => any::<u8>()];
    (odds(), odds(), odds(), odds(), odds()).prop_map(
        |(other_space, refusal, unwritten, wild_number, end)| Odds {
            other_space,
            refusal,
            unwritten,
            wild_number,
            end,
        },
    )
}

proptest! {
    #[test]
    fn garbage_is_reported_in_bounded_work_and_without_a_panic(
        odds in odds(), seed: u64, steps in 0..300_u32,
    ) {
        let calls = Arc::new(AtomicU64::new(0));
        let make = || Garbage::new(seed, odds, calls.clone());
        let report = check_env(make, CheckConfig { seed, steps });
        let calls = calls.load(Ordering::Relaxed);
        prop_assert!(calls <= 12 * u64::from(steps) + 200, "{} calls", calls);
        let kinds = report.problems.iter().map(|found| found.problem.kind());
        let distinct: BTreeSet<_> = kinds.clone().collect();
        prop_assert_eq!(distinct.len(), kinds.count());
        prop_assert!(report.problems.iter().all(|found| found.count > 0));
        let text = report.to_string();
        prop_assert_eq!(text.contains("no problems"), report.is_ok());
    }

    #[test]
    fn what_is_wrong_does_not_depend_on_the_seed(seed: u64) {
        let config = CheckConfig { seed, steps: 100 };
        let make = || Broken {
            on_step: |broken, action, observation| {
                let step = broken.env.step(action, observation)?;
                Ok(Step { reward: f64::NAN, ..step })
            },
            ..Broken::new()
        };
        let report = check_env(make, config);
        let problem = only(&report);
        let Problem::RewardNotFinite { moment, .. } = problem else { panic!("{report}") };
        prop_assert_eq!(moment, at(seed, 1));
    }
}
