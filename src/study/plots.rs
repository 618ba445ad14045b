//! The plots of one run, or of several in one picture.

use std::path::{Path, PathBuf};

use super::error::PlotError;
use crate::Scalar;
use crate::agent::{Algorithm, Column, Plot};
use crate::draw::chart::{Chart, Reference, Scale, Series};
use crate::train::{Config, EvaluationRow, MetricsRow, RunFolder, Task, TrainError, Work};

/// What is plotted of one run.
struct Run {
    name: String,
    config: Config,
    /// The number of actions, where it is known.
    action_dim: Option<usize>,
    metrics: Vec<MetricsRow>,
    evaluations: Vec<EvaluationRow>,
}

/// Draws the learning curve, the success rate where it was told, and each column of the metrics that has a plot, into the
/// folder `out`, as SVG and PNG, and returns the files.
///
/// # Errors
/// A run that cannot be read, or a plot that cannot be written.
pub fn plot_runs(folders: &[RunFolder], out: &Path) -> Result<Vec<PathBuf>, PlotError> {
    let runs: Vec<_> = folders.iter().map(Run::read).collect::<Result<_, _>>()?;
    std::fs::create_dir_all(out).map_err(TrainError::io("create", out))?;
    let learning = ("learning_curve", learning_curve(&runs));
    let successes = success_rates(&runs).map(|chart| ("success_rate", chart));
    let charts = columns(&runs).map(|(column, plot)| (plot.file, curves(&runs, column, plot)));
    let mut files = Vec::new();
    for (name, chart) in std::iter::once(learning).chain(successes).chain(charts) {
        files.extend(chart.save(&out.join(name))?);
    }
    Ok(files)
}

impl Run {
    fn read(folder: &RunFolder) -> Result<Self, TrainError> {
        let config = folder.config()?;
        let name = folder.path().file_name().unwrap_or(folder.path().as_os_str());
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            action_dim: action_dim(folder, &config).ok(),
            metrics: folder.metrics_of(config.algo.columns())?,
            config,
            evaluations: folder.evaluations()?,
        })
    }

    /// A series of one column of the metrics.
    fn series(&self, column: &str) -> Series {
        let rows = self.metrics.iter();
        let points = rows.filter_map(|row| Some((row.timesteps as f64, row.mean(column)?)));
        Series { label: self.name.clone(), points: points.collect(), band: None }
    }

    fn evaluation_series(&self, with_band: bool) -> Series {
        let rows = || self.evaluations.iter().map(|row| (row.timesteps as f64, row));
        let band = || {
            rows()
                .map(|(x, row)| {
                    (x, row.mean_reward - row.std_reward, row.mean_reward + row.std_reward)
                })
                .collect()
        };
        Series {
            label: self.name.clone(),
            points: rows().map(|(x, row)| (x, row.mean_reward)).collect(),
            band: with_band.then(band),
        }
    }

    /// The success rates of the evaluations, if there are any.
    fn success_series(&self) -> Option<Series> {
        let rows = self.evaluations.iter();
        let points = rows.filter_map(|row| Some((row.timesteps as f64, row.success_rate?)));
        let points: Vec<_> = points.collect();
        let told = !points.is_empty();
        told.then(|| Series { label: self.name.clone(), points, band: None })
    }

    /// The level that a column is to reach, with its name.
    fn level(&self, column: &Column) -> Option<(&'static str, f64)> {
        self.config.algo.level(column.short_name(), self.action_dim?)
    }
}

/// How many actions the environment of a run has; another program's need not be there, the policy tells.
pub(super) fn action_dim(folder: &RunFolder, config: &Config) -> Result<usize, TrainError> {
    match Task::find(&config.run.env) {
        Ok(Task::Native(spec)) => Ok(spec.make().action_space().len()),
        _ => config.with_types(ActionDim { folder }),
    }
}

struct ActionDim<'a> {
    folder: &'a RunFolder,
}

impl Work for ActionDim<'_> {
    type Output = Result<usize, TrainError>;

    fn run<T: Scalar, A: Algorithm<T>>(self) -> Self::Output {
        self.folder.policy::<T>().map(|policy| policy.action_dim())
    }
}

/// The environments' names, each once.
fn title(runs: &[Run], what: &str) -> String {
    let mut names: Vec<_> = runs.iter().map(|run| run.config.run.env.as_str()).collect();
    names.dedup();
    format!("{}: {what}", names.join(", "))
}

fn learning_curve(runs: &[Run]) -> Chart {
    let single = runs.len() == 1;
    let y_label = if single { "return (mean ± standard deviation)" } else { "mean return" };
    Chart {
        title: title(runs, "evaluation of the deterministic policy"),
        x_label: "environment steps".into(),
        y_label: y_label.into(),
        series: runs.iter().map(|run| run.evaluation_series(single)).collect(),
        ..Chart::default()
    }
}

/// The success rates of the runs that have some.
fn success_rates(runs: &[Run]) -> Option<Chart> {
    let series: Vec<_> = runs.iter().filter_map(Run::success_series).collect();
    let told = !series.is_empty();
    told.then(|| Chart {
        title: title(runs, "success in evaluations"),
        x_label: "environment steps".into(),
        y_label: "share of successful episodes".into(),
        series,
        ..Chart::default()
    })
}

/// The columns of these runs that have a plot, each once.
fn columns(runs: &[Run]) -> impl Iterator<Item = (&'static Column, Plot)> {
    let mut found: Vec<(&Column, Plot)> = Vec::new();
    for column in runs.iter().flat_map(|run| run.config.algo.columns()) {
        if let Some(plot) = column.plot
            && !found.iter().any(|(_, other)| other.file == plot.file)
        {
            found.push((column, plot));
        }
    }
    found.into_iter()
}

/// A column of all runs that have it, with the levels that it is to reach.
fn curves(runs: &[Run], column: &Column, plot: Plot) -> Chart {
    let has_it = |run: &&Run| run.config.algo.columns().iter().any(|it| it.name == column.name);
    let runs_with_it: Vec<_> = runs.iter().filter(has_it).collect();
    let mut levels: Vec<_> = runs_with_it.iter().filter_map(|run| run.level(column)).collect();
    levels.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    levels.dedup();
    let reference = |(label, y): (&str, f64)| Reference { label: label.into(), y };
    Chart {
        title: title(runs, plot.title),
        x_label: "environment steps".into(),
        y_label: plot.y_label.into(),
        series: runs_with_it.iter().map(|run| run.series(column.name)).collect(),
        references: levels.into_iter().map(reference).collect(),
        y_scale: if plot.log { Scale::Log } else { Scale::default() },
        ..Chart::default()
    }
}
