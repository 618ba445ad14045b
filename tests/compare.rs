//! `softac compare` as a user meets it, on run folders with evaluations of known returns.

use std::fs;
use std::path::Path;

use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value, json};
use softac::env;
use softac::statistics::{Bootstrap, Scores, probability_of_improvement};
use softac::study::compare::Curve;
use softac::train::{Config, RunFolder};
use tempfile::{TempDir, tempdir};

#[path = "support/command.rs"]
mod command;
use command::softac;

/// A run of 100 steps whose evaluations after 50 and 100 steps had these returns.
fn run(path: &Path, env: &str, seed: u64, settings: &str, returns: &[f64]) {
    let common = format!("total_timesteps = 100\nseed = {seed}");
    let layers = [common.parse().unwrap(), settings.parse().unwrap()];
    let config = Config::layered(env::find(env).unwrap(), layers).unwrap();
    RunFolder::create(path, &config).unwrap();
    let mut text = "time/total_timesteps,eval/episodes,eval/mean_reward,eval/std_reward,\
                    eval/mean_ep_length\n"
        .to_string();
    for (mean, steps) in returns.iter().zip([50, 100]) {
        text += &format!("{steps},10,{mean:?},1.0,200.0\n");
    }
    fs::write(path.join("evaluations.csv"), text).unwrap();
}

/// Runs of seeds 0, 1, … with these final returns, and half of them before.
fn runs(folder: &Path, env: &str, settings: &str, returns: &[f64]) {
    for (seed, score) in (0..).zip(returns) {
        let path = folder.join(format!("seed-{seed}"));
        run(&path, env, seed, settings, &[score / 2.0, *score]);
    }
}

const A: [f64; 5] = [-150.0, -142.0, -161.0, -148.0, -610.0];
const B: [f64; 4] = [-155.0, -142.0, -170.0, -149.5];

/// Two folders of runs that differ in their temperature.
fn study() -> TempDir {
    let place = tempdir().unwrap();
    runs(&place.path().join("all/a"), "pendulum", "", &A);
    runs(&place.path().join("all/b"), "pendulum", "ent_coef = 0.2", &B);
    place
}

fn compare(folder: &Path, words: &[&str]) -> assert_cmd::assert::Assert {
    softac(folder).arg("compare").args(words).arg("--resamples=300").assert()
}

fn json_of(folder: &Path, words: &[&str]) -> Value {
    let done = compare(folder, &[words, &["--json"]].concat()).success().stderr("");
    serde_json::from_slice(&done.get_output().stdout).unwrap()
}

/// JSON is read back to the last digit but one.
fn close(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() <= 1e-14 * expected.abs(), "{found}, {expected}");
}

fn names(report: &Value) -> Vec<&str> {
    let groups = report["groups"].as_array().unwrap();
    groups.iter().map(|group| group["name"].as_str().unwrap()).collect()
}

#[test]
fn folders_are_compared_with_the_statistics_of_the_library() {
    let place = study();
    let report = json_of(place.path(), &["all/a", "all/b", "--target=-150", "--seed=3"]);
    assert_eq!(names(&report), ["a", "b"]);
    let [a, b] = [A.to_vec(), B.to_vec()].map(|task| Scores::new(vec![task]).unwrap());
    let bootstrap = Bootstrap { resamples: 300, seed: 3, ..Bootstrap::default() };
    for (group, scores) in report["groups"].as_array().unwrap().iter().zip([&a, &b]) {
        let statistics = |x: &Scores| [x.iqm(), x.mean(), x.median(), x.optimality_gap(-150.0)];
        let values = statistics(scores);
        let intervals = bootstrap.intervals([scores], |[x]| statistics(x)).unwrap();
        let keys = ["iqm", "mean", "median", "optimality_gap"];
        for ((key, value), (low, high)) in keys.iter().zip(values).zip(intervals) {
            let found = &group[key];
            close(&found["value"], value);
            close(&found["interval"][0], low);
            close(&found["interval"][1], high);
        }
        assert_eq!(group["curve"][0]["timesteps"], 50);
        close(&group["curve"][0]["value"], scores.iqm() / 2.0);
        close(&group["curve"][1]["value"], scores.iqm());
        let profile = group["profile"].as_array().unwrap();
        assert_eq!((&profile[0]["value"], &profile[200]["value"]), (&json!(1.0), &json!(0.0)));
    }
    let improvement = &report["improvements"][0];
    assert_eq!((&improvement["x"], &improvement["y"]), (&json!("a"), &json!("b")));
    close(&improvement["value"], probability_of_improvement(&a, &b).unwrap());
    assert_eq!(report["groups"][0]["runs"][4]["score"], -610.0);
    assert_eq!((&report["resamples"], &report["seed"]), (&json!(300), &json!(3)));
}

/// Adds the final success rate to a run's evaluations.
fn tell(path: &Path, rate: &str) {
    let file = path.join("evaluations.csv");
    let text = fs::read_to_string(&file).unwrap();
    let ends = [",eval/success_rate", ",", &format!(",{rate}")].map(String::from);
    let lines = text.lines().zip(&ends).map(|(line, end)| format!("{line}{end}\n"));
    fs::write(&file, lines.collect::<String>()).unwrap();
}

#[test]
fn success_rates_are_in_the_table_where_every_run_has_one() {
    let place = study();
    let words = ["all/a", "all/b", "--normalise=-1000,0"];
    let silent = compare(place.path(), &words).success().get_output().stdout.clone();
    let run = |group: &str, seed: usize| place.path().join(format!("all/{group}/seed-{seed}"));
    let tell_all = |group, rates: &[&str]| {
        (0..).zip(rates).for_each(|(seed, rate)| tell(&run(group, seed), rate));
    };
    tell_all("a", &["0.5", "0.25", "0.75", "0.5", "0.5"]);
    tell_all("b", &["1.0", "1.0", "1.0"]);
    // One run of the other group does not tell.
    compare(place.path(), &words).success().stdout(silent.clone());
    let report = json_of(place.path(), &words);
    let [a, b] = [&report["groups"][0], &report["groups"][1]];
    close(&a["success_rate"]["value"], 0.5);
    close(&a["runs"][2]["success_rate"], 0.75);
    let rates = Scores::new(vec![vec![0.5, 0.25, 0.75, 0.5, 0.5]]).unwrap();
    let bootstrap = Bootstrap { resamples: 300, ..Bootstrap::default() };
    let [(low, high)] = bootstrap.intervals([&rates], |[x]| [x.mean()]).unwrap();
    close(&a["success_rate"]["interval"][0], low);
    close(&a["success_rate"]["interval"][1], high);
    assert_eq!((&b["success_rate"], &b["runs"][3]["success_rate"]), (&json!(null), &json!(null)));

    tell(&run("b", 3), "1.0");
    let told = compare(place.path(), &words).success().get_output().stdout.clone();
    let [told, silent] = [told, silent].map(|text| String::from_utf8(text).unwrap());
    let lines: Vec<_> = told.lines().collect();
    assert!(lines[2].ends_with("  success rate") && lines[3].contains("  0.500 ["), "{told}");
    assert!(lines[4].ends_with("  1.000 [1.000, 1.000]"), "{told}");
    for (told, silent) in lines.iter().zip(silent.lines()) {
        assert!(told.starts_with(silent), "{told}");
    }
}

#[test]
fn the_table_has_a_row_for_each_group_and_a_line_for_each_pair() {
    let place = study();
    let done = compare(place.path(), &["all/a", "all/b"]).success().stderr("");
    let text = String::from_utf8(done.get_output().stdout.clone()).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "Pendulum-v1: return of the final evaluation");
    assert!(lines[2].starts_with("group  runs") && lines[2].ends_with("mean"), "{text}");
    assert!(lines[3].starts_with("a         5  ") && lines[3].contains("-153.0 ["), "{text}");
    assert!(lines[4].starts_with("b         4  ") && lines[4].contains("-152.2 ["), "{text}");
    assert!(lines[6].starts_with("P(a > b) = 0.475 ["), "{text}");
    assert_eq!(lines[8], "[95 % intervals: stratified bootstrap, 300 resamples, seed 0]");
    assert_eq!(lines.len(), 9, "{text}");
    // The seed decides, and nothing else.
    compare(place.path(), &["all/a", "all/b"]).stdout(text.clone());
    compare(place.path(), &["all/a", "all/b", "--seed=1"]).stdout(predicate::ne(text));
}

#[test]
fn single_runs_are_grouped_by_configuration_and_all_runs_by_settings() {
    let place = study();
    let single: Vec<_> = (0..4).map(|i| format!("all/b/seed-{i}")).collect();
    let single: Vec<_> = single.iter().rev().map(String::as_str).collect();
    let alone = json_of(place.path(), &single);
    assert_eq!(names(&alone), ["Pendulum-v1"]);
    let both = json_of(place.path(), &[&single[..], &["all/a/seed-0", "all/a/seed-1"]].concat());
    assert_eq!(names(&both), ["ent_coef=0.2", "ent_coef=auto"]);
    let by = json_of(place.path(), &["all", "--by=ent_coef,gamma"]);
    assert_eq!(names(&by), ["ent_coef=auto gamma=0.99", "ent_coef=0.2 gamma=0.99"]);
    let folder = json_of(place.path(), &["all/b"]);
    // The order of the arguments changes nothing.
    for report in [&alone, &both] {
        assert_eq!(report["groups"][0]["iqm"], folder["groups"][0]["iqm"]);
    }
    assert_eq!(by["groups"][1]["iqm"], folder["groups"][0]["iqm"]);
}

#[test]
fn environments_are_tasks_with_ranges_of_their_own() {
    let place = study();
    runs(&place.path().join("all/a/bandit"), "bandit", "", &[0.5, 1.0, 0.0]);
    let ranges = ["--normalise=pendulum=-1150,-150", "--normalise", "TwoArmedBandit-v0=0,2"];
    let id = env::find("bandit").unwrap().id;
    let ranges = ranges.map(|word| word.replace("TwoArmedBandit-v0", id));
    let ranges: Vec<_> = ranges.iter().map(String::as_str).collect();
    let report = json_of(place.path(), &[&["all/a"], &ranges[..]].concat());
    assert_eq!(report["tasks"][0], json!({ "env": "Pendulum-v1", "range": [-1150.0, -150.0] }));
    let [pendulum, bandit] = [A.map(|x| (x + 1150.0) / 1000.0).to_vec(), vec![0.25, 0.5, 0.0]];
    let scores = Scores::new(vec![pendulum, bandit]).unwrap();
    let group = &report["groups"][0];
    for (key, value) in
        [("iqm", scores.iqm()), ("mean", scores.mean()), ("median", scores.median())]
    {
        close(&group[key]["value"], value);
    }
    let text = format!("Pendulum-v1 = [-1150, -150]\n\"{id}\" = [0.0, 2]\n");
    fs::write(place.path().join("ranges.toml"), text).unwrap();
    assert_eq!(json_of(place.path(), &["all/a", "--normalise-from=ranges.toml"]), report);
    compare(place.path(), &["all/a"]).success().stdout(contains("pooled as they are"));
    // The same probability without ranges, for the order of the scores is the same.
    runs(&place.path().join("all/b/bandit"), "bandit", "", &[0.7]);
    let both = |words: &[&str]| {
        json_of(place.path(), &[&["all/a", "all/b"], words].concat())["improvements"][0]["value"]
            .clone()
    };
    assert_eq!(both(&ranges), both(&[]));
}

#[cfg(unix)]
#[test]
fn links_to_folders_are_followed_and_each_real_folder_counts_once() {
    use std::os::unix::fs::symlink;
    let place = study();
    let all = place.path().join("all");
    fs::create_dir(all.join("linked")).unwrap();
    for seed in 0..3 {
        let name = format!("seed-{seed}");
        symlink(all.join("a").join(&name), all.join("linked").join(&name)).unwrap();
    }
    // Once more, round in a circle, and to nowhere.
    symlink(all.join("a/seed-0"), all.join("linked/first")).unwrap();
    symlink(all.join("linked"), all.join("linked/round")).unwrap();
    symlink(all.join("gone"), all.join("linked/gone")).unwrap();
    let report = json_of(place.path(), &["all/linked"]);
    let group = &report["groups"][0];
    assert_eq!(group["runs"].as_array().unwrap().len(), 3, "{group}");
}

#[test]
fn what_cannot_be_compared_is_refused_with_what_to_do() {
    let place = study();
    let all = place.path().join("all");
    run(&all.join("odd"), "pendulum", 7, "gamma = 0.9", &[-1.0, -2.0]);
    run(&all.join("short"), "pendulum", 8, "", &[-1.0]);
    run(&all.join("chain"), "chain", 0, "", &[1.0, 2.0]);
    run(&all.join("nan"), "pendulum", 9, "", &[1.0, f64::NAN]);
    run(&all.join("again"), "pendulum", 0, "log_freq = 7", &[1.0, 2.0]);
    fs::create_dir_all(all.join("empty/deeper")).unwrap();
    runs(&all.join("c/a"), "pendulum", "", &A);
    runs(&all.join("c/chain"), "chain", "", &A);
    let usage: &[(&[&str], &str)] = &[
        (
            &["all/a", "all/odd", "--by=ent_coef"],
            "`gamma` is 0.99 in all/a/seed-0 and 0.9 in all/odd",
        ),
        (&["all/a", "all/a/seed-0"], "all/a/seed-0 and all/a/seed-0 are the same run"),
        (&["all/a/seed-0", "all/again"], "are the same run: counted twice"),
        (&["all/a/seed-0", "all/chain"], "several environments (Chain-v0, Pendulum-v1)"),
        (&["all/a", "all/c"], "`a` has no runs in "),
        (&["all/a", "--by=gama"], "there is no setting `gama`"),
        (&["all/a", "--normalise=1,0"], "the lower first"),
        (&["all/a", "--normalise=0,1e-320"], "too narrow"),
        (&["all/a", "--normalise=0"], "[ENV=]LOW,HIGH"),
        (&["all/a", "--normalise=nan,1"], "finite"),
        (&["all/a", "--normalise=chain=0,1"], "no run in it"),
        (&["all/a", "--normalise=nope=0,1"], "no environment named `nope`"),
        (&["all/a", "--normalise=0,1", "--normalise=0,2"], "several ranges"),
        (&["all/c", "--normalise=0,1"], "must name its environment"),
        (&["all/c", "--normalise=chain=0,1"], "there is no range for Pendulum-v1"),
        (&["all/a", "--target=inf"], "finite"),
        (&["all/a", "--resamples=0"], "--resamples"),
        (&[], "<RUNS>"),
    ];
    let failures: &[(&[&str], &str)] = &[
        (
            &["all/short"],
            "all/short is not finished (50 of 100 steps): go on with it by `softac resume all/short`",
        ),
        (&["all/short", "--allow-unfinished"], "none of the runs is finished"),
        (&["all/nan"], "the mean return after 100 steps is NaN"),
        (&["all/empty"], "there is no run in all/empty"),
        (&["missing"], "cannot read missing"),
        (&["all/a", "--normalise-from=missing.toml"], "cannot read missing.toml"),
    ];
    for (cases, code) in [(usage, 2), (failures, 1)] {
        for (words, reason) in cases {
            let done =
                softac(place.path()).arg("compare").args(*words).assert().code(code).stdout("");
            done.stderr(contains(*reason).and(contains("panicked").not()));
        }
    }
    fs::write(place.path().join("bad.toml"), "Pendulum-v1 = [1]").unwrap();
    let done = compare(place.path(), &["all/a", "--normalise-from=bad.toml"]).code(2);
    done.stderr(contains("`Pendulum-v1` must be [LOW, HIGH]"));
}

#[test]
fn runs_that_are_left_out_are_named() {
    let place = study();
    run(&place.path().join("all/a/seed-9"), "pendulum", 9, "", &[-1.0]);
    let words = ["all/a", "--allow-unfinished"];
    let report = json_of(place.path(), &words);
    assert_eq!(report["left_out"], json!(["all/a/seed-9"]));
    assert_eq!(report["groups"][0]["runs"].as_array().unwrap().len(), A.len());
    compare(place.path(), &words).success().stdout(contains("flatter the others: all/a/seed-9"));
}

#[test]
fn a_single_run_has_no_interval() {
    let place = study();
    let report = json_of(place.path(), &["all/a/seed-0"]);
    assert_eq!(report["groups"][0]["iqm"], json!({ "value": -150.0, "interval": null }));
    let done = compare(place.path(), &["all/a/seed-0"]).success();
    done.stdout(contains("gives no interval").and(contains("-150.0 [").not()));
}

#[test]
fn curves_and_profiles_are_drawn() {
    let place = study();
    let files = ["sample_efficiency", "performance_profiles"]
        .map(|name| format!("plots/{name}.svg\nplots/{name}.png\n"))
        .concat();
    let done = compare(place.path(), &["all/a", "all/b", "--out=plots"]).success();
    done.stdout(predicate::str::ends_with(files.clone() + "plots/sample_efficiency.csv\n"));
    for file in files.lines() {
        assert!(fs::metadata(place.path().join(file)).unwrap().len() > 1000, "{file}");
    }
    let curves = Curve::read(&place.path().join("plots/sample_efficiency.csv")).unwrap();
    assert_eq!(
        curves.iter().map(|curve| &*curve.label).collect::<Vec<_>>(),
        ["a (5 runs)", "b (4 runs)"]
    );
    let svg = fs::read_to_string(place.path().join("plots/sample_efficiency.svg")).unwrap();
    assert!(svg.contains("a (5 runs)") && svg.contains("95 % interval"));
}

#[test]
fn curves_are_written_as_they_are_read_and_drawn_beside_others() {
    let place = study();
    compare(place.path(), &["all/a", "--out=a"]).success();
    let report = json_of(place.path(), &["all/a"]);
    let curves = Curve::read(&place.path().join("a/sample_efficiency.csv")).unwrap();
    let [curve] = curves.as_slice() else { panic!("{curves:?}") };
    assert_eq!(curve.label, "a (5 runs)");
    for ((timesteps, estimate), point) in
        curve.points.iter().zip(report["groups"][0]["curve"].as_array().unwrap())
    {
        assert_eq!(point["timesteps"], *timesteps);
        close(&point["value"], estimate.value);
        close(&point["interval"][1], estimate.interval.unwrap().1);
    }
    assert_eq!(curve.points.len(), 2);
    let published = "curve,timesteps,value,low,high\n\"one, of theirs\",50,-300,,\nanother,100,-140,-150,-130\n";
    fs::write(place.path().join("published.csv"), published).unwrap();
    let words = ["all/b", "--out=b", "--beside"];
    compare(place.path(), &[&words[..], &["published.csv"]].concat()).success();
    compare(place.path(), &[&words[..], &["a/sample_efficiency.csv"]].concat()).success();
    let svg = fs::read_to_string(place.path().join("b/sample_efficiency.svg")).unwrap();
    assert!(svg.contains("b (4 runs)") && svg.contains("a (5 runs)"));
}

#[test]
fn what_is_no_file_of_curves_is_refused_with_its_line() {
    let place = study();
    runs(&place.path().join("several/pendulum"), "pendulum", "", &B);
    runs(&place.path().join("several/chain"), "chain", "", &B);
    let beside = |rows: &str, words: &[&str]| {
        fs::write(place.path().join("curves.csv"), rows).unwrap();
        let all = [words, &["--out=plots", "--beside=curves.csv"]].concat();
        compare(place.path(), &all)
    };
    let header = "curve,timesteps,value,low,high\n";
    for (rows, reason) in [
        ("", "its first line is not `curve,timesteps,value,low,high`"),
        ("curve,timesteps,value\na,1,2\n", "its first line is not"),
        (header, "there is no row in it"),
        (&format!("{header}a,1,2,,\na,x,2,,\n"), "line: 3"),
        (&format!("{header}a,1,2,,\na,2,2,3,\n"), "line 3: `low` and `high` must be"),
        (&format!("{header}a,1,2,3,1\n"), "line 2: `low` and `high` must be"),
        (&format!("{header}a,1,NaN,,\n"), "line 2: its numbers must be finite"),
        (&format!("{header}a,1,1,0,inf\n"), "line 2: its numbers must be finite"),
    ] {
        beside(rows, &["all/a"]).code(1).stdout("").stderr(contains(reason));
    }
    let good = format!("{header}a,1,2,,\n");
    beside(&good, &["several"]).code(2).stdout("").stderr(contains("these runs are of several"));
    beside(&good, &["all/a", "--normalise=0,1"]).code(2).stderr(contains("--normalise"));
    compare(place.path(), &["all/a", "--beside=curves.csv"]).code(2).stderr(contains("--out"));
    compare(place.path(), &["all/a", "--out=plots", "--beside=missing.csv"])
        .code(1)
        .stderr(contains("cannot read missing.csv"));
}
