//! What reads a run's folder: `softac eval`, `watch` and `plot`.

use super::*;

#[test]
fn an_evaluation_reports_the_return() {
    let folder = shared_run().parent().unwrap();
    let eval = |words: &[&str]| softac(folder).args(["eval", "run"]).args(words).assert();
    let text = r"\Aenvironment   Pendulum-v1
episodes      3, 200\.0 steps each on average
return        -\d+\.\d\d ± \d+\.\d\d \(standard deviation\)
mean          95 % confidence interval \[-\d+\.\d\d, -?\d+\.\d\d\]\n\z";
    eval(&["--episodes=3"]).success().stdout(is_match(text).unwrap()).stderr("");
    eval(&["--episodes=1"]).success().stdout(contains("one episode gives no confidence interval"));
    eval(&["--episodes=0"]).code(2).stderr(contains("--episodes"));
    eval(&["--seed", "-1"]).code(2);
    let json = |words: &[&str]| -> serde_json::Value {
        let done = eval(words).success();
        serde_json::from_slice(&done.get_output().stdout).unwrap()
    };
    let report = json(&["--episodes=3", "--json"]);
    let keys = [
        "ci95_high",
        "ci95_low",
        "env",
        "episodes",
        "lengths",
        "mean_ep_length",
        "mean_reward",
        "rewards",
        "std_reward",
        "success_rate",
        "successes",
    ];
    let found: Vec<_> = report.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(found, keys);
    let number = |key: &str| report[key].as_f64().unwrap();
    let rewards: Vec<_> =
        report["rewards"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
    assert_eq!((rewards.len(), number("episodes")), (3, 3.0));
    assert!((rewards.iter().sum::<f64>() / 3.0 - number("mean_reward")).abs() < 1e-9);
    assert!(
        number("ci95_low") < number("mean_reward") && number("mean_reward") < number("ci95_high")
    );
    assert_eq!(report, json(&["--episodes=3", "--json"]));
    assert_ne!(report["rewards"], json(&["--episodes=3", "--json", "--seed=2"])["rewards"]);
    let single = json(&["--episodes=1", "--json"]);
    assert!(single["ci95_low"].is_null() && single["ci95_high"].is_null());
    assert_eq!(single["rewards"][0], report["rewards"][0]);
    // The final evaluation of the training is this one.
    let text = fs::read_to_string(shared_run().join("evaluations.csv")).unwrap();
    let last: Vec<f64> =
        text.lines().last().unwrap().split(',').map(|cell| cell.parse().unwrap()).collect();
    let again = json(&["--episodes=2", "--json"]);
    for (key, expected) in [("mean_reward", last[2]), ("std_reward", last[3])] {
        assert!((again[key].as_f64().unwrap() - expected).abs() < 1e-9, "{key}");
    }
}

#[test]
fn a_film_shows_the_episodes_of_an_evaluation() {
    let folder = copied_run();
    fs::copy(
        shared_run().join("best_policy.safetensors"),
        folder.path().join("run/best_policy.safetensors"),
    )
    .unwrap();
    let run = |words: &[&str]| softac(folder.path()).args(words).assert();
    let episodes = |words: &[&str]| {
        let done = run(&[&["eval", "run", "--json"], words].concat()).success();
        let report: serde_json::Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
        let rewards = report["rewards"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap());
        let line = |(n, reward): (usize, f64)| {
            format!("episode {}: return {reward:.2} in 200 steps\n", n + 1)
        };
        rewards.enumerate().map(line).collect::<String>()
    };
    let watch =
        |words: &[&str]| run(&[&["watch", "run", "--size=64", "--every=50"], words].concat());
    for (flags, file, frames) in [
        (&["--episodes=1"][..], "run/watch.gif", 5),
        (&["--episodes=2", "--seed=5"], "two.svg", 10),
        (&["--episodes=1", "--best"], "best.png", 5),
    ] {
        let out = if file == "run/watch.gif" { &[][..] } else { &["--out", file] };
        let expected = episodes(flags) + &format!("{file}: {frames} frames, ");
        let told = watch(&[flags, out].concat()).success().stderr("");
        told.stdout(predicates::str::starts_with(expected));
        assert!(folder.path().join(file).is_file());
    }
    assert_ne!(episodes(&["--episodes=1"]), episodes(&["--episodes=1", "--best"]));
    let named = contains("`fps` is 60; it must be above 0 and at most 50");
    watch(&["--fps=60"]).code(2).stderr(named);
    watch(&["--out=film.webm"]).code(2).stderr(contains("none of the endings"));
    watch(&["--episodes=0"]).code(2).stderr(contains("--episodes"));
    train(folder.path(), "bandit", "bandit", &["-q"]).success();
    let named = contains("has no picture; those that have one are Pendulum-v1");
    softac(folder.path()).args(["watch", "bandit"]).assert().code(2).stderr(named);
    assert!(!folder.path().join("bandit/watch.gif").exists());
}

#[test]
fn double_precision_is_saved_and_read_in_double_precision() {
    let folder = tempdir().unwrap();
    train(folder.path(), "chain", "run", &["--precision=f64", "--set=net_arch=[]"]).success();
    let eval = || softac(folder.path()).args(["eval", "run", "--episodes=2"]).assert();
    eval().success();
    let config = folder.path().join("run/config.toml");
    let text = fs::read_to_string(&config).unwrap().replace("\"f64\"", "\"f32\"");
    fs::write(&config, text).unwrap();
    eval().code(1).stderr(contains("policy.safetensors").and(contains("expected F32")));
}

#[test]
fn folders_that_are_no_runs_are_named() {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for command in ["eval", "plot"] {
        for (run, named) in [
            ("missing", "cannot open missing"),
            ("empty", "empty is no run folder: it has no config.toml"),
            ("file", "file is no run folder"),
        ] {
            let done = softac(folder.path()).args([command, run]).assert().code(1);
            done.stdout("").stderr(contains(named));
        }
        softac(folder.path()).arg(command).assert().code(2).stderr(contains("<RUN"));
    }
}

#[test]
fn damaged_files_are_named() {
    let folder = copied_run();
    let run = folder.path().join("run");
    let cases: &[(&str, &str, &str, &str)] = &[
        ("eval", "config.toml", "", "it has no `env`"),
        ("plot", "config.toml", "", "it has no `env`"),
        ("eval", "config.toml", "env = \"nope\"", "no environment named `nope`"),
        ("eval", "config.toml", "env = 'Pendulum-v1'\nsac = 1", "no setting `sac`"),
        ("eval", "config.toml", "env = 'Pendulum-v1'\ngamma = '?'", "in `gamma`"),
        ("eval", "config.toml", "no = toml = file", "TOML parse error"),
        ("eval", "config.toml", "env = 'MountainCarContinuous-v0'", "trained in Pendulum-v1"),
        ("eval", "policy.safetensors", "", "is damaged"),
        ("eval", "policy.safetensors", "\u{8}\0\0\0\0\0\0\0{}      ", "names no policy"),
        ("plot", "metrics.csv", "", "its first line is not `time/total_timesteps,"),
        ("plot", "evaluations.csv", "", "its first line is not `time/total_timesteps,"),
        ("plot", "evaluations.csv", "a,b\n1,2\n", "its first line is not"),
        ("plot", "evaluations.csv", &format!("{EVALUATIONS}\n1,2\n"), "line: 2"),
        ("plot", "evaluations.csv", &format!("{EVALUATIONS}\n1,2,3,4,x\n"), "line: 2"),
        ("plot", "metrics.csv", &format!("{METRICS}\n-1,2,3,,,,,,,,\n"), "line: 2"),
    ];
    for (command, file, contents, named) in cases {
        let kept = fs::read(run.join(file)).unwrap();
        fs::write(run.join(file), contents).unwrap();
        let done = softac(folder.path()).args([command, "run"]).assert().code(1).stdout("");
        done.stderr(contains(*named).and(contains("panicked").not()));
        fs::remove_file(run.join(file)).unwrap();
        if *file != "config.toml" {
            let missing = contains(format!("cannot read run/{file}"));
            softac(folder.path()).args([command, "run"]).assert().code(1).stderr(missing);
        }
        fs::write(run.join(file), kept).unwrap();
    }
    // Not numbers, but what a CSV file may hold.
    let rows = "1,1,NaN,inf,1.0\n18446744073709551615,1,-inf,1e308,1.0\n3,1,1e308,-1e308,NaN\n";
    fs::write(run.join("evaluations.csv"), format!("{EVALUATIONS}\n{rows}")).unwrap();
    let done = softac(folder.path()).args(["plot", "run"]).assert();
    done.stderr(contains("panicked").not());
}

#[test]
fn plots_are_drawn_of_one_run_or_several() {
    let folder = copied_run();
    let plot = |words: &[&str]| softac(folder.path()).arg("plot").args(words).assert();
    let files = |out: &str| -> String {
        let order = ["learning_curve", "entropy", "temperature"];
        order.map(|name| format!("{out}/{name}.svg\n{out}/{name}.png\n")).concat()
    };
    plot(&["run"]).success().stdout(files("run/plots")).stderr("");
    let shared = shared_run().to_str().unwrap();
    plot(&["run", shared]).code(2).stderr(contains("add --out DIR"));
    plot(&["run", shared, "--out=both/plots"]).success().stdout(files("both/plots"));
    for file in PLOTS {
        assert!(fs::metadata(folder.path().join("both/plots").join(file)).unwrap().len() > 100);
    }
    plot(&["run", "missing", "--out=none"]).code(1).stderr(contains("missing"));
    assert!(!folder.path().join("none").exists());
    fs::write(folder.path().join("file"), "mine").unwrap();
    plot(&["run", "--out=file"]).code(1).stderr(contains("file"));
    assert_eq!(fs::read_to_string(folder.path().join("file")).unwrap(), "mine");
}
