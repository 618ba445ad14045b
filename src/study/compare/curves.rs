//! Learning curves as files: those of the groups, and those from elsewhere that they are held against.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::summary::{Estimate, GroupSummary};
use crate::train::TrainError;
use crate::train::rows::{csv_of, read_rows};

/// One place of a learning curve, as `sample_efficiency.csv` has it and [`Curve::read`] takes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct CurveRow {
    curve: String,
    timesteps: u64,
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
}

/// A learning curve of returns, such as a published one.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// What the legend calls it.
    pub label: String,
    /// Environment steps, and what was reached after them.
    pub points: Vec<(u64, Estimate)>,
}

impl Curve {
    /// The curves of a CSV file with the columns `curve,timesteps,value,low,high`: rows of the same `curve` are the
    /// points of one, and `low` and `high` are empty where there is no interval. What
    /// [`Comparison::plot`](super::Comparison::plot) writes is such a file.
    ///
    /// # Errors
    /// A file that cannot be read, other columns, no rows, numbers that are not finite, an interval of one end or with its
    /// ends the wrong way round.
    ///
    /// ```
    /// use softac::study::compare::Curve;
    ///
    /// let file = tempfile::NamedTempFile::new()?;
    /// let text = "curve,timesteps,value,low,high\npaper,500000,9000,,\npaper,1000000,11250,,\n";
    /// std::fs::write(&file, text)?;
    /// let [paper] = &Curve::read(file.path())?[..] else { panic!("there is one curve") };
    /// assert_eq!((paper.label.as_str(), paper.points[1].0), ("paper", 1_000_000));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(path: &Path) -> Result<Vec<Self>, TrainError> {
        let mut curves: Vec<Self> = Vec::new();
        for (row, line) in read_rows(path, &[CurveRow::default()])?.into_iter().zip(2..) {
            let wrong = |what: &str| TrainError::damaged(path, format!("line {line}: {what}"));
            let interval = match (row.low, row.high) {
                (None, None) => None,
                (Some(low), Some(high)) if low <= high => Some((low, high)),
                _ => return Err(wrong("`low` and `high` must be two numbers in order, or empty")),
            };
            let numbers = [row.value].into_iter().chain(row.low).chain(row.high);
            if !numbers.into_iter().all(f64::is_finite) {
                return Err(wrong("its numbers must be finite"));
            }
            let point = (row.timesteps, Estimate { value: row.value, interval });
            match curves.iter_mut().find(|curve| curve.label == row.curve) {
                Some(curve) => curve.points.push(point),
                None => curves.push(Self { label: row.curve, points: vec![point] }),
            }
        }
        if curves.is_empty() {
            return Err(TrainError::damaged(path, "there is no row in it"));
        }
        Ok(curves)
    }
}

impl From<&GroupSummary> for Curve {
    fn from(group: &GroupSummary) -> Self {
        Self {
            label: group.label(),
            points: group.curve.iter().map(|point| (point.timesteps, point.iqm)).collect(),
        }
    }
}

/// The curves as a file that [`Curve::read`] takes.
pub(super) fn csv(curves: &[Curve]) -> String {
    csv_of(curves.iter().flat_map(|curve| {
        curve.points.iter().map(|&(timesteps, Estimate { value, interval })| CurveRow {
            curve: curve.label.clone(),
            timesteps,
            value,
            low: interval.map(|(low, _)| low),
            high: interval.map(|(_, high)| high),
        })
    }))
}
