//! `softac plot`

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use softac::study::plot_runs;
use softac::train::RunFolder;

use super::error::CliError;

/// Plot learning curve, entropy and temperature of one run, or of several in one picture
#[derive(Args)]
#[command(after_help = "\
Examples:
  softac plot runs/Pendulum-v1/seed-0
  softac plot runs/Pendulum-v1/seed-* --out comparison")]
pub struct Plot {
    /// The run folders
    #[arg(required = true)]
    runs: Vec<PathBuf>,
    /// Where the plots go [default, for one run: its plots folder]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Plot {
    pub fn run(self, out: &mut impl Write) -> Result<(), CliError> {
        let runs: Vec<_> =
            self.runs.iter().map(|run| RunFolder::open(run)).collect::<Result<_, _>>()?;
        let folder = match (self.out, runs.as_slice()) {
            (Some(folder), _) => folder,
            (None, [run]) => run.plots(),
            (None, _) => {
                return Err(CliError::Usage("several runs need a place: add --out DIR".into()));
            }
        };
        for file in plot_runs(&runs, &folder)? {
            writeln!(out, "{}", file.display())?;
        }
        Ok(())
    }
}
