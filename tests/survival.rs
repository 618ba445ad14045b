//! Runs that are killed, interrupted, starved of disk space or damaged: nothing that was saved is lost.

#![cfg(unix)]

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;

#[path = "support/place.rs"]
mod place;
#[path = "support/stopped.rs"]
mod stopped;
use place::place;
use stopped::stopped;

/// A training of about half a second, with a checkpoint every few milliseconds.
const TRAIN: [&str; 14] = [
    "train",
    "chain",
    "--out=run",
    "--quiet",
    "--total-timesteps=3000",
    "--net-arch=8",
    "--batch-size=8",
    "--learning-starts=20",
    "--log-freq=100",
    "--eval-freq=400",
    "--n-eval-episodes=2",
    "--n-final-eval-episodes=3",
    "--checkpoint-freq=150",
    "--keep-checkpoints=2",
];

fn softac(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_softac"));
    command.current_dir(folder).args(words).arg("--threads=1");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn succeed(mut command: Command) -> Output {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{:?}: {said}", output.status);
    output
}

/// All files of a finished run, but for checkpoints before the last one.
fn files(run: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![run.join("plots"), checkpoints(run).pop().unwrap(), run.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
        paths.sort();
        paths.retain(|path| path.is_file() && !is_event_file(path));
        let relative = |path: &PathBuf| path.strip_prefix(run).unwrap().to_path_buf();
        found.extend(paths.iter().map(|path| (relative(path), fs::read(path).unwrap())));
    }
    found
}

/// Whether it is for TensorBoard: those say when they were written.
fn is_event_file(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains("tfevents"))
}

/// The checkpoints, the oldest first.
fn checkpoints(run: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(run.join("checkpoints")).unwrap().map(|e| e.unwrap().path());
    let mut paths: Vec<_> = entries.filter(|path| step(path) > 0).collect();
    paths.sort();
    paths
}

fn assert_same_files(a: &Path, b: &Path) {
    let (a, b) = (files(a), files(b));
    assert_eq!(
        a.iter().map(|f| &f.0).collect::<Vec<_>>(),
        b.iter().map(|f| &f.0).collect::<Vec<_>>()
    );
    for ((name, a), (_, b)) in a.iter().zip(&b) {
        assert!(a == b, "{} differs", name.display());
    }
}

/// A folder with a finished, undisturbed `run`.
fn whole_run() -> TempDir {
    let folder = place();
    succeed(softac(folder.path(), &TRAIN));
    folder
}

/// 20 kills, or as many as `SOFTAC_KILLS` says.
#[test]
fn a_run_killed_at_any_moment_goes_on_to_the_same_bytes() {
    let kills = std::env::var("SOFTAC_KILLS").map_or(20, |kills| kills.parse().unwrap());
    let whole = whole_run();
    let mut moments = ChaCha8Rng::seed_from_u64(0);
    let (mut killed, mut finished) = (0, 0);
    while killed < kills || finished == 0 {
        let folder = place();
        let run = folder.path().join("run");
        let mut steps = 0;
        loop {
            // Killed before it wrote its configuration, a run has not begun, and has nothing to lose.
            let begun = run.join("config.toml").exists();
            if !begun && run.exists() {
                fs::remove_dir_all(&run).unwrap();
            }
            let words: &[&str] = if begun { &["resume", "run", "--quiet"] } else { &TRAIN };
            let mut child = softac(folder.path(), words).spawn().unwrap();
            let patience = Duration::from_micros(moments.random_range(0..400_000));
            let end = Instant::now() + patience;
            while child.try_wait().unwrap().is_none() && Instant::now() < end {
                sleep(Duration::from_micros(200));
            }
            let _ = child.kill();
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            match output.status.signal() {
                Some(9) => killed += 1,
                _ => {
                    assert!(output.status.success(), "{:?}: {said}", output.status);
                    finished += 1;
                    break;
                }
            }
            // What was saved stays saved.
            let saved = || checkpoints(&run).last().map(|path| step(path));
            let now = run.join("checkpoints").exists().then(saved).flatten().unwrap_or(0);
            assert!(now >= steps, "{now} after {steps}");
            steps = now;
        }
        assert_same_files(&whole.path().join("run"), &run);
    }
    println!("{killed} kills, {finished} runs that finished, all of them to the same bytes");
}

/// The environment step in a checkpoint's name.
fn step(path: &Path) -> u64 {
    let name = path.file_stem().unwrap().to_string_lossy();
    name.trim_start_matches("step-").parse().unwrap_or(0)
}

#[test]
fn an_interrupted_or_terminated_run_makes_a_checkpoint_and_goes_on_to_the_same_bytes() {
    let whole = whole_run();
    for signal in ["-INT", "-TERM"] {
        let folder = place();
        let run = folder.path().join("run");
        let checkpoint = run.join("checkpoints/step-000000000300");
        let said = stopped(signal, &mut softac(folder.path(), &TRAIN), |_| checkpoint.exists());
        let stopped_at = step(&checkpoints(&run).pop().unwrap());
        assert!(said.contains(&format!("interrupted after {stopped_at} steps")), "{said}");
        let went_on = succeed(softac(folder.path(), &["resume", "run", "--quiet"]));
        let said = String::from_utf8_lossy(&went_on.stdout);
        assert!(said.starts_with(&format!("going on after {stopped_at} steps\n")), "{said}");
        assert_same_files(&whole.path().join("run"), &run);
    }
}

#[test]
fn a_damaged_checkpoint_is_passed_over_with_a_warning_that_says_which_and_why() {
    let folder = whole_run();
    let run = folder.path().join("run");
    let before = files(&run);
    let [older, youngest] = &checkpoints(&run)[..] else { panic!("two are kept") };
    let state = youngest.join("state.safetensors");
    let mut bytes = fs::read(&state).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&state, bytes).unwrap();
    let output = succeed(softac(folder.path(), &["resume", "run", "--quiet"]));
    let (said, warned) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(said.starts_with(&format!("going on after {} steps\n", step(older))), "{said}");
    let which = "run/checkpoints/step-000000003000 is damaged";
    let why = "state.safetensors is not the file that was written: its checksum differs";
    assert!(warned.contains(which) && warned.contains(why), "{warned}");
    assert!(files(&run) == before);
}

#[test]
fn a_run_gives_the_same_bytes_on_any_number_of_threads() {
    // Large enough that threads share the work.
    let words = [
        "train",
        "pendulum",
        "--quiet",
        "--total-timesteps=130",
        "--n-final-eval-episodes=1",
        "--log-freq=10",
    ];
    let folder = place();
    for threads in ["1", "2", "4", "8"] {
        let out = format!("--out={threads}/run");
        let threads = format!("--threads={threads}");
        let more = [out.as_str(), &threads, "--net-arch=256,256", "--batch-size=256"];
        let mut command = Command::new(env!("CARGO_BIN_EXE_softac"));
        command.current_dir(folder.path()).args(words).args(more);
        succeed(command);
    }
    for threads in ["2", "4", "8"] {
        assert_same_files(&folder.path().join("1/run"), &folder.path().join(threads).join("run"));
    }
}

#[test]
fn a_run_is_verified_and_the_first_row_that_differs_is_named() {
    let folder = whole_run();
    let output = succeed(softac(folder.path(), &["verify", "run", "--quiet"]));
    let said = String::from_utf8_lossy(&output.stdout);
    // 30 rows of metrics, 7 evaluations and the last one.
    assert_eq!(said, "the same bits: 38 rows of metrics and evaluations agree\n");
    // Another policy than that which the run came to.
    let [last, best] = ["policy", "best_policy"]
        .map(|name| folder.path().join("run").join(name).with_extension("safetensors"));
    let good = fs::read(&last).unwrap();
    fs::copy(&best, &last).unwrap();
    let output = softac(folder.path(), &["verify", "run", "--quiet"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && said.contains("policy.safetensors"), "{said}");
    // A damaged one.
    for path in [&last, &best] {
        fs::write(&last, &good).unwrap();
        let mut damaged = fs::read(path).unwrap();
        *damaged.last_mut().unwrap() ^= 0x40;
        let whole = fs::read(path).unwrap();
        fs::write(path, &damaged).unwrap();
        let output = softac(folder.path(), &["verify", "run", "--quiet"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && said.contains("its checksum differs"), "{said}");
        fs::write(path, &whole).unwrap();
    }
    let metrics = folder.path().join("run/metrics.csv");
    let text = fs::read_to_string(&metrics).unwrap();
    let line = text.lines().nth(8).unwrap();
    let hash = line.rsplit(',').next().unwrap();
    fs::write(&metrics, text.replace(hash, "0123456789abcdef")).unwrap();
    let output = softac(folder.path(), &["verify", "run", "--quiet"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let expected = format!(
        "error: metrics.csv differs first in the row of step 800: `train/params_hash` is \
         0123456789abcdef there, and {hash} now; until step 700 all was the same\n"
    );
    assert_eq!((output.status.code(), said.as_ref()), (Some(1), expected.as_str()));
}

#[test]
fn an_interrupted_run_is_verified_as_far_as_it_came() {
    let folder = place();
    let checkpoint = folder.path().join("run/checkpoints/step-000000000450");
    stopped("-INT", &mut softac(folder.path(), &TRAIN), |_| checkpoint.exists());
    succeed(softac(folder.path(), &["verify", "run", "--quiet"]));
}

/// A shell in which no file can grow beyond this many blocks of 512 bytes, and programs are told so.
fn short_of_space(folder: &Path, blocks: u32, words: &[&str]) -> Output {
    let mut command = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    command.current_dir(folder).args(["-c", &script, "sh", env!("CARGO_BIN_EXE_softac")]);
    command.args(words).arg("--threads=1").output().unwrap()
}

#[test]
fn a_disk_that_is_full_is_named_and_the_last_checkpoint_stays_good() {
    let whole = whole_run();
    let folder = place();
    let run = folder.path().join("run");
    // The replay buffer grows until the checkpoint is too large.
    let output = short_of_space(folder.path(), 200, &TRAIN);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot write") && said.contains("state.safetensors"), "{said}");
    assert!(!checkpoints(&run).is_empty());
    // Once there is room again, it goes on.
    succeed(softac(folder.path(), &["resume", "run", "--quiet"]));
    assert_same_files(&whole.path().join("run"), &run);
}

#[test]
fn a_folder_that_cannot_be_written_to_is_named() {
    let folder = place();
    fs::create_dir(folder.path().join("closed")).unwrap();
    let closed = std::os::unix::fs::PermissionsExt::from_mode(0o555);
    fs::set_permissions(folder.path().join("closed"), closed).unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(folder.path(), open).unwrap();
    let words = ["train", "chain", "--out=closed/run"];
    // Root may write everywhere; then somebody else tries.
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let mut command = if is_root {
        let copy = folder.path().join("softac");
        fs::copy(env!("CARGO_BIN_EXE_softac"), &copy).unwrap();
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(copy);
        command
    } else {
        Command::new(env!("CARGO_BIN_EXE_softac"))
    };
    let output = command.current_dir(folder.path()).args(words).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot create closed/run") && said.contains("denied"), "{said}");
}
