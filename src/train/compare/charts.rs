//! Learning curves and performance profiles.

use std::path::{Path, PathBuf};

use super::super::TrainError;
use super::super::chart::{Chart, Series};
use super::{Comparison, Estimate, GroupSummary};

impl Comparison {
    /// Draws the learning curves (`sample_efficiency`) and the performance profiles (`performance_profiles`) of
    /// all groups into the folder `out`, each as SVG and PNG, and returns the files.
    ///
    /// # Errors
    /// A plot that cannot be written.
    pub fn plot(&self, out: &Path) -> Result<Vec<PathBuf>, TrainError> {
        std::fs::create_dir_all(out).map_err(TrainError::io("create", out))?;
        let charts = [
            ("sample_efficiency", self.sample_efficiency()),
            ("performance_profiles", self.performance_profiles()),
        ];
        let mut files = Vec::new();
        for (name, chart) in charts {
            files.extend(chart.save(&out.join(name))?);
        }
        Ok(files)
    }

    /// The learning curves of all groups.
    pub(in super::super) fn sample_efficiency(&self) -> Chart {
        let points = |group: &GroupSummary| {
            group.curve.iter().map(|point| (point.timesteps as f64, point.iqm)).collect()
        };
        Chart {
            title: self.title("learning curves"),
            x_label: "environment steps".into(),
            y_label: format!("{} (interquartile mean, {})", self.score(), self.interval()),
            series: self.groups.iter().map(|group| series(group, points(group))).collect(),
            ..Chart::default()
        }
    }

    fn performance_profiles(&self) -> Chart {
        let points = |group: &GroupSummary| {
            group.profile.iter().map(|point| (point.tau, point.share)).collect()
        };
        Chart {
            title: self.title("performance profiles"),
            x_label: format!("{} τ of the final evaluation", self.score()),
            y_label: format!("share of runs above τ ({})", self.interval()),
            series: self.groups.iter().map(|group| series(group, points(group))).collect(),
            ..Chart::default()
        }
    }

    fn title(&self, what: &str) -> String {
        let names: Vec<_> = self.tasks.iter().map(|task| task.env.as_str()).collect();
        format!("{}: {what}", names.join(", "))
    }

    fn interval(&self) -> String {
        format!("{} % interval", 100.0 * self.confidence)
    }

    /// What the numbers are.
    fn score(&self) -> &'static str {
        if self.is_normalised() { "normalised score" } else { "return" }
    }

    /// Whether scores are normalised returns.
    #[must_use]
    pub fn is_normalised(&self) -> bool {
        self.tasks.iter().any(|task| task.range.is_some())
    }
}

/// A line under the group's name and, where it has several runs, a band.
fn series(group: &GroupSummary, points: Vec<(f64, Estimate)>) -> Series {
    let place = |&(x, Estimate { interval, .. }): &(f64, Estimate)| {
        let (low, high) = interval?;
        Some((x, low, high))
    };
    let band = points.iter().map(place).collect();
    let line = points.iter().map(|&(x, Estimate { value, .. })| (x, value)).collect();
    let name = format!("{} ({} runs)", group.name, group.runs.len());
    Series { label: name, points: line, band }
}
