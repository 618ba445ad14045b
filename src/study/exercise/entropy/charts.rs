//! Entropy and temperature over the runs.

use super::super::words::steps;
use super::{EntropyFindings, EntropyRun};
use crate::draw::chart::{Chart, Marks, Reference, Scale, Series};

impl EntropyFindings {
    pub(super) fn entropy_chart(&self) -> Chart {
        let line = |run: &EntropyRun| {
            let points = run.rows.iter().map(|row| (row.timesteps as f64, row.entropy));
            Series::new(run.name(), points.collect())
        };
        Chart {
            title: format!("{}: entropy, a row for {} steps", self.env, steps(self.every as f64)),
            y_label: "entropy (nats)".into(),
            series: self.runs.iter().map(line).collect(),
            references: vec![
                Reference { label: "target".into(), y: self.target_entropy },
                Reference { label: "uniform".into(), y: self.uniform_entropy },
            ],
            ..chart()
        }
    }

    /// The first tenth of the runs, with every row that was logged.
    pub(super) fn onset_chart(&self) -> Chart {
        let end = self.runs.iter().filter_map(|run| run.logged.last()).map(|&(x, _)| 0.1 * x);
        // A fall that begins later is to be seen, too.
        let onsets = self.runs.iter().filter_map(|run| run.onset);
        let end = end.chain(onsets.clone().map(|onset| 2.0 * onset.at)).fold(0.0, f64::max);
        let line = |run: &EntropyRun| {
            let points = run.logged.iter().copied().filter(|&(x, _)| x <= end);
            Series::new(run.name(), points.collect())
        };
        Chart {
            title: format!("its beginning, a row for {} steps", steps(self.log_freq as f64)),
            y_label: "entropy (nats)".into(),
            series: self.runs.iter().map(line).collect(),
            marks: vec![Marks {
                label: "begins to fall".into(),
                points: onsets.map(|onset| (onset.at, onset.value)).collect(),
            }],
            references: vec![Reference { label: "uniform".into(), y: self.uniform_entropy }],
            ..chart()
        }
    }

    pub(super) fn temperature_chart(&self) -> Chart {
        let line = |run: &EntropyRun| {
            let points = run.rows.iter().map(|row| (row.timesteps as f64, row.ent_coef));
            Series::new(run.name(), points.collect())
        };
        Chart {
            title: format!("temperature, a row for {} steps", steps(self.every as f64)),
            y_label: "α (reward per nat)".into(),
            series: self.runs.iter().map(line).collect(),
            y_scale: Scale::Log,
            ..chart()
        }
    }
}

fn chart() -> Chart {
    Chart { x_label: "environment steps".into(), ..Chart::default() }
}

impl EntropyRun {
    fn name(&self) -> String {
        format!("seed {}", self.seed)
    }
}
