//! `softac exercise`: what is typed for each exercise, and how its findings are printed.

mod bandit;
mod entropy;
mod temperature;
mod training;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use softac::study::exercise::Findings;
use softac::train::RunFolder;

use super::CliError;
use super::table::print_table;

/// Answer a question about entropy and temperature from data, with a plot
///
/// Each exercise prints its numbers, what they say and where its files are, and has a page in the book.
#[derive(Args)]
#[command(after_help = "\
Examples:
  softac exercise entropy
  softac exercise temperature --env pendulum --total-timesteps 20000
  softac exercise bandit --rewards 1,0")]
pub struct Exercise {
    #[command(subcommand)]
    name: Name,
}

#[derive(Subcommand)]
enum Name {
    Entropy(Box<entropy::Entropy>),
    Temperature(Box<temperature::Temperature>),
    Bandit(bandit::Bandit),
}

impl Exercise {
    pub fn run(self, out: &mut impl Write) -> Result<(), CliError> {
        match self.name {
            Name::Entropy(exercise) => exercise.run(out),
            Name::Temperature(exercise) => exercise.run(out),
            Name::Bandit(exercise) => exercise.run(out),
        }
    }
}

/// How an exercise gives its findings.
#[derive(Args)]
struct Giving {
    /// The folder for plot, data and run folders [default: runs/exercises/<exercise>/<env>]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print JSON, with everything that was found
    #[arg(long)]
    json: bool,
}

impl Giving {
    /// The folder of an exercise in this environment.
    fn folder<F: Findings>(&self, env: &str) -> PathBuf {
        let exercises = Path::new("runs/exercises").join(F::NAME);
        self.out.clone().unwrap_or_else(|| RunFolder::place_of_env(&exercises, env))
    }

    /// Saves what was found in this folder, and prints it.
    fn give<F: Findings>(
        &self,
        findings: &F,
        folder: &Path,
        out: &mut impl Write,
    ) -> Result<(), CliError> {
        let files = findings.save(folder)?;
        if self.json {
            let json = serde_json::json!({
                "exercise": F::NAME,
                "findings": findings,
                "reading": findings.reading(),
                "files": files,
            });
            return Ok(writeln!(out, "{json}")?);
        }
        print_table(&findings.table(), out)?;
        writeln!(out)?;
        for sentences in findings.reading() {
            writeln!(out, "{sentences}")?;
        }
        writeln!(out)?;
        for file in files {
            writeln!(out, "{}", file.display())?;
        }
        Ok(())
    }
}
