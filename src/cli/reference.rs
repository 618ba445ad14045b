//! `softac settings`

use std::io::Write;

use clap::Args;
use softac::train::settings_page;

use super::error::CliError;

/// List all settings: key, default, values and effect
#[derive(Args)]
#[command(after_help = "Example:\n  softac settings")]
pub struct Reference {}

impl Reference {
    pub fn run(self, out: &mut impl Write) -> Result<(), CliError> {
        Ok(write!(out, "{}", settings_page())?)
    }
}
