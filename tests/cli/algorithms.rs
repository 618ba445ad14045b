//! Every command with the runs of other algorithms than the default one.

use super::*;

const OTHERS: [&str; 2] = ["td3", "ddpg"];
const DETERMINISTIC: &str = "time/total_timesteps,time/episodes,train/n_updates,rollout/ep_rew_mean,\
rollout/ep_len_mean,train/critic_loss,train/q_mean,train/actor_loss,train/params_hash";

/// A tiny training with an algorithm, into a folder of its name.
fn train_with(folder: &Path, algo: &str, more: &[&str]) -> Assert {
    // Not every algorithm has a delay.
    let tiny = TINY.iter().filter(|flag| !flag.starts_with("--policy-delay"));
    softac(folder)
        .args(["train", "pendulum", "--algo", algo, "--out", algo])
        .args(tiny)
        .args(more)
        .assert()
}

#[test]
fn a_run_of_every_algorithm_is_trained_verified_resumed_evaluated_and_drawn() {
    let folder = tempdir().unwrap();
    let run = |words: &[&str]| softac(folder.path()).args(words).assert().success();
    for algo in OTHERS {
        train_with(folder.path(), algo, &[]).success();
        let file = |name: &str| folder.path().join(algo).join(name);
        let config = fs::read_to_string(file("config.toml")).unwrap();
        assert!(config.contains(&format!("algo = \"{algo}\"\n")), "{config}");
        let metrics = fs::read_to_string(file("metrics.csv")).unwrap();
        assert_eq!(metrics.lines().next(), Some(DETERMINISTIC));
        assert_eq!(metrics.lines().count(), 1 + 3);
        run(&["verify", algo, "--quiet"]).stdout(contains("the same bits: 6 rows"));
        run(&["resume", algo, "--quiet", "--total-timesteps=161"])
            .stdout(contains("going on after 150 steps"));
        run(&["verify", algo, "--quiet"]).stdout(contains("the same bits"));
        run(&["eval", algo, "--episodes=2"]).stdout(contains("episodes      2, 200.0 steps each"));
        let plots = ["learning_curve", "q_values"]
            .map(|name| format!("{algo}/plots/{name}.svg\n{algo}/plots/{name}.png\n"));
        run(&["plot", algo]).stdout(plots.concat()).stderr("");
        run(&["watch", algo, "--size=64", "--every=50"]);
        assert!(fs::metadata(file("watch.gif")).unwrap().len() > 100);
    }
    let words = ["compare", "td3", "ddpg", "--resamples=200", "--out=both"];
    run(&words).stdout(contains("td3").and(contains("ddpg")));
    assert!(!is_empty(&folder.path().join("both")));
}

#[test]
fn a_policy_of_every_algorithm_is_exported_in_every_format() {
    let folder = tempdir().unwrap();
    for algo in OTHERS {
        train_with(folder.path(), algo, &["--quiet"]).success();
        let export = |format: &str, more: &[&str]| {
            let words = ["export", algo, "--format", format];
            softac(folder.path()).args(words).args(more).assert().success()
        };
        for format in ["c", "rust", "onnx", "safetensors"] {
            export(format, &[]);
        }
        let integers = ["--name=small", "--quantize=int8", "--episodes=3"];
        export("c", &integers).stdout(is_match(r"return lost +-?\d+\.\d{3}, 95 %").unwrap());
        let names = ["policy.c", "policy.h", "policy.rs", "policy.onnx", "policy.safetensors"];
        for name in names.into_iter().chain(["small.c", "small.h"]) {
            let path = folder.path().join(algo).join("export").join(name);
            assert!(fs::metadata(&path).unwrap().len() > 100, "{}", path.display());
        }
    }
}

#[test]
fn a_fault_of_every_algorithm_is_found_again() {
    let folder = tempdir().unwrap();
    for algo in OTHERS {
        let done = train_with(folder.path(), algo, &["--learning-rate=1e30"]);
        let says = contains("the training diverged").and(contains("replay-fault"));
        done.code(1).stderr(says);
        let faults = folder.path().join(algo).join("faults");
        let kept: Vec<_> =
            fs::read_dir(&faults).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(kept.len(), 1);
        let again = softac(folder.path()).arg("replay-fault").arg(&kept[0]).assert().success();
        let output = String::from_utf8(again.get_output().stdout.clone()).unwrap();
        let [then, now] = ["then  ", "now   "].map(|word| {
            output.lines().find_map(|line| line.strip_prefix(word)).unwrap().to_string()
        });
        assert_eq!(then, now);
    }
}

#[test]
fn a_setting_of_another_algorithm_is_refused_and_nothing_is_written() {
    let folder = tempdir().unwrap();
    let cases =
        [("ddpg", "--policy-delay=2"), ("ddpg", "--n-critics=2"), ("td3", "--ent-coef=0.2")];
    for (algo, flag) in cases {
        let name = flag[2..].split('=').next().unwrap().replace('-', "_");
        let named = contains(format!("`{name}`")).and(contains(format!("not of {algo}")));
        train_with(folder.path(), algo, &[flag]).code(2).stderr(named);
    }
    train_with(folder.path(), "sarsa", &[]).code(2).stderr(contains("sarsa").and(contains("td3")));
    assert!(is_empty(folder.path()));
}
