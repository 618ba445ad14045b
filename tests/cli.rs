//! The `softac` command as a user meets it: output, exit codes, and the files of a run.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::{contains, is_match};
use tempfile::{TempDir, tempdir};

#[path = "support/command.rs"]
mod command;
#[path = "support/tiny.rs"]
mod tiny;
use command::softac;
use tiny::TINY;

const METRICS: &str = "time/total_timesteps,time/episodes,train/n_updates,rollout/ep_rew_mean,\
rollout/ep_len_mean,train/critic_loss,train/q_mean,train/actor_loss,train/entropy,train/ent_coef,\
train/ent_coef_loss,train/params_hash";
const EVALUATIONS: &str =
    "time/total_timesteps,eval/episodes,eval/mean_reward,eval/std_reward,eval/mean_ep_length";

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

const RESULTS: [&str; 3] = ["metrics.csv", "evaluations.csv", "policy.safetensors"];
const PLOTS: [&str; 6] = [
    "entropy.png",
    "entropy.svg",
    "learning_curve.png",
    "learning_curve.svg",
    "temperature.png",
    "temperature.svg",
];

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
fn a_training_leaves_a_complete_run() {
    let folder = tempdir().unwrap();
    let last =
        r"(?s)\Arun folder: new/run\nfinal evaluation: -?\d+\.\d ± \d+\.\d over 2 episodes\n\z";
    train(folder.path(), "Pendulum", "new/run", &[])
        .success()
        .stdout(is_match(last).unwrap())
        .stderr(contains("60 steps: evaluation").and(contains("120 steps: evaluation")));
    let run = folder.path().join("new/run");
    let list = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    };
    let mut found = list(&run);
    let is_events = |name: &String| name.starts_with("events.out.tfevents.");
    let events: Vec<_> = found.extract_if(.., |name| is_events(name)).collect();
    assert_eq!(events.len(), 1);
    let files = [
        ".lock",
        "best_policy.safetensors",
        "checkpoints",
        "config.toml",
        "evaluations.csv",
        "metrics.csv",
        "plots",
        "policy.safetensors",
    ];
    assert_eq!(found, files);
    assert_eq!(list(&run.join("checkpoints")), ["step-000000000150"]);
    assert_eq!(list(&run.join("plots")), PLOTS);
    let rows = |file: &str| -> (String, Vec<String>) {
        let text = fs::read_to_string(run.join(file)).unwrap();
        let mut lines = text.lines().map(String::from);
        let header = lines.next().unwrap();
        (header, lines.map(|line| line.split(',').next().unwrap().to_string()).collect())
    };
    let steps = |steps: &[&str]| steps.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(rows("metrics.csv"), (METRICS.into(), steps(&["50", "100", "150"])));
    assert_eq!(rows("evaluations.csv"), (EVALUATIONS.into(), steps(&["60", "120", "150"])));
    #[cfg(unix)]
    for file in files.into_iter().chain([events[0].as_str()]) {
        use std::os::unix::fs::MetadataExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o444;
        assert_eq!(mode(&run.join(file)) | 0o111, mode(&run) | 0o111, "{file} is as readable");
    }
}

#[test]
fn a_quiet_training_writes_nothing_to_standard_error() {
    let folder = tempdir().unwrap();
    let done = train(
        folder.path(),
        "bandit",
        "run",
        &[
            "--quiet",
            "--set=n_final_eval_episodes=1",
            "--set=stats_window_size=9000000000000000000",
        ],
    );
    done.success().stderr("").stdout(is_match(r"± 0\.0 over 1 episodes\n\z").unwrap());
}

#[test]
fn equal_settings_give_equal_bytes() {
    let folder = tempdir().unwrap();
    train(folder.path(), "pendulum", "again", &[]).success();
    assert!(same_files(shared_run(), &folder.path().join("again"), &RESULTS));
    let config = shared_run().join("config.toml");
    let command = ["train", "pendulum", "--out", "replayed", "--config"];
    softac(folder.path()).args(command).arg(&config).assert().success();
    let replayed = folder.path().join("replayed");
    assert!(same_files(shared_run(), &replayed, &RESULTS));
    assert!(same_files(shared_run(), &replayed, &["config.toml"]));
    train(folder.path(), "pendulum", "other", &["--seed=1"]).success();
    for file in RESULTS {
        assert!(!same_files(shared_run(), &folder.path().join("other"), &[file]), "{file}");
    }
}

#[test]
fn evaluations_do_not_touch_the_training() {
    let folder = tempdir().unwrap();
    let tiny = TINY.iter().filter(|flag| !flag.starts_with("--eval-freq"));
    let command = ["train", "pendulum", "--out", "run", "--eval-freq=7"];
    softac(folder.path()).args(command).args(tiny).assert().success();
    let files = ["metrics.csv", "policy.safetensors"];
    assert!(same_files(shared_run(), &folder.path().join("run"), &files));
}

#[test]
fn set_wins_over_flags_over_the_file_over_the_preset() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("my.toml"), "gamma = 0.5\ntau = 0.5\nnet_arch = [5]\n").unwrap();
    let tiny = ["--total-timesteps=5", "--n-final-eval-episodes=1", "--quiet"];
    let layers = ["--config=my.toml", "--tau=0.25", "--net-arch=6,7", "--set=net_arch = [8]"];
    let clipping = ["--max-grad-norm=10"];
    let words = ["--set", "activation=tanh", "--set=ent_coef=auto_0.5", "--set=warmup_steps=3"];
    let command = ["train", "pendulum", "--out=run"];
    let args = [&command[..], &tiny, &layers, &clipping, &words].concat();
    softac(folder.path()).args(args).assert().success();
    let text = fs::read_to_string(folder.path().join("run/config.toml")).unwrap();
    let config: toml::Table = text.parse().unwrap();
    for (key, value) in [
        ("learning_rate", "0.001"),
        ("gamma", "0.5"),
        ("tau", "0.25"),
        ("net_arch", "[8]"),
        ("activation", "\"tanh\""),
        ("ent_coef", "\"auto_0.5\""),
        ("warmup_steps", "3"),
        ("max_grad_norm", "10.0"),
        ("env", "\"Pendulum-v1\""),
    ] {
        assert_eq!(config[key].to_string(), value, "{key}");
    }
    // Every setting but the optional ones is there even if nobody gave it.
    assert_eq!(config.len(), 40);
}

#[test]
fn wrong_settings_are_named_and_nothing_is_written() {
    let folder = tempdir().unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&["--gama=1"], "--gama"),
        (&["--seed=1", "--seed=2"], "--seed"),
        (&["--set=gama=1"], "there is no setting `gama`; the settings are: env, seed, "),
        (&["--set==1"], "there is no setting ``"),
        (&["--set=gamma"], "--set gamma: it must have the form KEY=VALUE"),
        (&["--set=gamma=high"], "in `gamma`"),
        (&["--set=gamma=0.9\nseed=1"], "in `gamma`"),
        (&["--set=gamma={}"], "in `gamma`"),
        (&["--set=net_arch=64,64"], "in `net_arch`"),
        (&["--set=env=3"], "in `env`"),
        (&["--gamma=2"], "`gamma` is 2.0; it must be within [0, 1]"),
        (&["--gamma", "-1"], "`gamma` is -1.0"),
        (&["--tau=nan"], "`tau` is NaN"),
        (&["--batch-size=0"], "`batch_size` is 0; it must be at least 1"),
        (&["--buffer-size=0"], "`buffer_size` is 0"),
        (
            &["--buffer-size=1000000000000000000"],
            "`buffer_size` is 1000000000000000000; it must be",
        ),
        (&["--batch-size=1000000000000000000"], "`batch_size` is 1000000000000000000; it must be"),
        (&["--n-critics=1000000000000000000"], "`n_critics` is 1000000000000000000; it must be"),
        (&["--net-arch=1000000000"], "`net_arch` is [1000000000]; it must be"),
        (&["--set=net_arch=[9000000000000000000, 9000000000000000000]"], "`net_arch` is [9000"),
        (&["--net-arch=0"], "`net_arch` is [0]"),
        (&["--net-arch="], "--net-arch"),
        (&["--net-arch=4,-4"], "in `net_arch`"),
        (&["--ent-coef=hot"], "\"auto_<initial value>\" or a number"),
        (&["--set=ent_coef=hot"], "in `ent_coef`"),
        (&["--ent-coef", "-0.1"], "`ent_coef` is -0.1"),
        (&["--ent-coef=auto_nan"], "`ent_coef` is NaN"),
        (&["--target-entropy=5"], "`target_entropy` is 5.0"),
        (&["--learning-rate=nan"], "`learning_rate` is NaN"),
        (&["--learning-rate=fast"], "--learning-rate"),
        (&["--seed", "-1"], "integer `-1`, expected u64 in `seed`"),
        (&["--seed=18446744073709551615"], "--seed"),
        (&["--set=seed=18446744073709551615"], "in `seed`"),
        (&["--total-timesteps=0"], "`total_timesteps` is 0"),
        (&["--num-envs=0"], "`num_envs` is 0; it must be from 1 to 1000"),
        (&["--num-envs=1001"], "`num_envs` is 1001; it must be from 1 to 1000"),
        (&["--num-envs", "-1"], "in `num_envs`"),
        (&["--n-final-eval-episodes=0"], "`n_final_eval_episodes` is 0"),
        (&["--gradient-steps", "-2"], "`gradient_steps` is -2"),
        (&["--precision=f16"], "--precision"),
        (&["--activation=swish"], "--activation"),
        (&["--tensorboard=maybe"], "--tensorboard"),
        (&["--out="], "--out"),
    ];
    for (wrong, named) in cases {
        let command = ["train", "pendulum", "--quiet"];
        let done = softac(folder.path()).args(command).args(*wrong).assert().code(2).stdout("");
        done.stderr(contains(*named).and(contains("panicked").not()));
        assert!(is_empty(folder.path()), "{wrong:?}");
    }
    let known = contains("named `nope`; known are: Pendulum-v1").and(contains("Chain-v0"));
    softac(folder.path()).args(["train", "nope"]).assert().code(2).stderr(known);
    softac(folder.path()).arg("train").assert().code(2).stderr(contains("<ENV>"));
    assert!(is_empty(folder.path()));
}

#[test]
fn wrong_configuration_files_are_named_and_nothing_is_written() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("my.toml");
    let command = ["train", "pendulum", "--out=run", "--config=my.toml", "--total-timesteps=2"];
    softac(folder.path()).args(command).assert().code(1).stderr(contains("cannot read my.toml"));
    for (bytes, named) in [
        (&b"gamma = "[..], "my.toml: TOML parse error at line 1"),
        (b"gamma = 1\ngamma = 1", "my.toml: TOML parse error at line 2"),
        (b"\xff\xfe", "my.toml: invalid utf-8"),
        (b"gama = 1", "no setting `gama`"),
        (b"[sac]\ngamma = 1", "no setting `sac`"),
        (b"gamma = [1]", "in `gamma`"),
        (b"gamma = 2", "`gamma` is 2.0"),
    ] {
        fs::write(&path, bytes).unwrap();
        softac(folder.path()).args(command).assert().code(2).stderr(contains(named));
        assert!(!folder.path().join("run").exists(), "{named}");
    }
}

#[test]
fn settings_for_another_environment_are_refused() {
    let folder = tempdir().unwrap();
    let config = format!("--config={}", shared_run().join("config.toml").display());
    let refused = contains("the settings are for `Pendulum-v1`, not for `Chain-v0`");
    let command = ["train", "chain", "--out=run", "--total-timesteps=2", &config];
    softac(folder.path()).args(command).assert().code(2).stderr(refused);
    let named = contains("no environment named `nope`");
    train(folder.path(), "chain", "run", &["--set=env=nope"]).code(2).stderr(named);
    assert!(is_empty(folder.path()));
    let run = "--total-timesteps=2";
    let command = ["train", "chain", run, "--out=run", "--set=env=CHAIN", "--quiet"];
    softac(folder.path()).args(command).assert().success();
}

#[test]
fn nothing_is_overwritten() {
    let folder = copied_run();
    let refused = |out: &str| contains(format!("{out} exists already and nothing is overwritten"));
    train(folder.path(), "pendulum", "run", &[]).code(2).stderr(refused("run"));
    assert!(same_files(shared_run(), &folder.path().join("run"), &RESULTS));
    assert!(!folder.path().join("run/plots").exists());
    fs::write(folder.path().join("file"), "mine").unwrap();
    train(folder.path(), "pendulum", "file", &[]).code(2).stderr(refused("file"));
    train(folder.path(), "pendulum", ".", &[]).code(2).stderr(refused("."));
    let below = contains("cannot create file/run");
    train(folder.path(), "pendulum", "file/run", &[]).code(1).stderr(below);
    assert_eq!(fs::read_to_string(folder.path().join("file")).unwrap(), "mine");
    fs::create_dir(folder.path().join("empty")).unwrap();
    train(folder.path(), "bandit", "empty", &["-q"]).success();
}

#[test]
fn runs_without_a_place_are_numbered() {
    let folder = tempdir().unwrap();
    for name in ["seed-7", "seed-7-2"] {
        let command = ["train", "bandit", "--seed=7", "--total-timesteps=3", "--quiet"];
        let said = contains(format!("run folder: runs/TwoArmedBandit-v0/{name}\n"));
        softac(folder.path()).args(command).assert().success().stdout(said);
        assert!(folder.path().join("runs/TwoArmedBandit-v0").join(name).join("plots").is_dir());
    }
}

#[test]
fn several_environments_are_trained_in_resumed_and_verified() {
    let folder = tempdir().unwrap();
    train(folder.path(), "pendulum", "run", &["--num-envs=4"]).success();
    let run = |words: &[&str]| softac(folder.path()).args(words).assert().success();
    let rows = |file: &str| {
        let text = fs::read_to_string(folder.path().join("run").join(file)).unwrap();
        let steps = text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_string());
        steps.collect::<Vec<_>>()
    };
    // Rows come with the next step of all four.
    assert_eq!(rows("metrics.csv"), ["52", "100", "152"]);
    assert_eq!(rows("evaluations.csv"), ["60", "120", "152"]);
    run(&["verify", "run", "--quiet"]).stdout(contains("the same bits: 6 rows"));
    run(&["resume", "run", "--quiet", "--total-timesteps=161"])
        .stdout(contains("going on after 152 steps"));
    assert_eq!(rows("evaluations.csv"), ["60", "120", "164"]);
    run(&["verify", "run", "--quiet"]).stdout(contains("the same bits"));
    run(&["eval", "run", "--episodes=2"]);
}

#[test]
fn a_diverged_training_says_so() {
    let folder = tempdir().unwrap();
    let done = train(folder.path(), "pendulum", "run", &["--learning-rate=1e30"]);
    let says = contains("the training diverged").and(contains("`learning_rate`"));
    let kept = contains("`softac replay-fault run/faults/step-000000000022` finds it again");
    done.code(1).stderr(says.and(kept));
    let again = ["replay-fault", "run/faults/step-000000000022"];
    let same = is_match(r"\Athen  (targets: .*)\nnow   targets: .*\n\z").unwrap();
    softac(folder.path()).args(again).assert().success().stdout(same);
    // What was learned before is not lost.
    softac(folder.path()).args(["resume", "run"]).assert().code(1).stderr(contains("diverged"));
}

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

/// Starts `softac` with both outputs piped.
fn start(folder: &Path, words: &[&str]) -> Child {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_softac"));
    command.current_dir(folder).args(words).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[test]
fn nobody_has_to_read_the_output() {
    let folder = tempdir().unwrap();
    let mut training = vec!["train", "bandit", "--out=run"];
    training.extend(TINY);
    for words in [&["envs"][..], &["envs", "--json"], &["train", "nope"], &training] {
        let mut child = start(folder.path(), words);
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
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_softac"));
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let done = command.current_dir(folder.path()).arg("envs").stdout(full).output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("cannot write to standard output"));
}

#[cfg(unix)]
mod interrupts {
    use super::*;

    /// Ctrl-C.
    fn interrupt(child: &Child) {
        let mut kill = std::process::Command::new("kill");
        assert!(kill.args(["-INT", &child.id().to_string()]).status().unwrap().success());
    }

    fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
        let begin = Instant::now();
        while !happened() {
            assert!(begin.elapsed() < Duration::from_secs(30), "{what}");
            sleep(Duration::from_millis(10));
        }
    }

    /// Waits for the end, which must be that of an interruption, and gives standard error.
    fn interrupted(mut child: Child) -> String {
        wait_until("it ends", || child.try_wait().unwrap().is_some());
        let (mut out, mut err) = (String::new(), String::new());
        child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{err}");
        assert!(!out.contains("final evaluation") && !err.contains("panicked"), "{out}{err}");
        err
    }

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
        let words: Vec<_> = LONG.into_iter().chain(["--log-freq=1000000000"]).collect();
        let child = start(folder.path(), &words);
        let run = folder.path().join("run");
        wait_until("it trains", || run.join("evaluations.csv").exists());
        sleep(Duration::from_millis(300));
        interrupt(&child);
        let said = interrupted(child);
        assert!(
            said.contains("interrupted after ") && said.contains("softac resume run"),
            "{said}"
        );
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
        let mut words: Vec<_> = LONG.into_iter().filter(|w| !w.starts_with("--total")).collect();
        words.extend(["--total-timesteps=20", "--n-final-eval-episodes=1000000000000"]);
        let child = start(folder.path(), &words);
        let run = folder.path().join("run");
        wait_until("the training is over", || run.join("policy.safetensors").exists());
        interrupt(&child);
        interrupted(child);
        assert!(run.join("plots/temperature.png").exists());
    }

    #[test]
    fn the_second_interrupt_ends_at_once() {
        let folder = tempdir().unwrap();
        // It says something after every step, and nobody reads it: at some time it can say no more.
        let words = LONG.into_iter().filter(|w| *w != "--quiet" && !w.contains("eval-freq"));
        let words: Vec<_> = words.chain(["--eval-freq=1", "--n-eval-episodes=1"]).collect();
        let words = [&["train", "bandit"], &words[2..]].concat();
        let mut child = start(folder.path(), &words);
        let said = folder.path().join("run/evaluations.csv");
        let len = || fs::metadata(&said).map_or(0, |file| file.len());
        wait_until("it is stuck", || {
            let before = len();
            sleep(Duration::from_millis(500));
            before > 0 && len() == before
        });
        interrupt(&child);
        sleep(Duration::from_millis(200));
        assert!(child.try_wait().unwrap().is_none());
        interrupt(&child);
        interrupted(child);
    }
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

// ── bench ──────────────────────────────────────────────────────────────────────────────────────

const QUICK: [&str; 6] =
    ["bench", "--obs=3", "--act=1", "--hidden=8,8", "--batch=4", "--seconds=0.1"];

#[test]
fn bench_reports_what_a_program_reads() {
    for options in
        [&["--threads=1"][..], &["--threads=2", "--precision=f64"], &["--numerics=portable"]]
    {
        let folder = tempdir().unwrap();
        let output =
            softac(folder.path()).args(QUICK).args(options).arg("--json").output().unwrap();
        assert!(output.status.success());
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        for key in ["updates_per_second", "gflops", "share_of_limit", "peak_memory_bytes"] {
            assert!(found[key].as_f64().is_some_and(|number| number > 0.0), "{key}: {found}");
        }
        assert_eq!(found["bytes_allocated_per_update"], 0.0, "{options:?}");
    }
}

#[test]
fn the_memory_plan_is_the_sum_of_its_parts() {
    let folder = tempdir().unwrap();
    let plan = |options: &[&str]| -> serde_json::Value {
        let command = ["bench", "--memory-plan", "--obs=3", "--act=1", "--hidden=32,16", "--json"];
        let output = softac(folder.path()).args(command).args(options).output().unwrap();
        assert!(output.status.success());
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let found = plan(&["--batch=32", "--buffer-size=1000"]);
    let bytes = |part: &str| found[part].as_u64().unwrap();
    let (policy, critic) =
        (3 * 32 + 32 + 32 * 16 + 16 + 16 * 2 + 2, 4 * 32 + 32 + 32 * 16 + 16 + 16 + 1);
    assert_eq!(bytes("parameters"), 4 * (policy + 2 * critic + 1));
    assert_eq!(bytes("targets"), 4 * 2 * critic);
    assert_eq!(bytes("replay"), 1000 * (4 * (3 + 1 + 1 + 3) + 2));
    let parts = [
        "parameters",
        "targets",
        "gradients",
        "moments",
        "activations",
        "minibatch",
        "replay",
        "bookkeeping",
    ];
    assert_eq!(bytes("heap"), parts.map(bytes).iter().sum::<u64>());
    let larger = plan(&["--batch=64", "--buffer-size=1000"]);
    assert!(larger["activations"].as_u64() > found["activations"].as_u64());
    softac(folder.path()).args(["bench", "--memory-plan", "--buffer-size=0"]).assert().code(2);
    softac(folder.path()).args(["bench", "--buffer-size=10"]).assert().code(2);
}

#[test]
fn bench_refuses_sizes_that_cannot_be() {
    let folder = tempdir().unwrap();
    let options =
        ["--threads=0", "--obs=0", "--hidden=8,0", "--batch=x", "--seconds=nan", "--precision=f16"];
    for option in options {
        softac(folder.path()).args(["bench", option]).assert().code(2);
    }
}

#[test]
fn an_export_goes_to_the_runs_folder_and_is_not_written_over() {
    let folder = copied_run();
    let export = |more: &[&str]| {
        softac(folder.path()).args(["export", "run", "--format"]).args(more).assert()
    };
    let file = |name: &str| folder.path().join("run/export").join(name);
    export(&["c"]).success().stdout(contains("run/export/policy.c\nrun/export/policy.h\n"));
    let first = fs::read(file("policy.c")).unwrap();
    export(&["c"]).code(2).stderr(contains("policy.c exists already").and(contains("--force")));
    fs::write(file("policy.c"), "something else").unwrap();
    export(&["c", "--force"]).success();
    assert_eq!(fs::read(file("policy.c")).unwrap(), first);
    export(&["rust", "--name", "pendulum"]).success();
    let module = fs::read_to_string(file("pendulum.rs")).unwrap();
    assert!(module.contains("#![forbid(unsafe_code)]") && module.contains("Pendulum-v1"));
    export(&["onnx"]).success();
    export(&["safetensors"]).success();
    let report = export(&["safetensors", "--out", "elsewhere/a.safetensors", "--json"]).success();
    let report: serde_json::Value = serde_json::from_slice(&report.get_output().stdout).unwrap();
    assert_eq!(report["env"], "Pendulum-v1");
    assert_eq!(report["multiply_accumulates"], 3 * 4 + 4);
    let policy = fs::read(file("policy.safetensors")).unwrap();
    assert_eq!(fs::read(folder.path().join("elsewhere/a.safetensors")).unwrap(), policy);
}

#[test]
fn an_export_that_cannot_be_says_why_and_writes_nothing() {
    let folder = copied_run();
    let export = |more: &[&str]| {
        softac(folder.path()).args(["export", "run", "--format"]).args(more).assert()
    };
    export(&["c", "--name", "Not-A-Name"]).code(2).stderr(contains("Not-A-Name"));
    export(&["onnx", "--emulate", "cortex-m4f"]).code(2).stderr(contains("--emulate"));
    export(&["onnx", "--quantize", "int8"]).code(2).stderr(contains("--quantize"));
    export(&["c", "--max-return-loss", "1"]).code(2).stderr(contains("--quantize"));
    let integers = ["c", "--quantize", "int8", "--episodes", "3", "--max-return-loss"];
    let limited = |max| export(&[&integers[..], &[max]].concat());
    limited("-100000").code(1).stderr(contains("nothing was written"));
    assert!(!folder.path().join("run/export").exists());
    limited("100000").success().stdout(is_match(r"return lost +-?\d+\.\d{3}, 95 %").unwrap());
    softac(folder.path()).args(["export", "nowhere", "--format", "c"]).assert().code(1);
}
