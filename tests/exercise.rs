//! `softac exercise` as a user meets it: what is printed, what is left behind, and how it goes on.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;
use softac::env::SquashedNormal;
use softac::statistics::{Scores, interquartile_mean, probability_of_improvement};
use softac::study::exercise::{Course, settling};
use softac::train::RunFolder;
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

fn exercise(folder: &Path, words: &[&str]) -> Assert {
    softac(folder).arg("exercise").args(words).assert()
}

/// A tiny exercise that trains.
fn tiny(folder: &Path, words: &[&str]) -> Assert {
    softac(folder).arg("exercise").args(words).args(TINY).assert()
}

fn json_of(done: Assert) -> Value {
    serde_json::from_slice(&done.success().get_output().stdout).unwrap()
}

fn strings(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

#[test]
fn every_exercise_is_listed_and_explains_itself_with_an_example() {
    let place = tempdir().unwrap();
    let names = ["entropy", "temperature", "bandit"];
    let list = exercise(place.path(), &["--help"]).success();
    let list = String::from_utf8_lossy(&list.get_output().stdout).into_owned();
    for name in names {
        assert!(list.contains(&format!("\n  softac exercise {name}")), "{list}");
        let example = contains(format!("Examples:\n  softac exercise {name}"));
        exercise(place.path(), &[name, "--help"]).success().stdout(example);
    }
    exercise(place.path(), &[]).code(2);
    exercise(place.path(), &["breakfast"]).code(2).stderr(contains("breakfast"));
}

#[test]
fn the_bandit_is_solved_drawn_and_read() {
    let place = tempdir().unwrap();
    let done = exercise(place.path(), &["bandit"]).success().stderr("");
    done.stdout(
        contains("V − α log 2")
            .and(contains("lie within"))
            .and(contains("runs/exercises/bandit/two-arms/bandit.svg\n")),
    );
    let report =
        json_of(exercise(place.path(), &["bandit", "--json", "--rewards=-1,2", "--out=b"]));
    assert_eq!(report["exercise"], "bandit");
    assert_eq!(strings(&report["files"]), ["b/bandit.svg", "b/bandit.png", "b/bandit.csv"]);
    for file in strings(&report["files"]) {
        assert!(fs::metadata(place.path().join(file)).unwrap().len() > 1_000, "{file}");
    }
    let findings = &report["findings"];
    assert_eq!(
        (&findings["cold"]["probability"], &findings["hot"]["probability"]),
        (&0.0.into(), &0.5.into())
    );
    assert_eq!(
        (&findings["cold"]["soft_value"], &findings["hot"]["soft_value"]),
        (&2.0.into(), &Value::Null)
    );
    let points = findings["curve"].as_array().unwrap();
    let learned = points
        .iter()
        .filter_map(|point| Some((point["learned"].as_f64()?, point["alpha"].as_f64()?)));
    let learned: Vec<_> = learned.collect();
    assert!(learned.len() > 10);
    for (learned, alpha) in learned {
        let exact = 1.0 / (1.0 + (3.0 / alpha).exp());
        assert!((learned - exact).abs() < 1e-5, "{learned}, {exact} at {alpha}");
    }
    for wrong in ["1", "1,2,3", "one,two", "1,nan", "1e308,-1e308", ""] {
        let done = exercise(place.path(), &["bandit", "--out=wrong", "--rewards", wrong]).code(2);
        done.stdout("").stderr(contains("--rewards"));
    }
    assert!(!place.path().join("wrong").exists());
}

#[test]
fn the_entropy_exercise_trains_reads_and_goes_on() {
    let place = tempdir().unwrap();
    let words = ["entropy", "--seeds=0..1", "--every=50", "--out=e"];
    let done = tiny(place.path(), &words).success();
    done.stdout(
        contains("run folders: e/seed-*\nruns: 2 to begin, 0 to go on with, 0 finished already\n")
            .and(contains("seed 1: final evaluation: "))
            .and(contains("falls after"))
            .and(contains("The runs are too short to say whether α converges."))
            .and(contains("e/entropy.svg\ne/entropy.png\ne/entropy.csv\n")),
    );
    let data = fs::read(place.path().join("e/entropy.csv")).unwrap();
    assert_eq!(String::from_utf8_lossy(&data).lines().count(), 1 + 2 * 3);
    for plot in ["e/entropy.svg", "e/entropy.png"] {
        assert!(fs::metadata(place.path().join(plot)).unwrap().len() > 1_000);
    }
    // What is finished is not trained again, and what a program reads stands alone on standard output.
    let report = json_of(tiny(place.path(), &[&words[..], &["--json"]].concat()));
    assert_eq!(data, fs::read(place.path().join("e/entropy.csv")).unwrap());
    let findings = &report["findings"];
    assert_eq!(
        (&findings["env"], &findings["target_entropy"]),
        (&"Pendulum-v1".into(), &(-1.0).into())
    );
    let last = RunFolder::open(&place.path().join("e/seed-1")).unwrap().metrics().unwrap();
    let row = &findings["runs"][1]["rows"][2];
    assert_eq!(row["timesteps"], 150);
    assert!((row["entropy"].as_f64().unwrap() - last[2].mean("entropy").unwrap()).abs() < 1e-12);
    let longer = [&words[..], &["--set=total_timesteps=400", "--seeds=0..1"]].concat();
    let longer: Vec<_> =
        longer.into_iter().filter(|word| *word != "--seeds=0..1").chain(["--seeds=0..2"]).collect();
    let done = tiny(place.path(), &longer).success();
    done.stdout(contains("runs: 1 to begin, 2 to go on with").and(contains("α ")));
}

#[test]
fn the_temperature_exercise_compares_what_the_runs_hold() {
    let place = tempdir().unwrap();
    let words =
        ["temperature", "--env=pendulum", "--seeds=0..2", "--ent-coefs=2.0,auto_0.5", "--out=t"];
    let words = [&words[..], &["--resamples=200", "--json"]].concat();
    let report = json_of(tiny(place.path(), &words));
    assert_eq!(
        strings(&report["files"]),
        [
            "t/temperature.svg",
            "t/temperature.png",
            "t/returns.csv",
            "t/entropies.csv",
            "t/runs.csv"
        ]
    );
    let findings = &report["findings"];
    let arms = findings["arms"].as_array().unwrap();
    assert_eq!(arms.len(), 2);
    for (arm, ent_coef) in arms.iter().zip(["2.0", "auto_0.5"]) {
        assert_eq!(arm["ent_coef"], ent_coef);
        let finals = (0..3).map(|seed| {
            let run = place.path().join(format!("t/ent_coef={ent_coef}/seed-{seed}"));
            RunFolder::open(&run).unwrap().evaluations().unwrap().last().unwrap().mean_reward
        });
        let iqm = interquartile_mean(&finals.collect::<Vec<_>>()).unwrap();
        assert!((arm["final_return"]["value"].as_f64().unwrap() - iqm).abs() < 1e-9);
        assert!(arm["mean_return"]["interval"][0].is_number());
    }
    let uniform = findings["uniform_return"].as_f64().unwrap();
    assert!((-2_000.0..-500.0).contains(&uniform), "{uniform}");
    assert!(strings(&report["reading"])[0].starts_with("At the end ent_coef = "));
    let words: Vec<_> = words.into_iter().filter(|word| *word != "--json").collect();
    let said = "run folders: t/*/seed-*\nruns: 0 to begin, 0 to go on with, 6 finished already\n";
    tiny(place.path(), &words).success().stdout(contains(said).and(contains("final return")));
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_written() {
    let place = tempdir().unwrap();
    let (entropy, temperature) = (["entropy", "--every=50"], ["temperature", "--env=pendulum"]);
    let cases: &[(&[&str], &[&str], &str)] = &[
        (&entropy, &["--ent-coef=0.2"], "a temperature fixed at 0.2 is not learned"),
        (&entropy, &["--every=70"], "cannot be used multiple times"),
        (&["entropy"], &["--every=70"], "`--every` must be a multiple of `log_freq`, which is 50"),
        (&["entropy"], &["--every=0"], "--every"),
        (&entropy, &["--env=nope"], "no environment named `nope`"),
        (&entropy, &["--seeds=0", "--seed=3"], "--seed"),
        (&entropy, &["--set=seed=3"], "`seed` is set by the exercise: choose seeds with --seeds"),
        (&entropy, &["--gamma=2"], "`gamma` is 2.0"),
        (&entropy, &["--jobs=0"], "`--jobs` must be"),
        (&temperature, &["--ent-coef=0.2"], "choose temperatures with --ent-coefs"),
        (&temperature, &["--set=ent_coef=0.2"], "choose temperatures with --ent-coefs"),
        (&temperature, &["--ent-coefs=0.2,0.2"], "the temperature 0.2 is there twice"),
        (&temperature, &["--ent-coefs=0.2,-1"], "`ent_coef` is -1.0"),
        (&temperature, &["--ent-coefs=warm"], "auto_<initial value>"),
        (&temperature, &["--reward-threshold=-200"], "different lengths"),
        (&temperature, &["--fraction=0"], "above 0"),
        (&temperature, &["--resamples=0"], "--resamples"),
    ];
    for (words, wrong, named) in cases {
        let words = [*words, wrong].concat();
        tiny(place.path(), &words).code(2).stdout("").stderr(contains(*named));
        assert!(fs::read_dir(place.path()).unwrap().next().is_none(), "{words:?}");
    }
    let done =
        tiny(place.path(), &["entropy", "--env=chain", "--seeds=0", "--every=50", "--out=o"]);
    done.success();
    let other = ["entropy", "--seeds=0", "--every=50", "--out=o", "-q"];
    tiny(place.path(), &other).code(2).stderr(contains("o/seed-0 holds another run: `env` is"));
}

/// A file of the book.
fn book(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src").join(path)).unwrap()
}

/// The rows of a CSV file, by the names of their columns; empty cells are NaN.
fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().collect::<Result<_, _>>().unwrap()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or(f64::NAN)
}

#[test]
fn the_books_bandit_is_what_the_command_gives() {
    let place = tempdir().unwrap();
    let done = exercise(place.path(), &["bandit", "--out=b"]).success();
    let said = String::from_utf8_lossy(&done.get_output().stdout).into_owned();
    let page = book("exercises/bandit.md");
    for line in said.lines().filter(|line| !line.starts_with("b/")) {
        assert!(page.contains(line), "{line}");
    }
    let found = fs::read_to_string(place.path().join("b/bandit.csv")).unwrap();
    let (found, kept) = (rows(&found), rows(&book("figures/exercises/bandit.csv")));
    assert_eq!(found.len(), kept.len());
    for (found, kept) in found.iter().zip(&kept) {
        for column in kept.keys() {
            let (found, kept) = (number(found, column), number(kept, column));
            let same = found == kept || found.is_nan() && kept.is_nan();
            assert!(same || (found - kept).abs() < 1e-9 * kept.abs(), "{column}: {found}, {kept}");
        }
    }
}

#[test]
fn the_books_entropy_data_say_what_its_page_says() {
    let data = rows(&book("figures/exercises/entropy.csv"));
    let page = book("exercises/entropy.md");
    for claim in ["at the target, within 0.100 nats, in 5 of 5 runs", "α converges in 0 of 5 runs"]
    {
        assert!(page.contains(claim), "{claim}");
    }
    let untrained = SquashedNormal { mu: 0.0, sigma: 1.0 }.entropy();
    assert!((untrained - 0.67).abs() < 0.005, "{untrained}");
    for seed in 0..5 {
        let run: Vec<_> = data.iter().filter(|row| row["seed"] == seed.to_string()).collect();
        assert_eq!(run.len(), 50);
        let last = &run[40..];
        let mean = last.iter().map(|row| number(row, "entropy")).sum::<f64>() / 10.0;
        assert!((mean + 1.0).abs() < 0.1, "seed {seed}: {mean}");
        // The page's verdict is of rows ten times as fine.
        let alphas: Vec<_> =
            run.iter().map(|row| (number(row, "timesteps"), number(row, "ent_coef"))).collect();
        assert_ne!(settling(&alphas).unwrap().course, Course::Settled, "seed {seed}");
        // The first row is a mean over the fall's beginning.
        assert!((0.4..untrained).contains(&number(run[0], "entropy")));
        assert!(number(run[9], "entropy") < -0.8);
    }
}

#[test]
fn the_books_temperature_data_say_what_its_page_says() {
    let runs = rows(&book("figures/exercises/temperature-runs.csv"));
    let page = book("exercises/temperature.md");
    let of = |ent_coef: &str, column: &str| -> Vec<f64> {
        let runs = runs.iter().filter(|run| run["ent_coef"] == ent_coef);
        runs.map(|run| number(run, column)).collect()
    };
    let arms = ["0.001", "0.2", "2.0", "auto"];
    for ent_coef in arms {
        let columns = ["final_return", "mean_return", "steps", "entropy"];
        let [finals, means, mut steps, entropies] = columns.map(|column| of(ent_coef, column));
        assert_eq!(finals.len(), 5);
        steps.sort_by(f64::total_cmp);
        let iqm = |values: &[f64]| interquartile_mean(values).unwrap();
        let row = page.lines().find(|line| line.starts_with(&format!("{ent_coef} "))).unwrap();
        for cell in [
            format!("{:.1} [", iqm(&finals)),
            format!("{:.1} [", iqm(&means)),
            format!("{},{:03.0} [", (steps[2] / 1e3).floor(), steps[2] % 1e3),
            format!("{:.3} [", iqm(&entropies)),
        ] {
            assert!(row.contains(&cell), "{cell}: {row}");
        }
    }
    let scores = |ent_coef, column| Scores::new(vec![of(ent_coef, column)]).unwrap();
    for (column, other, expected) in [
        ("final_return", "0.001", "0.001 (P = 1.000 ["),
        ("final_return", "2.0", "2.0 (P = 1.000 ["),
        ("final_return", "0.2", "cannot be told from 0.2 (P = 0.720 ["),
        ("mean_return", "2.0", "learns faster than 2.0 (P = 0.840 ["),
        ("mean_return", "0.001", "cannot be told from 0.001 (P = 0.800 ["),
    ] {
        let p =
            probability_of_improvement(&scores("auto", column), &scores(other, column)).unwrap();
        assert!(
            expected.contains(&format!("{p:.3}")) && page.contains(expected),
            "{expected}: {p}"
        );
    }
}

#[cfg(unix)]
#[test]
fn an_interruption_saves_all_and_the_same_command_goes_on() {
    let place = tempdir().unwrap();
    let words = |steps: u64| {
        let words =
            ["exercise", "entropy", "--quiet", "--seeds=0..1", "--jobs=2", "--every=50", "--out=e"];
        let steps = format!("--set=total_timesteps={steps}");
        words.iter().chain(&TINY).map(ToString::to_string).chain([steps]).collect::<Vec<_>>()
    };
    let runs = ["e/seed-0", "e/seed-1"].map(Path::new);
    let said = interrupted(place.path(), &words(1_000_000_000_000), &runs);
    assert!(said.contains("the same command goes on with the runs in e/seed-*"), "{said}");
    assert!(!place.path().join("e/entropy.csv").exists());
    let steps = |run: &Path| {
        let rows = RunFolder::open(&place.path().join(run)).unwrap().metrics().unwrap();
        rows.last().unwrap().timesteps
    };
    let longer = words(runs.map(steps).into_iter().max().unwrap() + 50);
    let done = softac(place.path()).args(longer).assert().success();
    done.stdout(contains("runs: 0 to begin, 2 to go on with").and(contains("e/entropy.svg")));
}
