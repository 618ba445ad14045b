//! Programs that a signal stops.

use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Sends the signal of this name: `-INT` is Ctrl-C.
pub fn send(signal: &str, child: &Child) {
    let kill = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
}

/// Runs `softac`, sends the signal once `is_time`, and gives what was said on standard error. The end has to be that of an
/// interruption.
pub fn stopped(
    signal: &str,
    softac: &mut Command,
    mut is_time: impl FnMut(&mut Child) -> bool,
) -> String {
    let mut child = softac.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let wait = |what: &str, happened: &mut dyn FnMut() -> bool| {
        let begin = Instant::now();
        while !happened() {
            assert!(begin.elapsed() < Duration::from_secs(25), "{what}");
            sleep(Duration::from_millis(1));
        }
    };
    wait("it is time", &mut || is_time(&mut child));
    send(signal, &child);
    wait("it ends", &mut || child.try_wait().unwrap().is_some());
    let done = child.wait_with_output().unwrap();
    let [out, err] = [done.stdout, done.stderr].map(|said| String::from_utf8(said).unwrap());
    assert_eq!(done.status.code(), Some(130), "{err}");
    assert!(!out.contains("final evaluation") && !err.contains("panicked"), "{out}{err}");
    err
}
