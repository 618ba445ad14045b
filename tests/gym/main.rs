//! Gymnasium's environments through the bridge, with a package in its place that fails in every way there is
//! (`tests/fixtures/fake_gymnasium/`). `.ci/run` has the real one.
//!
//! | file | holds |
//! |---|---|
//! | `main.rs` | failures of the program on the other side, signals, resuming, films |
//! | `making.rs` | arguments, wrappers, seeds, environments of which there is one |
//! | `variations.rs` | every kind of value that a call returns, every kind of space |
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
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

mod making;
#[path = "../support/played.rs"]
mod played;
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

/// A folder with a module of an environment, which notes that it was run.
fn with_a_module() -> TempDir {
    let folder = tempdir().unwrap();
    let module = "import gymnasium\nopen('ran', 'a').close()\nclass Own(gymnasium.Works): pass\n";
    fs::write(folder.path().join("own.py"), module).unwrap();
    folder
}

#[test]
fn a_module_in_the_current_folder_is_run_where_a_person_names_it_and_not_where_a_file_does() {
    let folder = with_a_module();
    let (folder, ran) = (folder.path(), folder.path().join("ran"));
    succeed(train(folder, "gym:own:Own-v0", "run"));
    assert!(ran.exists());
    succeed(softac(folder, &["check-env", "gym:own:Own-v0"]));
    fs::remove_file(&ran).unwrap();
    let commands = [
        &["eval", "run"][..],
        &["verify", "run", "--quiet"],
        &["resume", "run", "--quiet", "--total-timesteps=160"],
        &["watch", "run", "--out=film.gif"],
        &["export", "run", "--format=c", "--out=exported"],
    ];
    for words in commands {
        let output = softac(folder, words).output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{words:?}: {said}");
        assert!(
            said.contains("there is no Python module `own`") && said.contains("`--trust`"),
            "{said}"
        );
        assert!(!ran.exists(), "{words:?} ran the module");
    }
    for words in commands {
        let mut command = softac(folder, words);
        command.arg("--trust");
        if words[0] != "watch" {
            succeed(command);
        }
    }
    assert!(ran.exists());
    // A folder that the user lists is searched everywhere.
    let mut command = softac(folder, &["eval", "run", "--episodes=1"]);
    command.env("PYTHONPATH", format!("{}:{}", packages(), folder.display()));
    succeed(command);
}

#[test]
fn what_lies_in_the_current_folder_does_not_stand_in_for_pythons_modules() {
    let folder = tempdir().unwrap();
    for name in ["struct", "signal", "traceback", "gymnasium", "numpy", "random", "types"] {
        let module = "open('ran', 'a').close()\n";
        fs::write(folder.path().join(format!("{name}.py")), module).unwrap();
    }
    succeed(train(folder.path(), "gym:Works-v0", "run"));
    succeed(softac(folder.path(), &["eval", "run", "--episodes=1"]));
    assert!(!folder.path().join("ran").exists());
}

#[test]
fn an_action_that_cannot_move_is_held_and_a_reward_of_one_element_is_a_number() {
    let folder = tempdir().unwrap();
    succeed(train(folder.path(), "gym:HasALockedJoint-v0", "run"));
    succeed(softac(folder.path(), &["verify", "run", "--quiet"]));
    succeed(train(folder.path(), "gym:RewardsAnElement-v0", "element"));
}

/// The columns of a file of a run, without those of success, and what stands in those.
fn without_success(run: &Path, file: &str) -> (Vec<Vec<String>>, Vec<String>) {
    let text = fs::read_to_string(run.join(file)).unwrap();
    let mut rows: Vec<Vec<_>> =
        text.lines().map(|line| line.split(',').map(String::from).collect()).collect();
    let at = rows[0].iter().position(|name| name.ends_with("/success_rate"));
    let success = at.map(|at| rows.iter_mut().map(|row| row.remove(at)).collect());
    (rows, success.unwrap_or_default())
}

#[test]
fn success_is_told_as_a_truth_a_number_or_an_array_of_one_and_changes_nothing_else() {
    let folder = tempdir().unwrap();
    let run = |kind: &str| {
        succeed(train(folder.path(), &format!("gym:{kind}-v0"), kind));
        folder.path().join(kind)
    };
    let (works, tells) = (run("Works"), run("Tells"));
    for file in ["metrics.csv", "evaluations.csv"] {
        let (rows, success) = without_success(&tells, file);
        assert_eq!((rows, vec![]), without_success(&works, file), "{file}");
        let rates: Vec<f64> = success.iter().filter_map(|cell| cell.parse().ok()).collect();
        assert!(rates.iter().all(|rate| (0.0..=1.0).contains(rate)), "{rates:?}");
        assert!(!rates.is_empty() && !success.last().unwrap().is_empty(), "{success:?}");
    }
    let (_, success) = without_success(&tells, "metrics.csv");
    // There is no episode before the first row.
    assert!(success[1].is_empty() && success.iter().any(|cell| cell.starts_with("0.")));
    for kind in ["TellsNumbers", "TellsElements"] {
        assert_same_rows(&tells, &run(kind));
    }
}

#[test]
fn a_success_that_is_neither_true_nor_false_is_named_once_and_counts_as_not_told() {
    let whole = whole_run();
    for (kind, value) in [
        ("TellsNone", None),
        ("TellsWords", Some("is str 'no', and true or false is expected")),
        ("TellsShares", Some("is float '0.75', and true or false is expected")),
        ("TellsSeveral", Some("is list of 2, and true or false is expected")),
    ] {
        let folder = tempdir().unwrap();
        let output = succeed(train(folder.path(), &format!("gym:{kind}-v0"), "run"));
        assert_same_rows(&folder.path().join("run"), &whole.path().join("run"));
        let said = said(&output);
        assert!(value.is_none_or(|value| said.contains(value)), "{kind}: {said}");
        // Once in the training's environment, once in that of the evaluation.
        let warnings = said.matches("warning: info[\"is_success\"]").count();
        assert_eq!(warnings, 2 * usize::from(value.is_some()), "{kind}: {said}");
    }
}

#[test]
fn every_command_shows_the_success_that_is_told() {
    let folder = tempdir().unwrap();
    let trained = succeed(train(folder.path(), "gym:Tells-v0", "run"));
    let out = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(out(&trained).contains(" over 1 episodes, success rate "), "{}", out(&trained));
    let softac = |words: &[&str]| succeed(softac(folder.path(), words));
    softac(&["verify", "run", "--quiet"]);
    let evaluated = softac(&["eval", "run", "--episodes=8", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&evaluated.stdout).unwrap();
    let successes = report["successes"].as_array().unwrap();
    let count = successes.iter().filter(|success| success.as_bool().unwrap()).count();
    assert_eq!((successes.len(), report["success_rate"].as_f64()), (8, Some(count as f64 / 8.0)));
    assert!(0 < count && count < 8, "{report}");
    let line = format!("\nsuccess rate  {:.2} of 8 episodes\n", count as f64 / 8.0);
    let evaluated = out(&softac(&["eval", "run", "--episodes=8"]));
    assert!(evaluated.ends_with(&line), "{evaluated}");
    assert!(out(&softac(&["plot", "run"])).contains("run/plots/success_rate.svg"));
    let compared = out(&softac(&["compare", "run", "--resamples=10"]));
    assert!(compared.lines().nth(2).unwrap().ends_with("  success rate"), "{compared}");

    succeed(train(folder.path(), "gym:Works-v0", "silent"));
    let evaluated = softac(&["eval", "silent", "--episodes=2", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&evaluated.stdout).unwrap();
    assert_eq!(report["success_rate"], serde_json::Value::Null);
    assert_eq!(report["successes"], serde_json::json!([null, null]));
    assert!(!out(&softac(&["eval", "silent", "--episodes=2"])).contains("success"));
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
fn an_evaluation_whose_episode_never_ends_is_interrupted_and_the_run_is_saved() {
    let folder = tempdir().unwrap();
    let mut child = train(folder.path(), "gym:Endless-v0", "run").spawn().unwrap();
    let policy = folder.path().join("run/policy.safetensors");
    let since = Instant::now();
    while !policy.exists() {
        assert!(since.elapsed() < Duration::from_secs(60), "the final evaluation never begins");
        sleep(Duration::from_millis(20));
    }
    sleep(Duration::from_millis(300));
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let since = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(since.elapsed() < Duration::from_secs(20), "SIGTERM is not looked at");
        sleep(Duration::from_millis(20));
    }
    assert!(folder.path().join("run/checkpoints/step-000000000150").exists());
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

#[test]
fn an_interpreter_that_is_none_is_named_with_the_flag_that_mends_it() {
    let folder = tempdir().unwrap();
    let without_packages = "PYTHONPATH= exec python3 -S \"$@\"";
    let another_version = "printf 'softac<<\\011\\0\\0\\0\\0\\0\\0\\0'; cat > /dev/null";
    let another_language = "printf 'I am no Python at all, but I talk'; cat > /dev/null";
    let cases = [
        (without_packages, "No module named 'gymnasium'", "-m pip install \"gymnasium[mujoco]\""),
        (another_version, "it speaks version 9 of the protocol, not 5", "--python PATH"),
        (another_language, "it says something else", "--python PATH"),
        ("exit 4", "it ends with exit status: 4", "--python PATH"),
    ];
    for (text, message, advice) in cases {
        let python = script(folder.path(), text);
        let flag = format!("--python={}", python.display());
        let words = ["check-env", "gym:Works-v0", &flag];
        let output = softac(folder.path(), &words).output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(message) && said.contains(advice), "{text}: {said}");
    }
    let mut command = softac(folder.path(), &["check-env", "gym:Works-v0"]);
    let output = command.env("SOFTAC_PYTHON", "./no-python").output().unwrap();
    assert!(said(&output).contains("cannot start the Python interpreter `./no-python`"));
    for wrong in ["0", "-1", "NaN", "soon"] {
        let flag = format!("--env-timeout={wrong}");
        let words = ["check-env", "gym:Works-v0", &flag];
        let output = softac(folder.path(), &words).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong}: {}", said(&output));
    }
    // The flag wins.
    let words = ["check-env", "gym:Works-v0", "--python=python3"];
    let mut command = softac(folder.path(), &words);
    command.env("SOFTAC_PYTHON", "./no-python");
    succeed(command);
}

/// Waits until there is a file that has come to hold `lines` lines.
fn wait_for_lines(path: &Path, lines: usize) -> Vec<String> {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let text = fs::read_to_string(path).unwrap_or_default();
        if text.lines().count() >= lines {
            return text.lines().map(String::from).collect();
        }
        assert!(Instant::now() < end, "{}: {text}", path.display());
        sleep(Duration::from_millis(2));
    }
}

/// A training of the length of 100,000 steps, once it has learned something.
fn long_training(folder: &Path, env: &str) -> std::process::Child {
    let mut command = train(folder, env, "run");
    command.args(["--set", "total_timesteps=100000"]).env("FAKE_PIDS", folder.join("pids"));
    let child = command.process_group(0).spawn().unwrap();
    wait_for_lines(&folder.join("run/metrics.csv"), 5);
    child
}

fn kill(signal: &str, id: &str) -> bool {
    let mut command = Command::new("kill");
    command.args([signal, "--", id]).stderr(Stdio::null()).status().unwrap().success()
}

#[test]
fn a_signal_to_the_whole_group_interrupts_the_run_and_not_the_environment() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let folder = tempdir().unwrap();
        let child = long_training(folder.path(), "gym:Works-v0");
        assert!(kill(signal, &format!("-{}", child.id())));
        let output = child.wait_with_output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(130), "{said}");
        assert!(said.contains("go on with `softac resume run`"), "{said}");
        let state = said.split_whitespace().find_map(|word| word.parse::<u64>().ok()).unwrap();
        let total = format!("--total-timesteps={}", state + 40);
        succeed(softac(folder.path(), &["resume", "run", "--quiet", &total]));
        let mut command = train(folder.path(), "gym:Works-v0", "whole");
        command.args(["--set", &total[2..].replace('-', "_")]);
        succeed(command);
        assert_same_results(&folder.path().join("run"), &folder.path().join("whole"));
    }
}

#[test]
fn no_process_outlives_the_training() {
    let is_alive = |pid: &String| kill("-0", pid);
    let outlived = |folder: &Path| {
        let pids = wait_for_lines(&folder.join("pids"), 1);
        let end = Instant::now() + Duration::from_secs(30);
        while pids.iter().any(is_alive) && Instant::now() < end {
            sleep(Duration::from_millis(2));
        }
        pids.iter().any(is_alive)
    };
    let killed = tempdir().unwrap();
    let mut child = long_training(killed.path(), "gym:Works-v0");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!outlived(killed.path()));

    let hanging = tempdir().unwrap();
    let mut command = train(hanging.path(), "gym:Hangs-v0", "run");
    command.arg("--env-timeout=2").env("FAKE_PIDS", hanging.path().join("pids"));
    assert_eq!(command.output().unwrap().status.code(), Some(1));
    assert!(!outlived(hanging.path()));
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
    let mut elsewhere = state;
    elsewhere[2] ^= 1;
    let error = other.restore(&elsewhere).unwrap_err();
    assert!(
        matches!(error, EnvError::External { fault: ExternalFault::NotReproduced, .. }),
        "{error}"
    );
    assert_eq!(other.step(&action(0), &mut here), Err(EnvError::NeedsReset));
}

/// A folder with a run in this environment.
fn trained(env: &str) -> TempDir {
    let folder = tempdir().unwrap();
    let mut command = train(folder.path(), env, "run");
    command.args(["--set", "total_timesteps=30"]);
    succeed(command);
    folder
}

#[test]
fn what_gymnasium_draws_is_filmed_and_the_episodes_are_those_of_an_evaluation() {
    let folder = trained("gym:Works-v0");
    let watched = succeed(softac(folder.path(), &["watch", "run", "--episodes=2"]));
    let told = String::from_utf8_lossy(&watched.stdout).into_owned();
    let evaluated = succeed(softac(folder.path(), &["eval", "run", "--episodes=2", "--json"]));
    let report: serde_json::Value = serde_json::from_slice(&evaluated.stdout).unwrap();
    let mut frames = 0;
    for n in 0..2 {
        let (reward, steps) =
            (report["rewards"][n].as_f64().unwrap(), report["lengths"][n].as_u64().unwrap());
        let line = format!("episode {}: return {reward:.2} in {steps} steps\n", n + 1);
        assert!(told.contains(&line), "{told}");
        frames += steps + 1;
    }
    let last = format!("run/watch.gif: {frames} frames, 25 a second, ");
    assert!(told.contains(&last), "{told}");

    let shown = played::play(&folder.path().join("run/watch.gif"));
    assert_eq!(shown.len() as u64, frames);
    let mut moments = (0..2).flat_map(|n| 0..=report["lengths"][n].as_u64().unwrap());
    for frame in &shown {
        let elapsed = moments.next().unwrap();
        assert_eq!((frame.width, frame.delay % 100), (64, 4));
        for x in 0..64 {
            let red = if (x as u64) < elapsed { 17 * (x % 15 + 1) as u8 } else { 0 };
            assert_eq!(frame.at(x, 47), [red, 0, 0], "column {x} after {elapsed} steps");
        }
    }
}

#[test]
fn what_cannot_be_drawn_is_said_with_what_mends_it_and_no_file_is_left() {
    let folder = trained("gym:Works-v0");
    let config = folder.path().join("run/config.toml");
    let text = fs::read_to_string(&config).unwrap();
    let cases = [
        ("HasNoPixels", "it has no render mode rgb_array, but ['human', 'ansi']"),
        ("KnowsNoModes", "unexpected keyword argument 'render_mode'"),
        ("LacksItsPainter", "-m pip install pygame` installs what draws it"),
        ("HasNoScreen", "MUJOCO_GL=egl, on Debian after `apt-get install libegl1 libgl1`"),
        ("HangsPainting", "did not answer within 2 s"),
        ("DiesPainting", "the Python process is gone (signal: 11 (SIGSEGV)"),
        ("PaintsNothing", "it gave no rows of pixels of three bytes: NoneType"),
        ("PaintsGrey", "it gave no rows of pixels of three bytes: list"),
    ];
    for (kind, message) in cases {
        fs::write(&config, text.replace("Works-v0", &format!("{kind}-v0"))).unwrap();
        let words = ["watch", "run", "--env-timeout=2"];
        let output = softac(folder.path(), &words).output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{kind}: {said}");
        assert!(said.contains(message), "{kind}: {said}");
        assert!(!folder.path().join("run/watch.gif").exists(), "{kind}");
        // To play in it needs no painter.
        succeed(softac(folder.path(), &["eval", "run", "--episodes=1", "--json"]));
    }
}

#[test]
fn an_mp4_is_written_by_python_where_it_can() {
    let folder = tempdir().unwrap();
    let mut command = train(folder.path(), "pendulum", "run");
    command.args(["--set", "total_timesteps=30"]);
    succeed(command);
    let watch = |name: &str| {
        let mut command = softac(folder.path(), &["watch", "run", "--out", name]);
        command.args(["--size=101", "--every=50", "--fps=3"]);
        command
    };
    let with_writer = |mut command: Command| {
        let imageio = packages().replace("fake_gymnasium", "fake_imageio");
        command.env("PYTHONPATH", imageio);
        command
    };
    let refused = watch("lacks.mp4").output().unwrap();
    let text = said(&refused);
    assert_eq!(refused.status.code(), Some(1), "{text}");
    assert!(text.contains("-m pip install imageio-ffmpeg`"), "{text}");
    let mut command = watch("lacks.mp4");
    let refused = command.env("SOFTAC_PYTHON", "./no-python").output().unwrap();
    let text = said(&refused);
    assert!(text.contains("there is no Python interpreter `./no-python`"), "{text}");
    let mut command = with_writer(watch("fails.mp4"));
    let refused = command.env("FAKE_FILM_FAILS", "3").output().unwrap();
    let text = said(&refused);
    assert!(text.contains("OSError: the disk is full of films"), "{text}");

    let made = succeed(with_writer(watch("film.mp4")));
    let told = String::from_utf8_lossy(&made.stdout).into_owned();
    assert!(told.contains("film.mp4: 5 frames, 3 a second, "), "{told}");
    let film = fs::read(folder.path().join("film.mp4")).unwrap();
    // An even number of pixels each way; five frames, and the last one for another second.
    let (head, frames) = film.split_at(film.iter().position(|&byte| byte == b'\n').unwrap() + 1);
    assert_eq!(String::from_utf8_lossy(head), "102 126 3.0\n");
    let frames: Vec<_> = frames.chunks(3 * 102 * 126).collect();
    assert_eq!(frames.len(), 5 + 3);
    assert!(frames[0] != frames[1] && frames[4] == frames[7]);
    // White in the corner, red where the pole is.
    assert_eq!(frames[0][..3], [255; 3]);
    assert!(frames[0].chunks(3).any(|pixel| pixel == [204, 68, 68]));
    let mut left: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["film.mp4", "run"]);
}
