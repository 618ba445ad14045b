//! The command line: what is typed, and what is printed. The work is done by the library.

mod acting;
mod bench;
mod check_env;
mod compare;
mod envs;
mod error;
mod eval;
mod exercise;
mod export;
mod export_report;
mod flags;
mod gradcheck;
mod gym;
mod patience;
mod plot;
mod progress;
mod reference;
mod replay_fault;
mod resume;
mod seeds;
mod session;
mod settings;
mod study;
mod table;
mod threads;
mod train;
mod verify;
mod watch;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use error::CliError;

/// Soft Actor-Critic from first principles.
#[derive(Parser)]
#[command(version, about, after_help = "Example:\n  softac train pendulum")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Train(Box<train::Train>),
    Resume(resume::Resume),
    Verify(verify::Verify),
    ReplayFault(replay_fault::ReplayFault),
    Eval(eval::Eval),
    Export(Box<export::Export>),
    Watch(watch::Watch),
    Plot(plot::Plot),
    Compare(compare::Compare),
    Exercise(Box<exercise::Exercise>),
    Envs(envs::Envs),
    Settings(reference::Reference),
    CheckEnv(check_env::CheckEnv),
    Gradcheck(gradcheck::Gradcheck),
    Bench(bench::Bench),
}

/// Runs the command and says how it ended: 0 only on success, 2 for wrong usage.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = io::stdout().lock();
    let done = match cli.command {
        Command::Train(command) => command.run(&mut out),
        Command::Resume(command) => command.run(&mut out),
        Command::Verify(command) => command.run(&mut out),
        Command::ReplayFault(command) => command.run(&mut out),
        Command::Eval(command) => command.run(&mut out),
        Command::Export(command) => command.run(&mut out),
        Command::Watch(command) => command.run(&mut out),
        Command::Plot(command) => command.run(&mut out),
        Command::Compare(command) => command.run(&mut out),
        Command::Exercise(command) => command.run(&mut out),
        Command::Envs(command) => command.run(&mut out),
        Command::Settings(command) => command.run(&mut out),
        Command::CheckEnv(command) => command.run(&mut out),
        Command::Gradcheck(command) => command.run(&mut out),
        Command::Bench(command) => command.run(&mut out),
    };
    match done.and_then(|()| Ok(out.flush()?)) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the output has seen enough, as `head` does.
        Err(CliError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            // Where nobody reads this either, the exit code remains.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
