//! `softac gradcheck`

use std::io::Write;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use softac::gradcheck::{Case, Checker, Coverage, Report, SHAPES, suite_at};
use softac::tape::Shape;

use super::error::CliError;

/// Check every derivative of the crate against finite differences
#[derive(Args)]
#[command(after_help = "\
Examples:
  softac gradcheck
  softac gradcheck --only loss/ --shapes 4x3,1x1
  softac gradcheck --json > gradcheck.json")]
pub struct Gradcheck {
    /// Only cases whose id contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Batch sizes and dimensions, e.g. 4x3,1x1
    #[arg(long, value_delimiter = ',', value_parser = parse_shape, value_name = "BxD")]
    shapes: Vec<Shape>,
    /// Seed of points and cotangents
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Print JSON, with every component
    #[arg(long)]
    json: bool,
}

fn parse_shape(text: &str) -> Result<Shape, String> {
    let parse = |part: &str| part.parse().ok().filter(|n| (1..=64).contains(n));
    let parts = text.split_once('x').and_then(|(b, d)| Some([parse(b)?, parse(d)?]));
    parts.ok_or_else(|| "it must have the form BxD, both from 1 to 64".into())
}

impl Gradcheck {
    pub fn run(self, out: &mut impl Write) -> Result<(), CliError> {
        let shapes = if self.shapes.is_empty() { SHAPES.to_vec() } else { self.shapes.clone() };
        let wanted = |case: &Case| self.only.as_ref().is_none_or(|only| case.id().contains(only));
        let cases: Vec<_> = suite_at(&shapes).filter(wanted).collect();
        if cases.is_empty() {
            return Err(CliError::Usage("no case has an id like that; leave --only out".into()));
        }
        let reports = self.check(&cases)?;
        if self.json {
            let entries: Vec<_> = reports
                .iter()
                .map(|(id, report)| serde_json::json!({ "id": id, "report": report }))
                .collect();
            writeln!(out, "{}", serde_json::Value::from(entries))?;
        } else {
            print(&reports, out)?;
        }
        let failed = reports.iter().filter(|(_, report)| !report.is_ok()).count();
        if failed > 0 { Err(CliError::GradientsWrong { failed }) } else { Ok(()) }
    }

    fn check(&self, cases: &[Case]) -> Result<Vec<(String, Report)>, CliError> {
        let checker = Checker::new().seed(self.seed);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} cases  {msg}")
            .expect("the template is well-formed");
        let bar = ProgressBar::new(cases.len() as u64).with_style(style.progress_chars("━╸─"));
        let mut reports = Vec::new();
        for case in cases {
            bar.set_message(case.id());
            reports.push((case.id(), case.run_with(&checker).map_err(CliError::Gradcheck)?));
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(reports)
    }
}

/// A row per case, what failed in full, and the ledger.
fn print(reports: &[(String, Report)], out: &mut impl Write) -> Result<(), CliError> {
    let width = reports.iter().map(|(id, _)| id.len()).fold(4, usize::max);
    writeln!(out, "{:width$}  components  unchecked  worst error  error/bound", "case")?;
    let mut ledger = Coverage::default();
    let mut worst: f64 = 0.0;
    for (id, report) in reports {
        let coverage = &report.coverage;
        let ratio = report.worst().map_or(0.0, |row| row.error_to_bound());
        let adjudicated = report.rows.iter().filter(|row| row.verdict.is_adjudicated());
        let error = adjudicated.map(|row| row.abs_error()).fold(0.0, f64::max);
        let (components, unchecked) = (coverage.components, coverage.abstentions());
        let mark = if report.is_ok() { "" } else { "  FAILED" };
        writeln!(
            out,
            "{id:width$}  {components:>10}  {unchecked:>9}  {error:>11.1e}  {ratio:>11.3}{mark}"
        )?;
        ledger.absorb(coverage);
        worst = worst.max(ratio);
    }
    for (id, report) in reports.iter().filter(|(_, report)| !report.is_ok()) {
        writeln!(out, "\n{id}\n{report}")?;
    }
    writeln!(out, "\n{ledger}; worst error/bound {worst:.3}")?;
    Ok(())
}
