//! The Python process: interpreters that are none, signals, and processes that outlive nobody.

use super::*;

#[test]
fn an_evaluation_whose_episode_never_ends_is_interrupted_and_the_run_is_saved() {
    let folder = tempdir().unwrap();
    let mut child = train(folder.path(), "gym:Endless-v0", "run").spawn().unwrap();
    let policy = folder.path().join("run/policy.safetensors");
    let since = Instant::now();
    while !policy.exists() {
        assert!(since.elapsed() < Duration::from_secs(60), "the final evaluation never begins");
        sleep(Duration::from_millis(20));
    }
    sleep(Duration::from_millis(300));
    terminate(&mut child);
    assert!(folder.path().join("run/checkpoints/step-000000000150").exists());
}

/// Sends SIGTERM, and waits for the end.
fn terminate(child: &mut Child) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let since = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(since.elapsed() < Duration::from_secs(20), "SIGTERM is not looked at");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_replay_of_long_episodes_of_several_runs_is_interrupted_and_no_run_is_touched() {
    let folder = tempdir().unwrap();
    let training = |steps| {
        let words = ["train", "gym:Endless-v0", "--out=runs", "--seeds=0,1", "--eval-freq=0"];
        let mut command = softac(folder.path(), &words);
        let flags =
            TRAIN.iter().filter(|flag| !flag.contains("timesteps") && !flag.contains("final"));
        command.args(flags).arg("--n-final-eval-episodes=0");
        command.arg(format!("--total-timesteps={steps}"));
        command
    };
    let trained = || fs::read(folder.path().join("runs/seed-0/metrics.csv")).unwrap();
    succeed(training(150));
    let before = trained();
    // The 150 steps of each run take a minute and a half.
    let mut child = training(160).env("FAKE_DOZE", "0.6").spawn().unwrap();
    let mut announced = [0; 60];
    child.stdout.as_mut().unwrap().read_exact(&mut announced).unwrap();
    sleep(Duration::from_secs(2));
    terminate(&mut child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
    assert!(said(&output).contains("the same command goes on"), "{}", said(&output));
    assert_eq!(trained(), before);
    succeed(training(160));
}

#[test]
fn an_interpreter_that_is_none_is_named_with_the_flag_that_mends_it() {
    let folder = tempdir().unwrap();
    let without_packages = "PYTHONPATH= exec python3 -S \"$@\"";
    let another_version = "printf 'softac<<\\011\\0\\0\\0\\0\\0\\0\\0'; cat > /dev/null";
    let another_language = "printf 'I am no Python at all, but I talk'; cat > /dev/null";
    let cases = [
        (without_packages, "No module named 'gymnasium'", "-m pip install \"gymnasium[mujoco]\""),
        (another_version, "it speaks version 9 of the protocol, not 5", "--python PATH"),
        (another_language, "it says something else", "--python PATH"),
        ("exit 4", "it ends with exit status: 4", "--python PATH"),
    ];
    for (text, message, advice) in cases {
        let python = script(folder.path(), text);
        let flag = format!("--python={}", python.display());
        let words = ["check-env", "gym:Works-v0", &flag];
        let output = softac(folder.path(), &words).output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(message) && said.contains(advice), "{text}: {said}");
    }
    let mut command = softac(folder.path(), &["check-env", "gym:Works-v0"]);
    let output = command.env("SOFTAC_PYTHON", "./no-python").output().unwrap();
    assert!(said(&output).contains("cannot start the Python interpreter `./no-python`"));
    for wrong in ["0", "-1", "NaN", "soon"] {
        let flag = format!("--env-timeout={wrong}");
        let words = ["check-env", "gym:Works-v0", &flag];
        let output = softac(folder.path(), &words).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong}: {}", said(&output));
    }
    // The flag wins.
    let words = ["check-env", "gym:Works-v0", "--python=python3"];
    let mut command = softac(folder.path(), &words);
    command.env("SOFTAC_PYTHON", "./no-python");
    succeed(command);
}

/// Waits until there is a file that has come to hold `lines` lines.
fn wait_for_lines(path: &Path, lines: usize) -> Vec<String> {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let text = fs::read_to_string(path).unwrap_or_default();
        if text.lines().count() >= lines {
            return text.lines().map(String::from).collect();
        }
        assert!(Instant::now() < end, "{}: {text}", path.display());
        sleep(Duration::from_millis(2));
    }
}

/// A training of the length of 100,000 steps, once it has learned something.
fn long_training(folder: &Path, env: &str) -> std::process::Child {
    let mut command = train(folder, env, "run");
    command.args(["--set", "total_timesteps=100000"]).env("FAKE_PIDS", folder.join("pids"));
    let child = command.process_group(0).spawn().unwrap();
    wait_for_lines(&folder.join("run/metrics.csv"), 5);
    child
}

fn kill(signal: &str, id: &str) -> bool {
    let mut command = Command::new("kill");
    command.args([signal, "--", id]).stderr(Stdio::null()).status().unwrap().success()
}

#[test]
fn a_signal_to_the_whole_group_interrupts_the_run_and_not_the_environment() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let folder = tempdir().unwrap();
        let child = long_training(folder.path(), "gym:Works-v0");
        assert!(kill(signal, &format!("-{}", child.id())));
        let output = child.wait_with_output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(130), "{said}");
        assert!(said.contains("go on with `softac resume run`"), "{said}");
        let state = said.split_whitespace().find_map(|word| word.parse::<u64>().ok()).unwrap();
        let total = format!("--total-timesteps={}", state + 40);
        succeed(softac(folder.path(), &["resume", "run", "--quiet", &total]));
        let mut command = train(folder.path(), "gym:Works-v0", "whole");
        command.args(["--set", &total[2..].replace('-', "_")]);
        succeed(command);
        assert_same_results(&folder.path().join("run"), &folder.path().join("whole"));
    }
}

#[test]
fn no_process_outlives_the_training() {
    let is_alive = |pid: &String| kill("-0", pid);
    let outlived = |folder: &Path| {
        let pids = wait_for_lines(&folder.join("pids"), 1);
        let end = Instant::now() + Duration::from_secs(30);
        while pids.iter().any(is_alive) && Instant::now() < end {
            sleep(Duration::from_millis(2));
        }
        pids.iter().any(is_alive)
    };
    let killed = tempdir().unwrap();
    let mut child = long_training(killed.path(), "gym:Works-v0");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!outlived(killed.path()));

    let hanging = tempdir().unwrap();
    let mut command = train(hanging.path(), "gym:Hangs-v0", "run");
    command.arg("--env-timeout=2").env("FAKE_PIDS", hanging.path().join("pids"));
    assert_eq!(command.output().unwrap().status.code(), Some(1));
    assert!(!outlived(hanging.path()));
}
