//! Which hole is next, and why its tests fail.
//!
//! It exits with 0 when it could say so, whether a hole is filled or not; with 2 where it was asked for what is not there.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use softac_holes::attempt::{Attempt, AttemptError, Failure, Test, attempt};
use softac_holes::list::{HOLES, Hole};

/// Messages are broken at so many characters.
const WIDTH: usize = 100;

/// The equations of Soft Actor-Critic as holes to fill.
#[derive(Parser)]
#[command(name = "next", bin_name = "cargo run --", args_conflicts_with_subcommands = true)]
#[command(
    after_help = "Without arguments: the first hole that is not filled, and why.\n\nExample: cargo run -- 9"
)]
struct Arguments {
    /// One hole, by its number or its name, whatever the state of the others.
    hole: Option<&'static Hole>,
    #[command(subcommand)]
    command: Option<Request>,
}

#[derive(Subcommand)]
enum Request {
    /// All holes, with their chapters.
    List,
    /// A hint to one hole.
    Hint {
        /// Its number or its name.
        hole: &'static Hole,
        /// All hints, the last of which says nearly everything.
        #[arg(long)]
        more: bool,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let said = match (arguments.command, arguments.hole) {
        (Some(Request::List), _) => {
            list();
            Ok(())
        }
        (Some(Request::Hint { hole, more }), _) => {
            hint(hole, more);
            Ok(())
        }
        (None, Some(hole)) => one(hole),
        (None, None) => next(),
    };
    match said {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn list() {
    for hole in &HOLES {
        println!("{:02}  {:44} docs/src/{}", hole.number, hole.title, hole.chapter);
    }
}

fn hint(hole: &Hole, more: bool) {
    let shown = if more { hole.hints.len() } else { 1 };
    hole.hints.iter().take(shown).for_each(|hint| println!("{}", indented(hint)));
    if shown < hole.hints.len() {
        println!("\nMore: cargo run -- hint {} --more", hole.number);
    }
}

/// The first hole that is not filled.
fn next() -> Result<(), AttemptError> {
    for hole in &HOLES {
        match attempt(hole)? {
            Attempt::Filled => println!("✓ {:02}  {}", hole.number, hole.title),
            attempt => {
                explain(hole, &attempt);
                return Ok(());
            }
        }
    }
    println!("\nAll holes are filled: every line of the algorithm has been yours once.");
    Ok(())
}

fn one(hole: &Hole) -> Result<(), AttemptError> {
    match attempt(hole)? {
        Attempt::Filled => {
            println!("✓ {:02}  {}", hole.number, hole.title);
            println!("\nCompare: exercises/solutions/{}.rs", hole.file());
        }
        attempt => explain(hole, &attempt),
    }
    Ok(())
}

/// Says what is wrong, one thing at a time.
fn explain(hole: &Hole, attempt: &Attempt) {
    let file = hole.file();
    println!("\n▸ {:02}  {}\n", hole.number, hole.title);
    println!("  edit      exercises/holes/{file}.rs");
    println!("  read      docs/src/{}", hole.chapter);
    println!("  tests     exercises/tests/{file}.rs\n");
    match attempt {
        Attempt::Filled => {}
        Attempt::Fails(tests) => explain_tests(tests),
        Attempt::Unreadable(said) => println!("{}\n", said.trim_end()),
    }
    println!("A hint: cargo run -- hint {}", hole.number);
}

fn explain_tests(tests: &[Test]) {
    for Test { name, failure } in tests {
        let mark = if failure.is_none() { '✓' } else { '✗' };
        println!("  {mark} {}", name.replace('_', " "));
    }
    let first = tests.iter().find_map(|test| Some((&test.name, test.failure.as_ref()?)));
    if let Some((name, Failure { place, message })) = first {
        let place = place.as_ref().map_or(String::new(), |place| format!(", at exercises/{place}"));
        println!("\n{}{place}:\n", name.replace('_', " "));
        message.lines().for_each(|line| println!("{}", indented(line)));
        println!();
    }
}

/// A line of a message, broken where it is too long.
fn indented(line: &str) -> String {
    let options = textwrap::Options::new(WIDTH).initial_indent("  ").subsequent_indent("  ");
    textwrap::fill(line, options)
}
