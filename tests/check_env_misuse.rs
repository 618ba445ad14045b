//! What `check_env` finds by comparing two environments, and in calls that must be refused.

#[path = "support/broken.rs"]
mod broken;

use std::sync::atomic::{AtomicU64, Ordering};

use broken::{Broken, OnStep, at, check, only};
use softac::env::{Difference, Env, EnvError, Finding, Misuse, Problem, Step};

const NOTHING: Step = Step { reward: 0.0, terminated: false, truncated: false };

#[test]
fn random_numbers_that_the_seed_does_not_determine_are_found() {
    static DRAWN: AtomicU64 = AtomicU64::new(0);
    let report = check(|| Broken {
        on_reset: |broken, seed, observation| {
            broken.env.reset(seed, observation)?;
            observation[2] = (DRAWN.fetch_add(1, Ordering::Relaxed) % 1000) as f64 / 1e4;
            Ok(())
        },
        ..Broken::new()
    });
    let Problem::NotReproducible { moment, difference } = only(&report) else { panic!("{report}") };
    assert_eq!((moment, report.complete), (at(0, 0), false));
    assert!(matches!(difference, Difference::Observation { index: 2, .. }), "{difference}");
}

#[test]
fn what_is_left_of_earlier_episodes_is_found() {
    let difference = |on_step| {
        let report = check(|| Broken { on_step, ..Broken::new() });
        let Problem::NotReproducible { moment, difference } = only(&report) else {
            panic!("{report}")
        };
        (moment, difference)
    };
    let (moment, found) = difference(|broken, action, observation| {
        let step = broken.env.step(action, observation)?;
        Ok(Step { reward: broken.resets as f64, ..step })
    });
    let step = |reward| Step { reward, ..NOTHING };
    assert_eq!(
        (moment, found),
        (at(0, 1), Difference::Step { first: step(6.0), second: step(1.0) })
    );
    let (moment, found) = difference(|broken, action, observation| {
        if broken.resets == 6 && broken.elapsed == 4 {
            return Err(EnvError::NeedsReset);
        }
        broken.env.step(action, observation)
    });
    let refusal = Difference::Refusal { first: Some(EnvError::NeedsReset), second: None };
    assert_eq!((moment, found), (at(0, 4), refusal));
}

#[test]
fn misuse_that_is_not_refused_is_found() {
    let cases: [(OnStep, Misuse); 6] = [
        (
            |broken, action, observation| match broken.resets {
                0 => Ok(NOTHING),
                _ => broken.env.step(action, observation),
            },
            Misuse::StepBeforeReset,
        ),
        (
            |broken, action, observation| match broken.env.step(action, observation) {
                Err(EnvError::NeedsReset) if broken.resets > 0 => Ok(NOTHING),
                answer => answer,
            },
            Misuse::StepAfterEnd(at(0, 200)),
        ),
        (
            |broken, action, observation| {
                let mut right = [0.0; 3];
                let step = broken.env.step(action, &mut right)?;
                observation.iter_mut().zip(right).for_each(|(to, from)| *to = from);
                Ok(step)
            },
            Misuse::StepBuffer(4),
        ),
        (
            |broken, action, observation| {
                broken.env.step(&[action.first().copied().unwrap_or(0.0)], observation)
            },
            Misuse::ActionLength(2),
        ),
        (
            |broken, action, observation| match action {
                [action] => broken.env.step(&[action.clamp(-2.0, 2.0)], observation),
                _ => broken.env.step(action, observation),
            },
            Misuse::NonFiniteAction { index: 0, value: f64::INFINITY },
        ),
        (
            |broken, action, observation| match action {
                [action] if action.is_nan() => broken.env.step(&[0.0], observation),
                _ => broken.env.step(action, observation),
            },
            Misuse::NonFiniteAction { index: 0, value: f64::NAN },
        ),
    ];
    for (on_step, expected) in cases {
        let report = check(|| Broken { on_step, ..Broken::new() });
        let Problem::NotRefused { misuse, answer: None } = only(&report) else {
            panic!("{report}")
        };
        assert_eq!(format!("{misuse:?}"), format!("{expected:?}"));
    }
    let report = check(|| Broken {
        on_reset: |broken, seed, observation| {
            let mut right = [0.0; 3];
            broken.env.reset(seed, &mut right)?;
            observation.iter_mut().zip(right).for_each(|(to, from)| *to = from);
            Ok(())
        },
        ..Broken::new()
    });
    let problem = Problem::NotRefused { misuse: Misuse::ResetBuffer(4), answer: None };
    assert_eq!(only(&report), problem);
}

#[test]
fn misuse_that_is_refused_for_another_reason_is_found() {
    let report = check(|| Broken {
        on_step: |broken, action, observation| {
            broken.env.step(action, observation).map_err(|_| EnvError::NeedsReset)
        },
        ..Broken::new()
    });
    let kinds = report.problems.iter().map(|found| (found.problem.kind(), found.count));
    let expected = [("non_finite_action", 3), ("action_length", 2), ("step_buffer_length", 2)];
    assert_eq!(Vec::from_iter(kinds), expected);
    let answered = |found: &Finding| {
        let answer = Some(EnvError::NeedsReset);
        matches!(&found.problem, Problem::NotRefused { answer: found, .. } if *found == answer)
    };
    assert!(report.problems.iter().all(answered), "{report}");
}

#[test]
fn refused_calls_that_change_the_episode_are_found() {
    let report = check(|| Broken {
        on_step: |broken, action, observation| {
            let answer = broken.env.step(action, observation);
            if let Err(EnvError::NonFiniteAction { .. }) = answer {
                let _ = broken.env.step(&[1.0], &mut [0.0; 3]);
            }
            answer
        },
        ..Broken::new()
    });
    let Problem::Disturbed { misuse, moment, difference } = only(&report) else {
        panic!("{report}")
    };
    assert!(matches!(misuse, Misuse::NonFiniteAction { index: 0, value } if value.is_nan()));
    assert_eq!(moment, at(0, 1));
    assert!(matches!(difference, Difference::Step { .. }), "{difference}");

    let report = check(|| Broken {
        on_reset: |broken, seed, observation| {
            let answer = broken.env.reset(seed, observation);
            if answer.is_err() {
                let _ = broken.env.reset(seed, &mut [0.0; 3]);
            }
            answer
        },
        ..Broken::new()
    });
    let Problem::Disturbed { misuse, moment, .. } = only(&report) else { panic!("{report}") };
    assert_eq!((misuse, moment.step), (Misuse::ResetBuffer(4), 1));
}

#[test]
fn refused_steps_that_count_are_found() {
    let report = check(|| Broken {
        on_step: |broken, action, observation| {
            if broken.calls > 150 {
                return Err(EnvError::NeedsReset);
            }
            let step = broken.env.step(action, observation)?;
            Ok(Step { truncated: broken.calls == 150, ..step })
        },
        ..Broken::new()
    });
    let Problem::Disturbed { moment, difference: Difference::Step { first, second }, .. } =
        only(&report)
    else {
        panic!("{report}")
    };
    assert_eq!((moment.step, first.truncated, second.truncated), (75, true, false));
}

#[test]
fn nan_from_actions_out_of_bounds_is_found() {
    let report = check(|| Broken {
        on_step: |broken, action, observation| {
            let step = broken.env.step(action, observation)?;
            Ok(Step { reward: (2.0 - action[0]).sqrt(), ..step })
        },
        ..Broken::new()
    });
    let Problem::NanOutside { moment, action, index: None } = only(&report) else {
        panic!("{report}")
    };
    assert_eq!((moment, action), (at(0, 1), vec![6.0]));
    // The state is spoilt, which is seen in the next step.
    let report = check(|| Broken {
        on_reset: |broken, seed, observation| {
            broken.value = 0.0;
            broken.env.reset(seed, observation)
        },
        on_step: |broken, action, observation| {
            let step = broken.env.step(action, observation)?;
            observation[1] += 0.0 * broken.value;
            if broken.elapsed == 1 {
                broken.value = (action[0] + 2.0).ln_1p();
            }
            Ok(step)
        },
        ..Broken::new()
    });
    let Problem::NanOutside { moment, action, index: Some(1) } = only(&report) else {
        panic!("{report}")
    };
    assert_eq!((moment, action), (at(1, 2), vec![-6.0]));
}
