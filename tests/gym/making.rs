//! How an environment is made: arguments, wrappers, seeds, and environments of which there is one.

use super::*;

/// The text of a run's configuration.
fn config_of(folder: &Path) -> String {
    fs::read_to_string(folder.join("run/config.toml")).unwrap()
}

/// Every command that acts in the environment of a run.
const COMMANDS: [&[&str]; 5] = [
    &["eval", "run", "--episodes=2"],
    &["verify", "run", "--quiet"],
    &["resume", "run", "--quiet", "--total-timesteps=160"],
    &["watch", "run", "--out=film.gif"],
    &["export", "run", "--format=c", "--out=exported"],
];

#[test]
fn arguments_are_kept_and_every_command_makes_the_environment_with_them() {
    let folder = tempdir().unwrap();
    let mut command = train(folder.path(), "gym:Sized-v0", "run");
    command.args([
        "--env-arg",
        "size=4",
        "--env-arg",
        "reach=inf",
        "--env-arg",
        "tags=['a', 1.5, true]",
    ]);
    succeed(command);
    let config = config_of(folder.path());
    assert!(config.contains("[env_args]\nsize = 4\nreach = inf\n"), "{config}");
    for words in COMMANDS {
        succeed(softac(folder.path(), words));
    }
    let mut check = softac(folder.path(), &["check-env", "gym:Sized-v0"]);
    check.args(["--env-arg", "size=4"]);
    succeed(check);
}

#[test]
fn arguments_of_a_file_are_replaced_one_by_one_and_can_be_set_in_every_form() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("my.toml"), "env_args = { size = 5, reach = 3.0 }\n").unwrap();
    for (n, flags) in [
        ["--env-arg=size=4", "--config=my.toml"],
        ["--set=env_args.size=4", "--config=my.toml"],
        ["--set=env_args={size=4}", "--config=my.toml"],
        ["--env-args=size=4", "--env-arg=reach=3.0"],
    ]
    .iter()
    .enumerate()
    {
        let mut command = train(folder.path(), "gym:Sized-v0", &format!("run-{n}"));
        succeed_with(&mut command, flags);
        let config = folder.path().join(format!("run-{n}/config.toml"));
        let config: toml::Table = fs::read_to_string(config).unwrap().parse().unwrap();
        assert_eq!(config["env_args"].to_string(), "{ size = 4, reach = 3.0 }", "{flags:?}");
    }
}

fn succeed_with(command: &mut Command, flags: &[&str]) {
    let output = command.args(flags).output().unwrap();
    assert!(output.status.success(), "{flags:?}: {}", said(&output));
}

#[test]
fn what_cannot_be_made_so_is_named_and_nothing_is_written() {
    let cases: [(&str, &[&str], &str); 12] = [
        (
            "Sized",
            &["--env-arg=size=1"],
            "with the arguments size=1: it raised ValueError: no room",
        ),
        ("Sized", &["--env-arg=colour=red"], "unexpected keyword argument 'colour'"),
        (
            "Sized",
            &["--env-arg=render_mode=human"],
            "the argument `render_mode` is the program's own",
        ),
        ("Sized", &["--env-arg=size"], "it must have the form KEY=VALUE"),
        ("Sized", &["--env-arg=size=(1, 2)"], "`(1, 2)` is no value of TOML"),
        ("Sized", &["--env-arg=size=None"], "leave the argument out"),
        ("Sized", &["--env-arg=reach=nan"], "`reach` is NaN"),
        ("Sized", &["--env-kwargs=size=3"], "'--env-args'"),
        ("Works", &["--wrapper=Flatten"], "no wrapper `Flatten`; there are FlattenObservation"),
        ("Works", &["--wrapper=os.system"], "`os.system` is no class of gymnasium.wrappers"),
        (
            "Works",
            &["--wrapper=ScaleReward={to=2}"],
            "the wrapper ScaleReward with the arguments to=2",
        ),
        ("Works", &["--wrapper=RecordVideo={video_folder='x'}"], "`softac watch` films"),
    ];
    for (kind, flags, message) in cases {
        let folder = tempdir().unwrap();
        let mut command = train(folder.path(), &format!("gym:{kind}-v0"), "run");
        let output = command.args(flags).output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{flags:?}: {said}");
        assert!(said.contains(message), "{flags:?}: {said}");
        assert!(!said.contains("panicked") && !folder.path().join("run").exists(), "{said}");
    }
}

#[test]
fn native_environments_take_neither_arguments_nor_wrappers() {
    let folder = tempdir().unwrap();
    for flag in ["--env-arg=g=9.81", "--wrapper=FlattenObservation"] {
        let mut command = train(folder.path(), "pendulum", "run");
        let output = command.arg(flag).output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("only a `gym:` environment takes it"), "{said}");
    }
}

#[test]
fn wrappers_lie_around_the_environment_in_every_command() {
    let folder = tempdir().unwrap();
    let mut command = train(folder.path(), "gym:HasDictObservations-v0", "run");
    command.args(["--wrapper=FlattenObservation", "--wrapper=ScaleReward = { by = 0.0 }"]);
    succeed(command);
    let config = config_of(folder.path());
    assert!(config.contains("\"FlattenObservation\", { ScaleReward = { by = 0.0 } }"), "{config}");
    for words in COMMANDS {
        succeed(softac(folder.path(), words));
    }
    let evaluations = fs::read_to_string(folder.path().join("run/evaluations.csv")).unwrap();
    // Every reward is 0, whichever sign it has.
    let return_of = |row: &str| row.split(',').nth(2).unwrap().parse::<f64>().unwrap();
    assert!(evaluations.lines().skip(1).all(|row| return_of(row) == 0.0), "{evaluations}");
}

#[test]
fn seeds_fit_a_c_int_and_runs_from_before_keep_theirs() {
    let folder = tempdir().unwrap();
    succeed(train(folder.path(), "gym:TakesAnInt-v0", "run"));
    succeed(softac(folder.path(), &["verify", "run", "--quiet"]));
    // As a run from before the setting existed: half of its seeds do not fit.
    let config = config_of(folder.path());
    assert!(config.contains("env_seed_bits = 31\n"));
    let before = config.replace("env_seed_bits = 31\n", "");
    fs::write(folder.path().join("run/config.toml"), before).unwrap();
    let output = softac(folder.path(), &["eval", "run", "--episodes=20"]).output().unwrap();
    assert!(said(&output).contains("too large to convert to C int"), "{}", said(&output));
}

/// A training in an environment of which there is one.
fn robot(folder: &Path, out: &str, flags: &[&str]) -> Output {
    let mut command = train(folder, "gym:OnlyOne-v0", out);
    command.args(flags).env("FAKE_ROBOT", folder.join("robot")).output().unwrap()
}

#[test]
fn an_environment_of_which_there_is_one_is_trained_in_and_evaluated() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    // The evaluation at the end is what needs a second one, and everything is saved before.
    let refused = robot(folder, "refused", &[]);
    assert_eq!(refused.status.code(), Some(1));
    let advice = said(&refused);
    assert!(
        advice.contains("a second instance") && advice.contains("--eval-env training"),
        "{advice}"
    );
    assert!(folder.join("refused/policy.safetensors").exists());

    let none = ["--eval-freq=0", "--set=n_final_eval_episodes=0"];
    let output = robot(folder, "none", &none);
    assert!(output.status.success(), "{}", said(&output));
    let rows = fs::read_to_string(folder.join("none/evaluations.csv")).unwrap();
    assert_eq!(rows.lines().count(), 1, "{rows}");

    let between = ["--eval-env=training", "--eval-freq=40", "--n-eval-episodes=2"];
    let output = robot(folder, "between", &between);
    assert!(output.status.success(), "{}", said(&output));
    let rows = fs::read_to_string(folder.join("between/evaluations.csv")).unwrap();
    assert!(rows.lines().count() >= 3, "{rows}");
}

#[test]
fn evaluations_in_the_training_environment_change_nothing_in_the_training() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    let between = ["--eval-env=training", "--eval-freq=40", "--n-eval-episodes=2"];
    for (out, flags) in [("own", &["--eval-freq=0"][..]), ("between", &between)] {
        succeed_with(&mut train(folder, "gym:Works-v0", out), flags);
    }
    let read = |out: &str, file: &str| fs::read_to_string(folder.join(out).join(file)).unwrap();
    assert_eq!(read("own", "metrics.csv"), read("between", "metrics.csv"));
    succeed(softac(folder, &["verify", "between", "--quiet"]));
    // They come after the end of an episode; a run that was stopped goes on to the same bytes.
    let mut command = train(folder, "gym:Works-v0", "stopped");
    succeed_with(&mut command, &[&between[..], &["--set=total_timesteps=83"]].concat());
    succeed(softac(folder, &["resume", "stopped", "--quiet", "--total-timesteps=150"]));
    assert_same_results(&folder.join("between"), &folder.join("stopped"));
}

#[test]
fn a_run_without_a_final_evaluation_is_finished_at_its_last_step_and_cannot_be_compared() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    let none = ["--eval-freq=0", "--set=n_final_eval_episodes=0", "--seeds=0,1", "--jobs=1"];
    succeed_with(&mut train(folder, "bandit", "seeds"), &none);
    let mut again = train(folder, "bandit", "seeds");
    let output = again.args(none).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(printed.contains("0 to begin, 0 to go on with, 2 finished already"), "{printed}");
    let output = softac(folder, &["compare", "seeds", "--out=comparison"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("its n_final_eval_episodes is 0"), "{}", said(&output));
    // What ends a training early looks at evaluations.
    let mut command = train(folder, "bandit", "early");
    let output = command.args(["--eval-freq=0", "--reward-threshold=1"]).output().unwrap();
    assert!(said(&output).contains("`reward_threshold` is 1"), "{}", said(&output));
}
