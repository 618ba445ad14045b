//! Programs that are interrupted.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs `softac` in this folder, interrupts it once each of these runs has a few rows of metrics, and gives what it said
/// on standard error, which has to be an interruption's.
pub fn interrupted(folder: &Path, words: &[String], runs: &[&Path]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_softac"));
    command.current_dir(folder).args(words).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let begin = Instant::now();
    let wait = |what: &str, happened: &mut dyn FnMut() -> bool| {
        while !happened() {
            assert!(begin.elapsed() < Duration::from_secs(50), "{what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let rows = |run: &&Path| {
        let text = std::fs::read_to_string(folder.join(run).join("metrics.csv"));
        text.map_or(0, |text| text.lines().count())
    };
    wait("all train", &mut || runs.iter().all(|run| rows(run) > 4));
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
    wait("it ends", &mut || child.try_wait().unwrap().is_some());
    let done = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(130), "{said}");
    said
}
