//! Learning curves and performance profiles.

use std::path::{Path, PathBuf};

use super::comparison::Comparison;
use super::curves::{self, Curve};
use super::summary::{Estimate, GroupSummary};
use crate::draw::chart::{Chart, Series};
use crate::files::write_whole;
use crate::study::error::PlotError;
use crate::train::TrainError;

impl Comparison {
    /// Draws the learning curves (`sample_efficiency`) and the performance profiles (`performance_profiles`) of
    /// all groups into the folder `out`, each as SVG and PNG, writes the curves as `sample_efficiency.csv`, and returns
    /// the files. The curves `beside`, which are of returns, are drawn after those of the groups.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn plot(&self, out: &Path, beside: &[Curve]) -> Result<Vec<PathBuf>, PlotError> {
        std::fs::create_dir_all(out).map_err(TrainError::io("create", out))?;
        let mut learning = self.sample_efficiency();
        let others = beside.iter().map(|curve| series(curve.label.clone(), points(curve)));
        learning.series.extend(others);
        let mut files = Vec::new();
        for (name, chart) in
            [("sample_efficiency", learning), ("performance_profiles", self.performance_profiles())]
        {
            files.extend(chart.save(&out.join(name))?);
        }
        let curves: Vec<_> = self.groups.iter().map(Curve::from).collect();
        let path = out.join("sample_efficiency.csv");
        let written = write_whole(&path, curves::csv(&curves).as_bytes());
        written.map_err(TrainError::io("write", &path))?;
        files.push(path);
        Ok(files)
    }

    /// The learning curves of all groups.
    pub(in super::super) fn sample_efficiency(&self) -> Chart {
        let curves = self.groups.iter().map(Curve::from);
        Chart {
            title: self.title("learning curves"),
            x_label: "environment steps".into(),
            y_label: format!("{} (interquartile mean, {})", self.score(), self.interval()),
            series: curves.map(|curve| series(curve.label.clone(), points(&curve))).collect(),
            ..Chart::default()
        }
    }

    fn performance_profiles(&self) -> Chart {
        let points = |group: &GroupSummary| {
            group.profile.iter().map(|point| (point.tau, point.share)).collect()
        };
        let profiles = self.groups.iter().map(|group| series(group.label(), points(group)));
        Chart {
            title: self.title("performance profiles"),
            x_label: format!("{} τ of the final evaluation", self.score()),
            y_label: format!("share of runs above τ ({})", self.interval()),
            series: profiles.collect(),
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

impl GroupSummary {
    /// What a legend calls the group.
    pub(super) fn label(&self) -> String {
        format!("{} ({} runs)", self.name, self.runs.len())
    }
}

fn points(curve: &Curve) -> Vec<(f64, Estimate)> {
    curve.points.iter().map(|&(timesteps, estimate)| (timesteps as f64, estimate)).collect()
}

/// A line and, where the estimates have intervals, a band.
pub(in super::super) fn series(label: String, points: Vec<(f64, Estimate)>) -> Series {
    let place = |&(x, Estimate { interval, .. }): &(f64, Estimate)| {
        let (low, high) = interval?;
        Some((x, low, high))
    };
    let band = points.iter().map(place).collect();
    let points = points.iter().map(|&(x, Estimate { value, .. })| (x, value)).collect();
    Series { label, points, band }
}
