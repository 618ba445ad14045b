//! For CI: every hole, as nobody has touched it, is compiled and fails for the reason that the list has for it.

use std::process::ExitCode;

use softac_holes::attempt::{Attempt, Test, attempt};
use softac_holes::list::{HOLES, Hole, Unfilled};

fn main() -> ExitCode {
    let mut wrong = false;
    for hole in &HOLES {
        let found = attempt(hole).map_err(|error| error.to_string());
        let verdict = found.and_then(|attempt| judge(hole, &attempt));
        match verdict {
            Ok(reason) => println!("{}: {reason}", hole.file()),
            Err(problem) => {
                wrong = true;
                println!("{}: WRONG: {problem}", hole.file());
            }
        }
    }
    if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The reason why it fails, if that is as it should be.
fn judge(hole: &Hole, attempt: &Attempt) -> Result<String, String> {
    let tests = match attempt {
        Attempt::Filled => return Err("its tests pass, and there is nothing to do".into()),
        Attempt::Unreadable(said) => return Err(format!("it cannot be compiled or run:\n{said}")),
        Attempt::Fails(tests) => tests,
    };
    match hole.unfilled {
        Unfilled::Missing => missing(tests),
        Unfilled::Mistaken { test, says } => mistaken(tests, test, says),
    }
}

fn missing(tests: &[Test]) -> Result<String, String> {
    let meets_it = |test: &&Test| {
        let failure = test.failure.as_ref();
        failure.is_some_and(|failure| failure.message.starts_with("not yet implemented"))
    };
    match tests.iter().find(|test| !meets_it(test)) {
        Some(test) => Err(format!("{} does not meet the hole", test.name)),
        None => Ok(format!("all {} tests meet the hole", tests.len())),
    }
}

fn mistaken(tests: &[Test], name: &str, says: &str) -> Result<String, String> {
    let first = tests.iter().find_map(|test| Some((test, test.failure.as_ref()?)));
    match first {
        Some((test, failure)) if test.name == name && failure.message.contains(says) => {
            Ok(format!("{name} says \"{says}\""))
        }
        other => Err(format!("{name} should say \"{says}\" first, but there is {other:?}")),
    }
}
