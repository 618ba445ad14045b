//! What an environment tells of the success of its episodes.

use super::*;

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
