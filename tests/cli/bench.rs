//! `softac bench`.

use super::*;

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
        let command = ["bench", "--memory-plan", "--obs=3", "--act=1", "--json"];
        let output = softac(folder.path()).args(command).args(options).output().unwrap();
        assert!(output.status.success());
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let found = plan(&["--batch=32", "--buffer-size=1000", "--hidden=32,16"]);
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
    let critic = 4 * 8 + 8 + 8 + 1;
    let own = plan(&["--batch=32", "--buffer-size=1000", "--hidden=pi=32,16", "--hidden=qf=8"]);
    assert_eq!(own["targets"].as_u64(), Some(4 * 2 * critic));
    assert_eq!(own["parameters"].as_u64(), Some(4 * (policy + 2 * critic + 1)));
    let larger = plan(&["--batch=64", "--buffer-size=1000", "--hidden=32,16"]);
    assert!(larger["activations"].as_u64() > found["activations"].as_u64());
    softac(folder.path()).args(["bench", "--memory-plan", "--buffer-size=0"]).assert().code(2);
    softac(folder.path()).args(["bench", "--buffer-size=10"]).assert().code(2);
}

#[test]
fn bench_refuses_sizes_that_cannot_be() {
    let folder = tempdir().unwrap();
    let options = [
        "--threads=0",
        "--obs=0",
        "--hidden=8,0",
        "--hidden=pi=8,0",
        "--hidden=pi=8",
        "--batch=x",
        "--seconds=nan",
        "--precision=f16",
    ];
    for option in options {
        softac(folder.path()).args(["bench", option]).assert().code(2);
    }
}
