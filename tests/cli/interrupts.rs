//! Ctrl-C.

use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

use super::*;

#[path = "../support/stopped.rs"]
mod stopped;
use stopped::{send, stopped};

const LONG: [&str; 9] = [
    "train",
    "pendulum",
    "--out=run",
    "--total-timesteps=1000000000000",
    "--net-arch=4",
    "--batch-size=4",
    "--eval-freq=1000000000",
    "--learning-starts=10",
    "--quiet",
];

#[test]
fn an_interrupted_run_can_be_used() {
    let folder = tempdir().unwrap();
    let run = folder.path().join("run");
    let words = [&LONG[..], &["--log-freq=1000000000"]].concat();
    let said = stopped("-INT", process(folder.path()).args(words), |_| {
        let trains = run.join("evaluations.csv").exists();
        sleep(Duration::from_millis(300));
        trains
    });
    assert!(said.contains("interrupted after ") && said.contains("softac resume run"), "{said}");
    let metrics = fs::read_to_string(run.join("metrics.csv")).unwrap();
    assert_eq!((metrics.lines().next(), metrics.lines().count()), (Some(METRICS), 2));
    let evaluations = fs::read_to_string(run.join("evaluations.csv")).unwrap();
    assert_eq!(evaluations, format!("{EVALUATIONS}\n"));
    for file in PLOTS {
        assert!(run.join("plots").join(file).exists(), "{file}");
    }
    softac(folder.path()).args(["eval", "run", "--episodes=1"]).assert().success();
    softac(folder.path()).args(["plot", "run"]).assert().success();
}

#[test]
fn evaluations_can_be_interrupted() {
    let folder = tempdir().unwrap();
    let run = folder.path().join("run");
    let mut words: Vec<_> = LONG.into_iter().filter(|w| !w.starts_with("--total")).collect();
    words.extend(["--total-timesteps=20", "--n-final-eval-episodes=1000000000000"]);
    let policy = run.join("policy.safetensors");
    stopped("-INT", process(folder.path()).args(words), |_| policy.exists());
    assert!(run.join("plots/temperature.png").exists());
}

/// Stops a training that says something after every step while nobody reads it: at some time it can say no more. Then it
/// gets `signals`, which must not end it, and Ctrl-C, which must.
fn stopped_when_stuck(signals: impl Fn(&mut Child)) {
    let folder = tempdir().unwrap();
    let words = LONG.into_iter().filter(|w| *w != "--quiet" && !w.contains("eval-freq"));
    let words: Vec<_> = words.chain(["--eval-freq=1", "--n-eval-episodes=1"]).collect();
    let words = [&["train", "bandit"], &words[2..]].concat();
    let said = folder.path().join("run/evaluations.csv");
    let len = || fs::metadata(&said).map_or(0, |file| file.len());
    stopped("-INT", process(folder.path()).args(words), |child| {
        let before = len();
        sleep(Duration::from_millis(500));
        let is_stuck = before > 0 && len() == before;
        if is_stuck {
            signals(child);
            sleep(Duration::from_millis(1200));
            assert!(child.try_wait().unwrap().is_none());
        }
        is_stuck
    });
}

#[test]
fn the_second_interrupt_ends_at_once() {
    stopped_when_stuck(|child| {
        // Repetitions of the first are none of a second.
        for _ in 0..3 {
            send("-INT", child);
            sleep(Duration::from_millis(20));
        }
    });
}

#[test]
fn signals_that_a_job_manager_repeats_do_not_end_a_save() {
    stopped_when_stuck(|child| {
        for i in 0..100 {
            send(["-TERM", "-HUP"][i % 2], child);
            sleep(Duration::from_millis(20));
        }
        assert!(child.try_wait().unwrap().is_none());
        // From here on as a person who types Ctrl-C twice.
        send("-INT", child);
    });
}
