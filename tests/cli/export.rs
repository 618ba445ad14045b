//! `softac export`.

use super::*;

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
