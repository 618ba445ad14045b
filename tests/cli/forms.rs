//! Settings in the forms of Stable-Baselines3 and its zoo.

use super::*;

const QUICK: [&str; 4] =
    ["--learning-starts=20", "--batch-size=4", "--n-final-eval-episodes=1", "--quiet"];

/// The `config.toml` of a short training with these flags.
fn config(folder: &Path, flags: &[&str]) -> String {
    let _ = fs::remove_dir_all(folder.join("run"));
    let command = ["train", "bandit", "--out=run", "--total-timesteps=60"];
    softac(folder).args(command).args(QUICK).args(flags).assert().success();
    fs::read_to_string(folder.join("run/config.toml")).unwrap()
}

/// What the command says of an assignment that it refuses.
fn refused(folder: &Path, assignment: &str) -> String {
    let command = ["train", "bandit", "--out=refused", "--set", assignment];
    let done = softac(folder).args(command).assert().code(2);
    assert!(is_empty(folder), "{assignment}");
    String::from_utf8_lossy(&done.get_output().stderr).into_owned()
}

#[test]
fn hidden_layers_of_policy_and_critics_are_read_as_people_write_them() {
    let folder = tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("table.toml"), "[net_arch]\npi = [4]\nqf = [8, 8]\n").unwrap();
    fs::write(path.join("inline.toml"), "net_arch = { pi = 4, qf = [8, 8] }\n").unwrap();
    for flags in [
        &["--net-arch", "pi=4 qf=8,8"][..],
        &["--net-arch=pi=4", "--net-arch=qf=8,8"],
        &["--net-arch={'pi': [4], 'qf': [8, 8]}"],
        &["--set=net_arch={pi=[4],qf=[8,8]}"],
        &["--set=net_arch=dict(pi=[4], qf=[8, 8])"],
        &["--set=net_arch={'qf': [8, 8], 'pi': [4]}"],
        &["--config=table.toml"],
        &["--config=inline.toml"],
    ] {
        let config = config(path, flags);
        assert!(config.ends_with("\n[net_arch]\npi = [4]\nqf = [8, 8]\n"), "{flags:?}: {config}");
    }
    // One shape for both is written as it always was.
    for flags in [&["--net-arch", "pi=4 qf=4"][..], &["--net-arch=4"]] {
        assert!(config(path, flags).contains("\nnet_arch = [4]\n"), "{flags:?}");
    }
}

#[test]
fn a_run_with_hidden_layers_of_their_own_is_verified_resumed_and_exported() {
    let folder = tempdir().unwrap();
    for algo in ["sac", "td3", "ddpg"] {
        let out = format!("--out={algo}");
        let run = |args: &[&str]| softac(folder.path()).args(args).assert().success();
        run(&[
            &["train", "bandit", "--algo", algo, &out, "--total-timesteps=60"],
            &QUICK[..],
            &["--net-arch=pi=4", "--net-arch=qf=8,8"],
        ]
        .concat());
        run(&["verify", algo, "--quiet"]).stdout(contains("the same bits"));
        run(&["resume", algo, "--quiet", "--total-timesteps=80"]);
        run(&["verify", algo, "--quiet"]).stdout(contains("the same bits"));
        run(&["eval", algo, "--episodes=2"]);
        run(&["export", algo, "--format=c"]);
    }
}

#[test]
fn rounds_of_episodes_are_read_as_people_write_them() {
    let folder = tempdir().unwrap();
    for flag in [
        "--train-freq=2:episode",
        "--train-freq=2 episodes",
        "--set=train_freq=[2, \"episode\"]",
        "--set=train_freq=(2, 'episode')",
        "--set=train_freq=\"2 episodes\"",
    ] {
        let config = config(folder.path(), &[flag]);
        assert!(config.contains("\ntrain_freq = \"2 episodes\"\n"), "{flag}: {config}");
    }
    for flag in ["--train-freq=4", "--train-freq=4:step", "--set=train_freq=[4, \"step\"]"] {
        assert!(config(folder.path(), &[flag]).contains("\ntrain_freq = 4\n"), "{flag}");
    }
}

#[test]
fn learning_rates_are_read_with_their_schedules() {
    let folder = tempdir().unwrap();
    for flags in [
        &["--learning-rate=lin_7.3e-4", "--critic-learning-rate=cos_1e-3"][..],
        &["--set=learning_rate=lin_7.3e-4", "--set=critic_learning_rate=\"cos_1e-3\""],
        &[
            "--learning-rate=7.3e-4",
            "--learning-rate-schedule=linear",
            "--critic-learning-rate=1e-3",
            "--critic-learning-rate-schedule=cosine",
        ],
    ] {
        let config = config(folder.path(), flags);
        for line in [
            "learning_rate = 0.00073",
            "learning_rate_schedule = \"linear\"",
            "critic_learning_rate = 0.001",
            "critic_learning_rate_schedule = \"cosine\"",
        ] {
            assert!(config.contains(&format!("\n{line}\n")), "{flags:?}: {config}");
        }
    }
    // Where nothing is said of the critics, nothing is written of them.
    assert!(!config(folder.path(), &[]).contains("critic_learning"));
}

#[test]
fn a_run_with_rounds_of_episodes_and_schedules_is_verified_and_resumed_within_a_round() {
    let folder = tempdir().unwrap();
    for algo in ["sac", "td3", "ddpg"] {
        let out = format!("--out={algo}");
        let run = |args: &[&str]| softac(folder.path()).args(args).assert().success();
        run(&[
            &["train", "chain", "--algo", algo, &out, "--total-timesteps=61"],
            &QUICK[..],
            &["--train-freq=3:episode", "--gradient-steps=-1", "--critic-learning-rate=1e-3"],
        ]
        .concat());
        run(&["verify", algo, "--quiet"]).stdout(contains("the same bits"));
        run(&["resume", algo, "--quiet", "--total-timesteps=80"]);
        run(&["verify", algo, "--quiet"]).stdout(contains("the same bits"));
    }
}

#[test]
fn forms_that_there_are_not_are_answered_with_those_that_there_are() {
    let folder = tempdir().unwrap();
    for (assignment, says) in [
        ("net_arch={pi=[4]}", "{ pi = [64, 64], qf = [256, 256] }"),
        ("net_arch=[{pi=[4],vf=[8]}]", "{ pi = [64, 64], qf = [256, 256] }"),
        ("net_arch=dict(pi=[4], vf=[8])", "{ pi = [64, 64], qf = [256, 256] }"),
        ("net_arch={pi=[4],qf=[0]}", "every layer needs at least one unit"),
        ("net_arch={pi=[4],qf=[-1]}", "in `net_arch`"),
        ("train_freq=[1,\"hour\"]", "such as \"1 episode\""),
        ("train_freq=\"0 episodes\"", "it must be at least 1"),
        ("learning_rate=\"poly_1e-3\"", "`lin_<number>` or `cos_<number>`"),
        ("critic_learning_rate=\"auto\"", "`critic_learning_rate`"),
    ] {
        let said = refused(folder.path(), assignment);
        assert!(said.contains(says), "{said}");
    }
}
