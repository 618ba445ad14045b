//! `softac train`: settings, the files of a run, and what is refused.

use super::*;

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
    assert_eq!(config.len(), 44);
}

#[test]
fn wrong_settings_are_named_and_nothing_is_written() {
    let folder = tempdir().unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&["--gama=1"], "--gama"),
        (&["--seed=1", "--seed=2"], "--seed"),
        (&["--set=gama=1"], "there is no setting `gama`; did you mean `gamma`?"),
        (&["--algo=dqn"], "[possible values: sac, td3, ddpg]"),
        (&["--set=algo=dqn"], "there is no algorithm `dqn`; `algo` must be one of: sac"),
        (&["--set=algo=1"], "there is no algorithm `1`"),
        (&["--set==1"], "there is no setting ``"),
        (&["--set=gamma"], "--set gamma: it must have the form KEY=VALUE"),
        (&["--set=gamma=high"], "in `gamma`"),
        (&["--set=gamma=0.9\nseed=1"], "in `gamma`"),
        (&["--set=gamma={}"], "in `gamma`"),
        (&["--set=net_arch=64;64"], "in `net_arch`"),
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
        (&["--n-eval-episodes=0"], "`n_eval_episodes` is 0"),
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
fn a_training_that_never_learns_says_so_before_and_after() {
    let folder = tempdir().unwrap();
    let done = train(folder.path(), "bandit", "run", &["--set=learning_starts=150"]).success();
    let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    let why = "warning: nothing is learned: the first update would come after step 151 (`learning_starts` = 150";
    assert_eq!(said.matches(why).count(), 2, "{said}");
    let done = train(folder.path(), "bandit", "another", &["--set=train_freq=151"]).success();
    assert!(String::from_utf8_lossy(&done.get_output().stderr).contains("nothing is learned"));
}

#[test]
fn numbers_and_lists_are_read_as_people_write_them() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("mine.toml"), "total_timesteps = 1.2e2\nnet_arch = 4").unwrap();
    for (i, words) in [
        &["--total-timesteps=1.2e2", "--net-arch=[4]"][..],
        &["--total-timesteps=1_20", "--net-arch", "4,"],
        &["--set", "total_timesteps=120.0", "--set", "net_arch=4"],
        &["--config=mine.toml", "--tensorboard=False"],
    ]
    .into_iter()
    .enumerate()
    {
        let out = format!("run{i}");
        let settings =
            ["--learning-starts=20", "--batch-size=4", "--n-final-eval-episodes=1", "--quiet"];
        let command = ["train", "bandit", "--out", &out];
        softac(folder.path()).args(command).args(settings).args(words).assert().success();
        let config = fs::read_to_string(folder.path().join(out).join("config.toml")).unwrap();
        assert!(
            config.contains("total_timesteps = 120\n") && config.contains("net_arch = [4]"),
            "{config}"
        );
    }
    for (assignment, says) in [
        ("total_timesteps=1.5", "total_timesteps"),
        ("train_freq=[1,\"hour\"]", "such as \"1 episode\""),
        ("learning_rate=\"poly_7.3e-4\"", "`lin_<number>`"),
        ("actor_lr=0.001", "did you mean `learning_rate`?"),
    ] {
        let command = ["train", "bandit", "--out=refused", "--set", assignment];
        softac(folder.path()).args(command).assert().code(2).stderr(contains(says));
    }
}

#[test]
fn sizes_are_checked_before_memory_is_taken_for_them() {
    let folder = tempdir().unwrap();
    let huge = "frame_stack=1000000000";
    softac(folder.path())
        .args(["train", "pendulum", "--out=run", "--set", huge])
        .assert()
        .code(2)
        .stderr(contains("frame_stack"));
    train(folder.path(), "bandit", "run", &[]).success();
    let path = folder.path().join("run/config.toml");
    let config = fs::read_to_string(&path).unwrap();
    fs::write(&path, config.replace("frame_stack = 1\n", "frame_stack = 1000000000\n")).unwrap();
    softac(folder.path()).args(["eval", "run"]).assert().code(1).stderr(contains("frame_stack"));
}

#[cfg(unix)]
#[test]
fn a_pipe_in_place_of_a_file_is_refused_at_once() {
    let folder = tempdir().unwrap();
    train(folder.path(), "bandit", "run", &[]).success();
    for (name, command) in [("policy.safetensors", "eval"), ("metrics.csv", "plot")] {
        let path = folder.path().join("run").join(name);
        fs::remove_file(&path).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        let refused = softac(folder.path()).args([command, "run"]).assert().failure();
        refused.stderr(contains("it is no plain file"));
    }
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
