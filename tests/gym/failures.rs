//! Environments that fail: the run is saved, and goes on to the bytes of one without a failure.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::*;

/// A run with these flags, in which something fails once, goes on to the bytes of one in which nothing does.
fn assert_goes_on_after(kind: &str, message: &str, flags: &[&str], steps: u64) {
    let folder = tempdir().unwrap();
    let (env, failed) = (format!("gym:{kind}-v0"), folder.path().join("failed"));
    let fails_once = |mut command: Command| {
        command.env("FAKE_ONCE", &failed).env("SOFTAC_ENV_TIMEOUT", "2");
        command
    };
    let train = |out| {
        let mut command = fails_once(train(folder.path(), &env, out));
        command.args(flags);
        command
    };
    let output = train("run").output().unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{kind}: {said}");
    assert!(said.contains(message), "{kind}: {said}");
    assert!(said.contains("go on with `softac resume run`"), "{kind}: {said}");
    let resumed = succeed(fails_once(softac(folder.path(), &["resume", "run", "--quiet"])));
    let announced = String::from_utf8_lossy(&resumed.stdout).into_owned();
    assert!(
        announced.starts_with(&format!("going on after {steps} steps\n")),
        "{kind}: {announced}"
    );
    // By now it has failed, and does so no more.
    succeed(train("whole"));
    assert_same_results(&folder.path().join("run"), &folder.path().join("whole"));
}

#[test]
fn after_every_failure_a_run_goes_on_to_the_bytes_of_one_without() {
    let failures = [
        ("Raises", "raised ValueError: the ground is gone"),
        ("RaisesAndTells", "raised ValueError: the ground is gone"),
        ("Exits", "the Python process is gone (exit status: 3)"),
        ("IsKilled", "the Python process is gone (signal: 9 (SIGKILL))"),
        ("Hangs", "did not answer within 2 s"),
        ("ChangesShape", "it gave an observation of shape (3,), where its space says (2,)"),
        (
            "HasFourResults",
            "step returned tuple of 4, and must return (observation, reward, terminated,",
        ),
        (
            "UnpacksFourResults",
            "it seems that step does not return (observation, reward, terminated,",
        ),
        ("RewardsNothing", "step returned NoneType, and must return a number as its reward"),
        (
            "EndsTwice",
            "step returned Several 'both', and must return true or false as `terminated`",
        ),
    ];
    for (kind, message) in failures {
        assert_goes_on_after(kind, message, &[], 56);
    }
}

#[test]
fn so_it_does_with_several_environments() {
    let flags = ["--num-envs=3", "--norm-obs", "--norm-reward", "--set=total_timesteps=200"];
    for (kind, message) in [
        ("Raises", "raised ValueError: the ground is gone"),
        ("RaisesAndTells", "raised ValueError: the ground is gone"),
        ("Exits", "the Python process is gone (exit status: 3)"),
        ("Hangs", "did not answer within 2 s"),
    ] {
        // The first of the three to get there fails, and the others are through with their step.
        assert_goes_on_after(kind, message, &flags, 3 * 56);
    }
}

#[test]
fn numbers_that_are_none_are_not_learned_and_the_run_goes_on_with_another_episode() {
    for (kind, quantity) in [("ObservesNan", "observation[1] NaN"), ("RewardsNan", "reward NaN")] {
        let folder = tempdir().unwrap();
        let env = format!("gym:{kind}-v0");
        let output = train(folder.path(), &env, "run").output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(&format!("{env} gave the {quantity} in step 57")), "{said}");
        assert!(said.contains("go on with `softac resume run`"), "{said}");
        let words = ["resume", "run", "--quiet", "--total-timesteps=100"];
        let resumed = succeed(softac(folder.path(), &words));
        let announced = String::from_utf8_lossy(&resumed.stdout).into_owned();
        assert!(announced.starts_with("going on after 56 steps\n"), "{announced}");
    }
}

#[test]
fn an_episode_of_chance_is_given_up_on_resuming_and_that_is_said() {
    for env in ["gym:Chance-v0", "gym:ChanceThatSaysSo-v0"] {
        let folder = tempdir().unwrap();
        let output = train(folder.path(), env, "run").output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        let words = ["resume", "run", "--quiet", "--total-timesteps=57"];
        let resumed = succeed(softac(folder.path(), &words));
        let warned = said(&resumed);
        assert!(warned.contains("cannot be restored, so that a new episode begins"), "{warned}");
    }
}

#[test]
fn a_run_whose_environment_never_starts_is_saved_at_its_beginning() {
    let folder = tempdir().unwrap();
    let output = train(folder.path(), "gym:CannotReset-v0", "run").output().unwrap();
    let said_first = said(&output);
    assert!(said_first.contains("raised RuntimeError: no start"), "{said_first}");
    let again = softac(folder.path(), &["resume", "run", "--quiet"]).output().unwrap();
    assert!(said(&again).contains("raised RuntimeError: no start"), "{}", said(&again));
}

#[test]
fn the_state_is_that_before_the_step_that_failed_and_leads_on_to_the_bit() {
    let mut failing = start("Exits-v0").unwrap();
    let mut observation = [0.0; 2];
    failing.reset(7, &mut observation).unwrap();
    let action = |t: usize| [0.3 - 0.1 * (t % 7) as f64, 0.5];
    let mut steps = 0;
    let error = loop {
        steps += 1;
        match failing.step(&action(steps), &mut observation) {
            Ok(step) if step.done() => failing.reset(7, &mut observation).unwrap(),
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(steps, 57);
    assert!(
        matches!(&error, EnvError::External { fault: ExternalFault::Died, env, .. } if env == "gym:Exits-v0")
    );
    // It stays what it was.
    assert_eq!(failing.step(&action(0), &mut observation), Err(EnvError::NeedsReset));
    assert_eq!(failing.reset(7, &mut observation), Err(error));

    let (mut one, mut other) = (start("Works-v0").unwrap(), start("Works-v0").unwrap());
    let mut state = None;
    one.reset(7, &mut observation).unwrap();
    for t in 0..10 {
        one.step(&action(t), &mut observation).unwrap();
        state = one.state();
    }
    let state = state.unwrap();
    let mut here = [0.0; 2];
    other.restore(&state).unwrap();
    assert_eq!(other.state().unwrap(), state);
    for t in 0..5 {
        let step = one.step(&action(t), &mut observation).unwrap();
        assert_eq!(other.step(&action(t), &mut here).unwrap(), step);
        assert_eq!(here, observation);
    }
    let mut wrong = state.clone();
    wrong.pop();
    assert!(matches!(other.restore(&wrong), Err(EnvError::InvalidState { .. })));
    let interrupted = Arc::new(AtomicBool::new(true));
    let options = GymOptions { python: python(), interrupted, ..GymOptions::default() };
    let replayed = GymEnv::start("Works-v0", &options).unwrap().restore(&state);
    assert!(matches!(replayed, Err(EnvError::Interrupted { .. })));
    let mut elsewhere = state;
    elsewhere[2] ^= 1;
    let error = other.restore(&elsewhere).unwrap_err();
    assert!(
        matches!(error, EnvError::External { fault: ExternalFault::NotReproduced, .. }),
        "{error}"
    );
    assert_eq!(other.step(&action(0), &mut here), Err(EnvError::NeedsReset));
}
