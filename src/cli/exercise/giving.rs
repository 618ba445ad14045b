//! How the findings of an exercise are saved and printed.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use softac::study::exercise::Findings;
use softac::train::RunFolder;

use super::super::error::CliError;
use super::super::table::print_table;

/// How an exercise gives its findings.
#[derive(Args)]
pub struct Giving {
    /// The folder for plot, data and run folders [default: runs/exercises/<exercise>/<env>]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print JSON, with everything that was found
    #[arg(long)]
    pub json: bool,
}

impl Giving {
    /// The folder of an exercise in this environment.
    pub fn folder<F: Findings>(&self, env: &str) -> PathBuf {
        let exercises = Path::new("runs/exercises").join(F::NAME);
        self.out.clone().unwrap_or_else(|| RunFolder::place_of_env(&exercises, env))
    }

    /// Saves what was found in this folder, and prints it.
    pub fn give<F: Findings>(
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
