//! `softac train --seeds` as a user meets it: every run is the one that its seed gives alone.

use std::fs;
use std::path::Path;

use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::contains;
use tempfile::tempdir;

#[path = "support/command.rs"]
mod command;
#[cfg(unix)]
#[path = "support/interrupted.rs"]
mod interrupted;
#[path = "support/tiny.rs"]
mod tiny;
use command::softac;
#[cfg(unix)]
use interrupted::interrupted;
use tiny::TINY;

const RESULTS: [&str; 5] = [
    "config.toml",
    "metrics.csv",
    "evaluations.csv",
    "policy.safetensors",
    "plots/learning_curve.svg",
];

fn train(folder: &Path, words: &[&str]) -> Assert {
    softac(folder).args(["train", "pendulum", "--quiet"]).args(TINY).args(words).assert()
}

/// What a run has left, apart from the files that say when they were written.
fn files(run: &Path) -> Vec<Vec<u8>> {
    let checkpoint = fs::read_dir(run.join("checkpoints")).unwrap().last().unwrap().unwrap().path();
    let results = RESULTS.iter().map(|file| run.join(file));
    let all = results.chain([checkpoint.join("state.safetensors")]);
    all.map(|file| fs::read(file).unwrap()).collect()
}

#[test]
fn each_of_several_seeds_gives_the_bytes_that_it_gives_alone() {
    let place = tempdir().unwrap();
    for seed in 0..4 {
        let words = [format!("--seed={seed}"), format!("--out=alone/seed-{seed}")];
        train(place.path(), &words.each_ref().map(String::as_str)).success();
    }
    for jobs in ["1", "3", "9"] {
        let out = format!("--out=jobs-{jobs}");
        let words = ["--seeds=0..3", "--jobs", jobs, "--threads=2", &out];
        let done = train(place.path(), &words).success().stderr("");
        let said =
            contains(format!("run folders: jobs-{jobs}/seed-*\nruns: 4 to begin, 0 to go on"))
                .and(contains("seed 3: final evaluation: "))
                .and(contains("Pendulum-v1     4  "));
        done.stdout(said);
        for seed in 0..4 {
            let run = |of: &str| files(&place.path().join(of).join(format!("seed-{seed}")));
            assert!(run("alone") == run(&format!("jobs-{jobs}")), "seed {seed}, {jobs} jobs");
        }
    }
}

#[test]
fn the_same_command_leaves_what_is_finished_and_goes_on_with_the_rest() {
    let place = tempdir().unwrap();
    let words = ["--seeds=0,2", "--out=runs"];
    train(place.path(), &["--seeds=0..2", "--out=whole"]).success();
    train(place.path(), &words).success();
    let run = |of: &str, seed: u64| place.path().join(of).join(format!("seed-{seed}"));
    // As if seed 2 had been killed in its final evaluation, and seed 0 were to stay.
    let evaluations = fs::read_to_string(run("runs", 2).join("evaluations.csv")).unwrap();
    let cut = evaluations.trim_end().rfind('\n').unwrap();
    fs::write(run("runs", 2).join("evaluations.csv"), &evaluations[..=cut]).unwrap();
    let before = fs::metadata(run("runs", 0).join("metrics.csv")).unwrap().modified().unwrap();
    let done = train(place.path(), &["--seeds=0..2", "--out=runs"]).success();
    let said = "runs: 1 to begin, 1 to go on with, 1 finished already\n";
    done.stdout(contains(said).and(contains("seed 0:").not()).and(contains("Pendulum-v1     3  ")));
    assert_eq!(
        fs::metadata(run("runs", 0).join("metrics.csv")).unwrap().modified().unwrap(),
        before
    );
    for seed in 0..3 {
        assert!(files(&run("whole", seed)) == files(&run("runs", seed)), "seed {seed}");
    }
    // More steps make all of them longer.
    let longer = ["--seeds=0..2", "--out=runs", "--set=total_timesteps=160"];
    train(place.path(), &longer).success().stdout(contains("0 to begin, 3 to go on with"));
    train(place.path(), &longer).success().stdout(contains("3 finished already"));
}

#[test]
fn a_seed_that_fails_does_not_stop_the_others() {
    let place = tempdir().unwrap();
    let words = ["--seeds=0..2", "--out=runs", "--jobs=1"];
    train(place.path(), &["--seeds=0", "--out=runs"]).success();
    let run = place.path().join("runs/seed-0");
    // Neither finished nor to be gone on with.
    fs::remove_file(run.join("evaluations.csv")).unwrap();
    for entry in fs::read_dir(run.join("checkpoints")).unwrap() {
        fs::write(entry.unwrap().path().join("state.safetensors"), "garbage").unwrap();
    }
    let done = train(place.path(), &words).code(1);
    done.stderr(contains("error: seed 0: no checkpoint of runs/seed-0 can be used"))
        .stderr(contains("1 of 3 runs failed"))
        .stdout(contains("seed 1: final").and(contains("seed 2: final")));
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_written() {
    let place = tempdir().unwrap();
    train(place.path(), &["--seeds=1", "--out=runs"]).success();
    fs::create_dir_all(place.path().join("other/seed-2/stray")).unwrap();
    let cases: &[(&[&str], i32, &str)] = &[
        (
            &["--seeds=0..2", "--out=runs", "--gamma=0.5"],
            2,
            "runs/seed-1 holds another run: `gamma` is",
        ),
        (&["--seeds=0..2", "--out=other"], 1, "other/seed-2 is no run folder"),
        (&["--seeds=0..2", "--out=new", "--gamma=2"], 2, "`gamma` is 2.0"),
        (&["--seeds=0..2", "--seed=1"], 2, "cannot be used with"),
        (&["--seeds=2..0"], 2, "is empty"),
        (&["--seeds=0,0"], 2, "seed 0 is there twice"),
        (&["--jobs=2"], 2, "--seeds"),
        (&["--seeds=0..2", "--jobs=0"], 2, "`--jobs` must be from 1 to 1024"),
        (&["--seeds=0..2", "--threads=0"], 2, "`--threads` must be from 1 to 1024"),
    ];
    for (words, code, reason) in cases {
        train(place.path(), words).code(*code).stdout("").stderr(contains(*reason));
    }
    assert!(
        !place.path().join("runs/seed-0").exists() && !place.path().join("other/seed-0").exists()
    );
    assert!(!place.path().join("new").exists());
}

#[cfg(unix)]
#[test]
fn an_interruption_saves_all_and_the_same_command_goes_on() {
    let place = tempdir().unwrap();
    let words = |steps: &str| {
        let command = ["train", "pendulum", "--quiet", "--seeds=0..2", "--jobs=2", "--out=runs"];
        let steps = format!("--set=total_timesteps={steps}");
        command.iter().chain(&TINY).map(ToString::to_string).chain([steps]).collect::<Vec<_>>()
    };
    let both = ["runs/seed-0", "runs/seed-1"].map(Path::new);
    let said = interrupted(place.path(), &words("1000000000000"), &both);
    assert!(said.contains("the same command goes on with the runs in runs"), "{said}");
    // The third was not begun.
    assert!(!place.path().join("runs/seed-2").exists());
    let steps = |run: &Path| {
        let folder = fs::read_dir(place.path().join(run).join("checkpoints")).unwrap();
        let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.map(|name| name["step-".len()..].parse::<u64>().unwrap()).max().unwrap()
    };
    let longer = (both.map(steps).into_iter().max().unwrap() + 50).to_string();
    let done = softac(place.path()).args(words(&longer)).assert().success();
    done.stdout(contains("1 to begin, 2 to go on with").and(contains("Pendulum-v1     3  ")));
}
