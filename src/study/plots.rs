//! The plots of one run, or of several in one picture.

use std::path::{Path, PathBuf};

use super::error::PlotError;
use crate::draw::chart::{Chart, Reference, Scale, Series};
use crate::sac::EntCoef;
use crate::train::{Config, EvaluationRow, MetricsRow, Precision, RunFolder, Task, TrainError};

/// What is plotted of one run.
struct Run {
    name: String,
    config: Config,
    /// The number of actions, where it is known.
    action_dim: Option<usize>,
    metrics: Vec<MetricsRow>,
    evaluations: Vec<EvaluationRow>,
}

/// Draws learning curve, entropy and temperature into the folder `out`, each as SVG and PNG, and returns
/// the files.
///
/// # Errors
/// A run that cannot be read, or a plot that cannot be written.
pub fn plot_runs(folders: &[RunFolder], out: &Path) -> Result<Vec<PathBuf>, PlotError> {
    let runs: Vec<_> = folders.iter().map(Run::read).collect::<Result<_, _>>()?;
    std::fs::create_dir_all(out).map_err(TrainError::io("create", out))?;
    let charts = [
        ("learning_curve", learning_curve(&runs)),
        ("entropy", entropy(&runs)),
        ("temperature", temperature(&runs)),
    ];
    let mut files = Vec::new();
    for (name, chart) in charts {
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
            config,
            metrics: folder.metrics()?,
            evaluations: folder.evaluations()?,
        })
    }

    /// A series of one column of the metrics.
    fn series(&self, column: fn(&MetricsRow) -> Option<f64>) -> Series {
        let points =
            self.metrics.iter().filter_map(|row| Some((row.timesteps as f64, column(row)?)));
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

    /// H̄, if the temperature is learned.
    fn target_entropy(&self) -> Option<f64> {
        let EntCoef::Auto { .. } = self.config.sac.ent_coef else { return None };
        self.action_dim.map(|action_dim| self.config.sac.target_entropy.resolve(action_dim))
    }
}

/// How many actions the environment of a run has; another program's need not be there, the policy tells.
pub(super) fn action_dim(folder: &RunFolder, config: &Config) -> Result<usize, TrainError> {
    match (Task::find(&config.run.env), config.run.precision) {
        (Ok(Task::Native(spec)), _) => Ok(spec.make().action_space().len()),
        (_, Precision::F32) => folder.policy::<f32>().map(|policy| policy.action_dim()),
        (_, Precision::F64) => folder.policy::<f64>().map(|policy| policy.action_dim()),
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

fn entropy(runs: &[Run]) -> Chart {
    let mut targets: Vec<_> = runs.iter().filter_map(Run::target_entropy).collect();
    targets.sort_by(f64::total_cmp);
    targets.dedup();
    let reference = |y| Reference { label: "target entropy".into(), y };
    Chart {
        title: title(runs, "entropy of the policy"),
        x_label: "environment steps".into(),
        y_label: "entropy (nats)".into(),
        series: runs.iter().map(|run| run.series(|row| row.entropy)).collect(),
        references: targets.into_iter().map(reference).collect(),
        ..Chart::default()
    }
}

fn temperature(runs: &[Run]) -> Chart {
    Chart {
        title: title(runs, "temperature"),
        x_label: "environment steps".into(),
        y_label: "temperature α (reward per nat)".into(),
        series: runs.iter().map(|run| run.series(|row| row.ent_coef)).collect(),
        y_scale: Scale::Log,
        ..Chart::default()
    }
}
