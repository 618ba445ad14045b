//! `softac exercise`: a command for each exercise.

mod bandit;
mod entropy;
mod giving;
mod temperature;
mod training;

use std::io::Write;

use clap::{Args, Subcommand};

use super::error::CliError;

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
