//! Gymnasium's environments through the bridge, with a package in its place that fails in every way there is
//! (`tests/fixtures/fake_gymnasium/`). `.ci/run` has the real one.
//!
//! | file | holds |
//! |---|---|
//! | `main.rs` | the commands, spaces, promises of the interface |
//! | `trust.rs` | whose code is run |
//! | `success.rs` | success of episodes |
//! | `failures.rs` | environments that fail, and what goes on after them |
//! | `processes.rs` | the Python process, its interpreter, signals |
//! | `films.rs` | what Gymnasium draws |
//! | `making.rs` | arguments, wrappers, seeds, environments of which there is one |
//! | `variations.rs` | every kind of value that a call returns, every kind of space |
#![cfg(unix)]

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use softac::env::{Env, EnvError, ExternalFault};
use softac::gym::{GymEnv, GymOptions, GymSpec};
use tempfile::{TempDir, tempdir};

/// A training of 150 steps; environments that fail do so in step 57.
const TRAIN: [&str; 10] = [
    "--total-timesteps=150",
    "--net-arch=4",
    "--batch-size=4",
    "--buffer-size=500",
    "--learning-starts=20",
    "--log-freq=10",
    "--n-final-eval-episodes=1",
    "--checkpoint-freq=0",
    "--tensorboard=false",
    "--quiet",
];

const RESULTS: [&str; 3] = ["metrics.csv", "evaluations.csv", "policy.safetensors"];

mod failures;
mod films;
mod making;
#[path = "../support/played.rs"]
mod played;
mod processes;
mod success;
mod trust;
mod variations;

fn packages() -> String {
    format!("{}/tests/fixtures/fake_gymnasium", env!("CARGO_MANIFEST_DIR"))
}

fn softac(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_softac"));
    command.current_dir(folder).args(words).env("PYTHONPATH", packages());
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command.env_remove("SOFTAC_PYTHON").env_remove("SOFTAC_ENV_TIMEOUT");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn train(folder: &Path, env: &str, out: &str) -> Command {
    let mut command = softac(folder, &["train", env, "--out", out]);
    command.args(TRAIN);
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn succeed(mut command: Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{:?}: {}", output.status, said(&output));
    output
}

fn assert_same_results(a: &Path, b: &Path) {
    assert_same_files(a, b, &RESULTS);
}

/// Of runs in environments of other names, which are in their policies.
fn assert_same_rows(a: &Path, b: &Path) {
    assert_same_files(a, b, &RESULTS[..2]);
}

fn assert_same_files(a: &Path, b: &Path, files: &[&str]) {
    for file in files {
        assert!(fs::read(a.join(file)).unwrap() == fs::read(b.join(file)).unwrap(), "{file}");
    }
}

/// A folder with a run that nothing disturbed.
fn whole_run() -> TempDir {
    let folder = tempdir().unwrap();
    succeed(train(folder.path(), "gym:Works-v0", "run"));
    folder
}

/// An executable script.
fn script(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("script");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    path
}

/// An environment of the stand-in, in this process.
fn start(id: impl Into<GymSpec>) -> Result<GymEnv, EnvError> {
    GymEnv::start(id, &GymOptions { python: python(), ..GymOptions::default() })
}

/// Python with the stand-in.
fn python() -> PathBuf {
    Path::new(&packages()).join("python")
}

#[test]
fn every_command_that_acts_takes_an_environment_of_gymnasiums() {
    let folder = tempdir().unwrap();
    let mut command = softac(folder.path(), &["train", "gym:Works-v0"]);
    command.args(&TRAIN[..9]);
    let output = succeed(command);
    let run = "runs/gym-Works-v0/seed-0";
    let announced = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(announced.starts_with(&format!("run folder: {run}\n")), "{announced}");
    let versions = said(&output);
    assert!(versions.contains("gym:Works-v0: Python 3."), "{versions}");
    assert!(versions.contains(", gymnasium 0.0.1"), "{versions}");

    let config = fs::read_to_string(folder.path().join(run).join("config.toml")).unwrap();
    assert!(config.contains("env = \"gym:Works-v0\"") && !config.contains("python"), "{config}");
    succeed(softac(folder.path(), &["verify", run, "--quiet"]));
    succeed(softac(folder.path(), &["eval", run, "--episodes=3", "--json"]));
    succeed(softac(folder.path(), &["resume", run, "--quiet", "--total-timesteps=160"]));
    // Plots need no Python, and know the target entropy nevertheless.
    let mut plot = softac(folder.path(), &["plot", run]);
    plot.env("SOFTAC_PYTHON", "./no-python");
    succeed(plot);
    let plot = fs::read_to_string(folder.path().join(run).join("plots/entropy.svg")).unwrap();
    assert!(plot.contains("target entropy"));
    let report = succeed(softac(folder.path(), &["check-env", "gym:Works-v0"]));
    let report = String::from_utf8_lossy(&report.stdout).into_owned();
    assert!(report.starts_with("gym:Works-v0: no problems"), "{report}");
    // What is in a run's settings is of another environment than that without the prefix.
    let saved = format!("--config={run}/config.toml");
    let output = softac(folder.path(), &["train", "pendulum", &saved]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
}

#[test]
fn an_action_that_cannot_move_is_held_and_a_reward_of_one_element_is_a_number() {
    let folder = tempdir().unwrap();
    succeed(train(folder.path(), "gym:HasALockedJoint-v0", "run"));
    succeed(softac(folder.path(), &["verify", "run", "--quiet"]));
    succeed(train(folder.path(), "gym:RewardsAnElement-v0", "element"));
}

#[test]
fn an_observation_is_rounded_to_the_precision_of_its_space_before_it_is_compared_with_the_bounds() {
    let folder = tempdir().unwrap();
    succeed(softac(folder.path(), &["check-env", "gym:ReachesItsBound-v0"]));
    let words = ["check-env", "gym:ReachesItsBoundOfDoubles-v0"];
    let output = softac(folder.path(), &words).output().unwrap();
    let (report, said) = (String::from_utf8_lossy(&output.stdout), said(&output));
    let outside = "observation component 1 is 0.7, outside [-9.0, 0.699999988079071]";
    assert!(report.contains("-v0: 1 problem\n") && report.contains(outside), "{report}");
    assert!(said.contains("does not keep its promises: 1 problem\n"), "{said}");
}

#[test]
fn observations_too_far_from_zero_for_single_precision_are_told_once_in_training_and_by_check_env()
{
    let far = "observation component 1 has the mean 5820000 ";
    let folder = tempdir().unwrap();
    for flag in ["--norm-obs=false", "--norm-obs=true", "--precision=f64"] {
        let out = format!("--out={}", flag.trim_start_matches('-'));
        let mut command = softac(folder.path(), &["train", "gym:MeasuresInUtm-v0", &out]);
        command.args(["--total-timesteps=1100", "--train-freq=10", flag]).args(&TRAIN[1..]);
        let said = said(&succeed(command));
        assert_eq!(said.matches(far).count(), 1, "{flag}: {said}");
        assert!(said.contains("warning: ") && said.contains("single precision"), "{said}");
    }
    let report = succeed(softac(folder.path(), &["check-env", "gym:MeasuresInUtm-v0"]));
    let report = String::from_utf8_lossy(&report.stdout).into_owned();
    assert!(report.contains(&format!("advice: {far}")), "{report}");
}

#[test]
fn a_reset_of_the_old_kind_is_named_with_what_it_must_return() {
    let folder = tempdir().unwrap();
    let output = train(folder.path(), "gym:ResetsAsOnce-v0", "run").output().unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let broken = "reset returned list of 2, and must return (observation, info)";
    assert!(said.contains(broken), "{said}");
}

#[test]
fn bounds_that_are_no_range_are_said_at_the_start() {
    let folder = tempdir().unwrap();
    let mut command = softac(folder.path(), &["train", "gym:HasWideActions-v0", "--out=run"]);
    command.args(&TRAIN[..9]);
    let said = said(&succeed(command));
    let warning = "warning: gym:HasWideActions-v0: action dimension 1 has the bound 3.4e38";
    assert!(said.contains(warning), "{said}");
}

#[test]
fn an_environment_that_has_changed_is_refused_with_both_values_and_nothing_is_lost() {
    let folder = tempdir().unwrap();
    let write = |high: &str, low: &str| {
        let module = format!(
            "import gymnasium\nclass Own(gymnasium.Works):\n  action_space = gymnasium.Box([-1.0, -2.0], [1.0, {high}])\n  \
             observation_space = gymnasium.Box({low}, [9.0] * len({low}))\n"
        );
        fs::write(folder.path().join("own.py"), module).unwrap();
    };
    write("2.0", "[-9.0, -9.0]");
    succeed(train(folder.path(), "gym:own:Own-v0", "run"));
    let before = fs::read(folder.path().join("run/metrics.csv")).unwrap();
    for (high, low, difference) in [
        ("3.0", "[-9.0, -9.0]", "action dimension 1 within [-2, 2], now within [-2, 3]"),
        ("2.0", "[-9.0] * 3", "2 observations, now 3"),
    ] {
        write(high, low);
        for words in [
            &["eval", "run", "--trust"][..],
            &["resume", "run", "--trust", "--quiet", "--total-timesteps=160"],
            &["verify", "run", "--trust", "--quiet"],
            &["watch", "run", "--trust", "--out=film.png"],
        ] {
            let output = softac(folder.path(), words).output().unwrap();
            let said = said(&output);
            assert!(!output.status.success() && said.contains(difference), "{words:?}: {said}");
            assert!(!said.contains("damaged"), "{said}");
        }
    }
    assert_eq!(fs::read(folder.path().join("run/metrics.csv")).unwrap(), before);
    write("2.0", "[-9.0, -9.0]");
    succeed(softac(
        folder.path(),
        &["resume", "run", "--trust", "--quiet", "--total-timesteps=160"],
    ));
}

#[test]
fn a_missing_package_is_named_with_its_own_remedy() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("needs.py"), "import some_simulator\n").unwrap();
    let own_module = "where it is a module of your own, name its folder in the variable PYTHONPATH";
    for (env, named, advice) in [
        ("gym:LacksModule-v0", "some_simulator", own_module),
        ("gym:needs:Needs-v0", "some_simulator", own_module),
        ("gym:LacksBox2d-v0", "Box2D", "-m pip install \"gymnasium[box2d]\""),
        (
            "gym:absent:Own-v0",
            "there is no Python module `absent`",
            "neither in the current folder nor",
        ),
    ] {
        let output = softac(folder.path(), &["check-env", env]).output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{env}: {said}");
        assert!(said.contains(named) && said.contains(advice), "{env}: {said}");
        assert!(!said.contains("mujoco"), "{env}: {said}");
    }
}

#[test]
fn what_an_environment_prints_is_no_answer_and_requests_are_no_input() {
    let whole = whole_run();
    let folder = tempdir().unwrap();
    let output = succeed(train(folder.path(), "gym:Prints-v0", "run"));
    let printed = said(&output);
    assert!(printed.contains("printed\n") && printed.contains("written\n"));
    assert!(!String::from_utf8_lossy(&output.stdout).contains("printed"));
    assert_same_rows(&whole.path().join("run"), &folder.path().join("run"));
}

#[test]
fn what_was_announced_is_what_is_asked_and_nothing_else() {
    let (mut one, mut other) = (start("Works-v0").unwrap(), start("Works-v0").unwrap());
    let (mut here, mut there) = ([0.0; 2], [0.0; 2]);
    let mut same_reset = |one: &mut GymEnv, seed| {
        one.reset(seed, &mut here).unwrap();
        other.reset(seed, &mut there).unwrap();
        assert_eq!(here, there);
    };
    one.announce_reset(7);
    same_reset(&mut one, 7);
    for action in [[0.5, -1.0], [0.25, 2.0]] {
        one.announce_step(&action);
        // To say it twice does not do it twice.
        one.announce_step(&action);
        let before = one.state();
        let step = one.step(&action, &mut [0.0; 2]).unwrap();
        assert_ne!(one.state(), before);
        assert!(!step.done());
    }
    one.announce_step(&[f64::NAN, 0.0]);
    let refused = one.step(&[f64::NAN, 0.0], &mut [0.0; 2]);
    assert!(matches!(refused, Err(EnvError::NonFiniteAction { .. })));
    one.announce_step(&[0.5, 0.5]);
    assert_eq!(one.step(&[0.5, 0.25], &mut [0.0; 2]), Err(EnvError::NeedsReset));
    one.announce_reset(3);
    same_reset(&mut one, 4);
    one.announce_step(&[0.5, 0.5]);
    same_reset(&mut one, 5);
}

#[test]
fn what_cannot_be_made_or_learned_is_named_and_nothing_is_written() {
    let cases = [
        ("Nowhere", 2, "Environment `Nowhere-v0` doesn't exist"),
        ("HasDiscreteActions", 2, "its action space is Discrete, and only Box"),
        ("HasDictObservations", 2, "flatten it with `--wrapper FlattenObservation`"),
        ("HasWholeActions", 2, "its actions are of type int64"),
        (
            "HasUnboundedActions",
            1,
            "action dimension 1 is unbounded; give the environment a finite action space",
        ),
        ("CannotBeMade", 1, "raised RuntimeError: no parts"),
        ("LacksPackage", 1, "-m pip install \"gymnasium[mujoco]\""),
    ];
    for (kind, code, message) in cases {
        let folder = tempdir().unwrap();
        let output = train(folder.path(), &format!("gym:{kind}-v0"), "run").output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{kind}: {said}");
        assert!(said.contains(message), "{kind}: {said}");
        assert!(!folder.path().join("run").exists(), "{kind}");
    }
}
