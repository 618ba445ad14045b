//! `softac compare`

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use softac::env;
use softac::statistics::Bootstrap;
use softac::study::compare::{Comparison, Curve, Estimate, GroupSummary, Options, Range, compare};
use softac::train::TrainError;

use super::error::CliError;
use super::table::print_table;

/// Say what several runs come to together, and how sure that is
///
/// A folder with runs in it is a group under its name. Run folders that are given one by one form a group for each
/// configuration, whatever the seed. With --by, settings decide.
///
/// The score of a run is the mean return of its final evaluation. Groups are summed up by the interquartile mean and
/// the mean, two groups by the probability that a run of the one scores more, all with stratified bootstrap
/// intervals (Agarwal et al. 2021, arXiv:2108.13264). Where every run tells the success rate of its final evaluation,
/// the groups have the mean of these.
#[derive(Args)]
#[command(after_help = "\
Examples:
  softac compare runs/Pendulum-v1
  softac compare runs/learned runs/fixed --out comparison
  softac compare runs/gym-HalfCheetah-v5 --out comparison --beside published.csv
  softac compare runs --by ent_coef --normalise -1200,-130 --target 1 --json")]
pub struct Compare {
    /// Run folders, and folders with run folders in them
    #[arg(required = true)]
    runs: Vec<PathBuf>,
    /// Group all runs by the values of these settings instead
    #[arg(long, value_delimiter = ',', value_name = "SETTINGS")]
    by: Vec<String>,
    /// Returns that count as 0 and as 1; once for every environment if there are several
    #[arg(long, value_name = "[ENV=]LOW,HIGH", allow_hyphen_values = true, value_parser = parse_range)]
    normalise: Vec<Range>,
    /// The same from a TOML file with lines ENV = [LOW, HIGH]
    #[arg(long, value_name = "FILE")]
    normalise_from: Option<PathBuf>,
    /// Count how far scores stay below this one: the optimality gap
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true, value_parser = parse_finite)]
    target: Option<f64>,
    /// Resamples behind each interval
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    resamples: u32,
    /// Seed of the resamples
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Leave out runs that are not finished
    #[arg(long)]
    allow_unfinished: bool,
    /// Draw learning curves and performance profiles into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Draw the learning curves of this CSV file beside those of the runs; its columns are
    /// curve,timesteps,value,low,high, and its values returns
    #[arg(long, value_name = "FILE", requires = "out", conflicts_with_all = ["normalise", "normalise_from"])]
    beside: Option<PathBuf>,
    /// Print JSON, with every run, profile and learning curve
    #[arg(long)]
    json: bool,
}

impl Compare {
    pub fn run(self, out: &mut impl Write) -> Result<(), CliError> {
        let mut ranges = self.normalise;
        if let Some(path) = &self.normalise_from {
            ranges.extend(read_ranges(path)?);
        }
        for env in ranges.iter_mut().filter_map(|range| range.env.as_mut()) {
            *env = env::find(env).map_err(TrainError::from)?.id.to_string();
        }
        let resamples = self.resamples as usize;
        let options = Options {
            by: self.by,
            ranges,
            target: self.target,
            bootstrap: Bootstrap { resamples, seed: self.seed, ..Bootstrap::default() },
            allow_unfinished: self.allow_unfinished,
        };
        let beside = self.beside.map(|file| Curve::read(&file)).transpose()?.unwrap_or_default();
        let comparison = compare(&self.runs, &options)?;
        if !beside.is_empty() && comparison.tasks.len() > 1 {
            let reason = "--beside draws returns in one environment, but these runs are of several";
            return Err(CliError::Usage(reason.into()));
        }
        let plots = match &self.out {
            Some(folder) => comparison.plot(folder, &beside)?,
            None => vec![],
        };
        if self.json {
            return Ok(writeln!(out, "{}", serde_json::json!(comparison))?);
        }
        print(&comparison, out)?;
        for file in plots {
            writeln!(out, "{}", file.display())?;
        }
        Ok(())
    }
}

fn parse_finite(text: &str) -> Result<f64, String> {
    let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| "it must be a finite number".into())
}

fn parse_range(text: &str) -> Result<Range, String> {
    let (env, range) = match text.rsplit_once('=') {
        Some((env, range)) => (Some(env.trim().to_string()), range),
        None => (None, text),
    };
    let (low, high) = range.split_once(',').ok_or("it must have the form [ENV=]LOW,HIGH")?;
    Ok(Range { env, low: parse_finite(low)?, high: parse_finite(high)? })
}

fn read_ranges(path: &Path) -> Result<Vec<Range>, CliError> {
    let refused = |reason: String| CliError::Usage(format!("{}: {reason}", path.display()));
    let read = |source| TrainError::Io { action: "read", path: path.to_path_buf(), source };
    let text = String::from_utf8(std::fs::read(path).map_err(read)?);
    let text = text.map_err(|error| refused(error.to_string()))?;
    let ranges: toml::map::Map<String, toml::Value> =
        text.parse().map_err(|error: toml::de::Error| refused(error.to_string()))?;
    let range = |(env, range): (String, toml::Value)| {
        let wrong = |_| refused(format!("`{env}` must be [LOW, HIGH], two numbers"));
        let (low, high) = range.try_into().map_err(wrong)?;
        Ok(Range { env: Some(env), low, high })
    };
    ranges.into_iter().map(range).collect()
}

/// A table of the groups, the probabilities, and what has to be known about them.
pub fn print(comparison: &Comparison, out: &mut impl Write) -> Result<(), CliError> {
    let Comparison { tasks, target, groups, improvements, left_out, .. } = comparison;
    let envs: Vec<_> = tasks.iter().map(|task| task.env.as_str()).collect();
    let score = if comparison.is_normalised() { "normalised return" } else { "return" };
    writeln!(out, "{}: {score} of the final evaluation\n", envs.join(", "))?;
    let several_tasks = tasks.len() > 1;
    let mut header =
        vec!["group".into(), "runs".into(), "interquartile mean".into(), "mean".into()];
    // The median is that of the environments' means.
    header.extend(several_tasks.then(|| "median".into()));
    header.extend(target.map(|target| format!("gap to {target}")));
    let told = groups.iter().all(|group| group.success_rate.is_some());
    header.extend(told.then(|| "success rate".into()));
    let row = |group: &GroupSummary| {
        let mut cells = vec![group.name.clone(), group.runs.len().to_string()];
        cells.extend([text(&group.iqm), text(&group.mean)]);
        cells.extend(several_tasks.then(|| text(&group.median)));
        cells.extend(group.optimality_gap.as_ref().map(text));
        cells.extend(group.success_rate.as_ref().filter(|_| told).map(text));
        cells
    };
    print_table(&[header].into_iter().chain(groups.iter().map(row)).collect::<Vec<_>>(), out)?;
    if !improvements.is_empty() {
        writeln!(out)?;
    }
    for improvement in improvements {
        let probability = text(&improvement.probability);
        writeln!(out, "P({} > {}) = {probability}", improvement.x, improvement.y)?;
    }
    let (percent, n, seed) = (100.0 * comparison.confidence, comparison.resamples, comparison.seed);
    writeln!(out, "\n[{percent} % intervals: stratified bootstrap, {n} resamples, seed {seed}]")?;
    if groups.iter().any(|group| group.iqm.interval.is_none()) {
        writeln!(out, "note: a single run in an environment gives no interval")?;
    }
    if several_tasks && !comparison.is_normalised() {
        let note = "returns of several environments are pooled as they are; see --normalise";
        writeln!(out, "note: {note}")?;
    }
    if !left_out.is_empty() {
        let (n, list) = (left_out.len(), left_out.join(", "));
        writeln!(
            out,
            "note: {n} not finished and not counted, which may flatter the others: {list}"
        )?;
    }
    Ok(())
}

fn text(estimate: &Estimate) -> String {
    let value = number(estimate.value);
    match estimate.interval {
        Some((low, high)) => format!("{value} [{}, {}]", number(low), number(high)),
        None => value,
    }
}

fn number(x: f64) -> String {
    match x.abs() {
        size if size >= 1e7 => format!("{x:.3e}"),
        size if size >= 100.0 => format!("{x:.1}"),
        _ => format!("{x:.3}"),
    }
}
