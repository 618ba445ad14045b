//! `softac exercise bandit`

use std::io::Write;

use clap::Args;
use softac::env::TwoArms;
use softac::study::exercise::BanditFindings;

use super::super::error::CliError;
use super::giving::Giving;

/// What does the best policy do as the temperature goes from 0 to infinity?
///
/// Two arms with known rewards: the Boltzmann policy and the soft value in closed form, with policies on top that were
/// learned by gradient descent on the tape.
#[derive(Args)]
#[command(after_help = "\
Examples:
  softac exercise bandit
  softac exercise bandit --rewards 0.3,-2 --out bandit --json")]
pub struct Bandit {
    /// The rewards of the two arms
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "R1,R2",
        default_value = "1,0",
        allow_hyphen_values = true
    )]
    rewards: Vec<f64>,
    #[command(flatten)]
    giving: Giving,
}

impl Bandit {
    pub fn run(self, out: &mut impl Write) -> Result<(), CliError> {
        let usage = |text: String| CliError::Usage(format!("`--rewards`: {text}"));
        let rewards = self.rewards.try_into();
        let rewards = rewards.map_err(|_| usage("there must be two, as in 1,0".into()))?;
        let arms = TwoArms::new(rewards).map_err(|error| usage(error.to_string()))?;
        let findings = BanditFindings::new(&arms).map_err(CliError::Bandit)?;
        self.giving.give(&findings, &self.giving.folder::<BanditFindings>("two-arms"), out)
    }
}
