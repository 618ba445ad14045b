//! The `softac` command as a user meets it: output, exit codes, and the files of a run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;

use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::{contains, is_match};
use tempfile::{TempDir, tempdir};

#[path = "../support/command.rs"]
mod command;
#[path = "../support/tiny.rs"]
mod tiny;

mod algorithms;
mod bench;
mod export;
mod forms;
#[cfg(unix)]
mod interrupts;
mod run_folder;
mod training;

use command::{process, softac};
use tiny::TINY;

const METRICS: &str = "time/total_timesteps,time/episodes,train/n_updates,rollout/ep_rew_mean,\
rollout/ep_len_mean,train/critic_loss,train/q_mean,train/actor_loss,train/entropy,train/ent_coef,\
train/ent_coef_loss,train/params_hash";
const EVALUATIONS: &str =
    "time/total_timesteps,eval/episodes,eval/mean_reward,eval/std_reward,eval/mean_ep_length";
const RESULTS: [&str; 3] = ["metrics.csv", "evaluations.csv", "policy.safetensors"];
const PLOTS: [&str; 6] = [
    "entropy.png",
    "entropy.svg",
    "learning_curve.png",
    "learning_curve.svg",
    "temperature.png",
    "temperature.svg",
];

/// A tiny training in this folder, into `out`.
fn train(folder: &Path, env: &str, out: &str, more: &[&str]) -> Assert {
    softac(folder).args(["train", env, "--out", out]).args(TINY).args(more).assert()
}

/// A finished run that all tests share and none changes.
fn shared_run() -> &'static Path {
    static RUN: OnceLock<PathBuf> = OnceLock::new();
    RUN.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shared-run");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        train(&folder, "pendulum", "run", &[]).success();
        folder.join("run")
    })
}

/// A copy of the shared run, `run` in a folder of its own.
fn copied_run() -> TempDir {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("run")).unwrap();
    for file in ["config.toml", "metrics.csv", "evaluations.csv", "policy.safetensors"] {
        fs::copy(shared_run().join(file), folder.path().join("run").join(file)).unwrap();
    }
    folder
}

fn same_files(a: &Path, b: &Path, files: &[&str]) -> bool {
    files.iter().all(|file| fs::read(a.join(file)).unwrap() == fs::read(b.join(file)).unwrap())
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn every_command_explains_itself_with_an_example() {
    let folder = tempdir().unwrap();
    for command in [
        "",
        "train",
        "eval",
        "export",
        "watch",
        "plot",
        "compare",
        "exercise",
        "envs",
        "settings",
        "check-env",
        "gradcheck",
    ] {
        let words = command.split_whitespace().chain(["--help"]);
        let example = is_match(format!(r"Examples?:\n  softac {command}")).unwrap();
        softac(folder.path()).args(words).assert().success().stdout(example);
    }
    softac(folder.path()).arg("--version").assert().success();
    softac(folder.path()).assert().code(2).stderr(contains("Usage"));
    softac(folder.path()).arg("learn").assert().code(2).stderr(contains("learn"));
}

#[test]
fn the_environments_are_listed() {
    let folder = tempdir().unwrap();
    let text = contains("Pendulum-v1").and(contains("mountain-car"));
    softac(folder.path()).arg("envs").assert().success().stdout(text);
    let done = softac(folder.path()).args(["envs", "--json"]).assert().success();
    let list: serde_json::Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    let pendulum = &list[0];
    assert_eq!(list.as_array().unwrap().len(), softac::env::registry().len());
    assert_eq!((&pendulum["id"], &pendulum["alias"]), (&"Pendulum-v1".into(), &"pendulum".into()));
    assert_eq!(
        (&pendulum["observation_dim"], &pendulum["action_high"][0]),
        (&3.into(), &2.0.into())
    );
}

#[test]
fn an_environment_is_checked() {
    let folder = tempdir().unwrap();
    let check = |words: &[&str]| softac(folder.path()).arg("check-env").args(words).assert();
    check(&["Pendulum"]).success().stdout("Pendulum-v1: no problems\n").stderr("");
    let advice =
        is_match(r"(?s)\AMountainCarContinuous-v0: no problems\nadvice: .*no episode ended");
    check(&["mountain-car", "--steps=5", "--seed=3"]).success().stdout(advice.unwrap());
    let done = check(&["mountain-car", "--steps=5", "--json"]).success();
    let report: serde_json::Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    assert_eq!((&report["env"], &report["ok"]), (&"MountainCarContinuous-v0".into(), &true.into()));
    assert_eq!((&report["complete"], &report["problems"]), (&true.into(), &serde_json::json!([])));
    let kinds = report["advice"].as_array().unwrap().iter().map(|advice| &advice["kind"]);
    assert!(kinds.into_iter().any(|kind| kind == "no_end"), "{report}");
    check(&["nope"]).code(2).stderr(contains("no environment named `nope`"));
    check(&["pendulum", "--steps=0"]).code(2).stderr(contains("--steps"));
    check(&["pendulum", "--seed=-1"]).code(2).stderr(contains("--seed"));
    check(&[]).code(2).stderr(contains("<ENV>"));
}

#[test]
fn gradcheck_prints_a_row_per_case_and_a_ledger() {
    let folder = tempdir().unwrap();
    let only = ["gradcheck", "--only", "loss/", "--shapes", "2x1"];
    softac(folder.path())
        .args(only)
        .assert()
        .success()
        .stdout(predicate::str::contains("loss/critic_loss/2x1"))
        .stdout(predicate::str::contains("0 mismatched"));
    let done = softac(folder.path()).args(only).arg("--json").assert().success();
    let cases: serde_json::Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    let cases = cases.as_array().unwrap();
    assert!(cases.iter().all(|case| case["report"]["coverage"]["mismatched"] == 0));
    assert!(cases.iter().any(|case| case["id"] == "loss/actor_loss/2x1"));
}

#[test]
fn gradcheck_refuses_cases_and_shapes_that_do_not_exist() {
    let folder = tempdir().unwrap();
    for wrong in [&["--only", "no such case"][..], &["--shapes", "0x1"], &["--shapes", "3"]] {
        softac(folder.path()).arg("gradcheck").args(wrong).assert().code(2);
    }
}

#[test]
fn nobody_has_to_read_the_output() {
    let folder = tempdir().unwrap();
    let mut training = vec!["train", "bandit", "--out=run"];
    training.extend(TINY);
    for words in [&["envs"][..], &["envs", "--json"], &["train", "nope"], &training] {
        let mut command = process(folder.path());
        command.args(words).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop((child.stdout.take(), child.stderr.take()));
        let expected = if words.contains(&"nope") { 2 } else { 0 };
        assert_eq!(child.wait().unwrap().code(), Some(expected), "{words:?}");
    }
    assert!(folder.path().join("run/plots/temperature.png").exists());
    assert!(folder.path().join("run/policy.safetensors").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    let folder = tempdir().unwrap();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let done = process(folder.path()).arg("envs").stdout(full).output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("cannot write to standard output"));
}
