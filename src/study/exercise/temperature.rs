//! The temperature exercise: fixed temperatures and a learned one, how well and how fast each learns.

mod advantage;
mod arm;
mod charts;
mod reading;
mod speed;

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Serialize;

pub use self::advantage::Advantage;
use self::advantage::advantages;
pub use self::arm::{Arm, ArmRun};
pub use self::speed::StepsTo;
use self::speed::{area, first_at};
use super::findings::Findings;
use super::words::{estimate, number};
use crate::draw::chart::Chart;
use crate::statistics::{Bootstrap, Scores};
use crate::study::compare::{
    CompareError, Comparison, CurvePoint, Estimate, Options, compare, estimates,
};
use crate::train::rows::csv_of;
use crate::train::{MetricsRow, RunFolder};

/// The most resamples behind the band of a curve, at each of its points.
const CURVE_RESAMPLES: usize = 2_000;

/// What the comparison needs besides the runs.
#[derive(Clone, Debug, PartialEq)]
pub struct TemperatureOptions {
    /// The mean return of uniform actions, from which the way to the best is measured.
    pub uniform_return: f64,
    /// The share of that way that counts as learned, from 0 to 1.
    pub fraction: f64,
    /// How intervals are computed.
    pub bootstrap: Bootstrap,
}

/// What the temperature exercise found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TemperatureFindings {
    /// The environment.
    pub env: String,
    /// The mean return of uniform actions.
    pub uniform_return: f64,
    /// The share of the way from there to the best arm's final return that counts as learned.
    pub fraction: f64,
    /// The return there, if the best arm is better than uniform actions.
    pub threshold: Option<f64>,
    /// How many resamples the intervals are of.
    pub resamples: usize,
    /// Each temperature.
    pub arms: Vec<Arm>,
    /// The arm with the highest final return against each other one, by final returns.
    pub best: Vec<Advantage>,
    /// The arm with the highest mean return over the training against each other one, by those.
    pub fastest: Vec<Advantage>,
    #[serde(skip)]
    comparison: Comparison,
}

impl TemperatureFindings {
    /// Reads finished runs that differ in `ent_coef` and seed alone, from these folders with run folders in them; arms
    /// come in the order in which they are met.
    ///
    /// # Errors
    /// Runs that cannot be read, that are not finished, or that do not belong together.
    pub fn read(folders: &[PathBuf], options: &TemperatureOptions) -> Result<Self, CompareError> {
        let bootstrap = options.bootstrap;
        let by = vec!["ent_coef".to_string()];
        let comparison = compare(folders, &Options { by, bootstrap, ..Options::default() })?;
        let finals = comparison.groups.iter().map(|group| group.iqm.value);
        let best = finals.fold(f64::NEG_INFINITY, f64::max);
        let way = best - options.uniform_return;
        let threshold = (way > 0.0).then_some(options.uniform_return + options.fraction * way);
        let arms: Vec<_> = (0..comparison.groups.len())
            .map(|group| arm(&comparison, group, threshold, &bootstrap))
            .collect::<Result<_, _>>()?;
        let env = comparison.tasks.iter().map(|task| task.env.clone()).collect::<Vec<_>>();
        Ok(Self {
            env: env.join(", "),
            uniform_return: options.uniform_return,
            fraction: options.fraction,
            threshold,
            resamples: bootstrap.resamples,
            best: advantages(&arms, |run| run.final_return, &bootstrap),
            fastest: advantages(&arms, |run| run.mean_return, &bootstrap),
            arms,
            comparison,
        })
    }
}

/// What one group of the comparison comes to.
fn arm(
    comparison: &Comparison,
    group: usize,
    threshold: Option<f64>,
    bootstrap: &Bootstrap,
) -> Result<Arm, CompareError> {
    let group = &comparison.groups[group];
    // Groups are named by the setting that they were made by.
    let ent_coef = group.name.trim_start_matches("ent_coef=").to_string();
    let (mut runs, mut metrics) = (Vec::new(), Vec::new());
    for run in &group.runs {
        let folder = RunFolder::open(run.folder.as_ref())?;
        let (evaluations, rows) = (folder.evaluations()?, folder.metrics()?);
        let last = |column| rows.last().and_then(|row| row.mean(column));
        runs.push(ArmRun {
            ent_coef: ent_coef.clone(),
            seed: run.seed,
            final_return: run.mean_reward,
            mean_return: area(&evaluations),
            steps: threshold.and_then(|threshold| first_at(&evaluations, threshold)),
            entropy: last("entropy"),
            alpha: last("ent_coef"),
        });
        metrics.push(rows);
    }
    let entropies: Option<Vec<_>> = runs.iter().map(|run| run.entropy).collect();
    let means = runs.iter().map(|run| run.mean_return).collect();
    Ok(Arm {
        final_return: group.iqm,
        // Areas of finite returns are finite, unless they are huge.
        mean_return: iqm(means, bootstrap).unwrap_or(Estimate { value: f64::NAN, interval: None }),
        steps: threshold.map(|_| StepsTo::of(runs.iter().map(|run| run.steps), bootstrap)),
        entropy: entropies.and_then(|entropies| iqm(entropies, bootstrap)),
        curve: group.curve.clone(),
        entropies: entropy_curve(&metrics, bootstrap),
        ent_coef,
        runs,
    })
}

/// The interquartile mean of finite scores.
fn iqm(scores: Vec<f64>, bootstrap: &Bootstrap) -> Option<Estimate> {
    let scores = Scores::new(vec![scores]).ok()?;
    let [iqm] = estimates(bootstrap, [&scores], |[scores]| [scores.iqm()]);
    Some(iqm)
}

/// The interquartile mean of the entropies wherever all runs have one.
fn entropy_curve(runs: &[Vec<MetricsRow>], bootstrap: &Bootstrap) -> Vec<CurvePoint> {
    let resamples = bootstrap.resamples.min(CURVE_RESAMPLES);
    let bootstrap = Bootstrap { resamples, ..*bootstrap };
    let steps: BTreeSet<_> = runs.iter().flatten().map(|row| row.timesteps).collect();
    let at = |rows: &Vec<MetricsRow>, timesteps| {
        let at = rows.binary_search_by_key(&timesteps, |row| row.timesteps).ok()?;
        rows[at].mean("entropy")
    };
    let point = |timesteps| {
        let entropies: Option<_> = runs.iter().map(|rows| at(rows, timesteps)).collect();
        Some(CurvePoint { timesteps, iqm: iqm(entropies?, &bootstrap)? })
    };
    steps.into_iter().filter_map(point).collect()
}

impl Findings for TemperatureFindings {
    const NAME: &'static str = "temperature";

    fn table(&self) -> Vec<Vec<String>> {
        let threshold = self.threshold.map_or("–".into(), number);
        let header = vec![
            "ent_coef".into(),
            "runs".into(),
            "final return".into(),
            "mean return".into(),
            format!("steps to {threshold}"),
            "reached".into(),
            "entropy at end".into(),
        ];
        let row = |arm: &Arm| {
            let reached = |steps: &StepsTo| format!("{} of {}", steps.reached, steps.runs);
            vec![
                arm.ent_coef.clone(),
                arm.runs.len().to_string(),
                estimate(&arm.final_return),
                estimate(&arm.mean_return),
                arm.steps.as_ref().map_or("–".into(), StepsTo::cell),
                arm.steps.as_ref().map_or("–".into(), reached),
                arm.entropy.as_ref().map_or("–".into(), estimate),
            ]
        };
        [header].into_iter().chain(self.arms.iter().map(row)).collect()
    }

    fn reading(&self) -> Vec<String> {
        let sentences = [
            Some(self.performance_sentence()),
            Some(self.speed_sentence()),
            Some(self.threshold_sentence()),
            self.entropy_sentence(),
            self.caution(),
        ];
        sentences.into_iter().flatten().collect()
    }

    fn charts(&self) -> Vec<Chart> {
        vec![self.return_chart(), self.entropy_chart()]
    }

    fn data(&self) -> Vec<(String, String)> {
        /// A place of a curve, as a row.
        #[derive(Serialize)]
        struct Place<'a> {
            ent_coef: &'a str,
            timesteps: u64,
            iqm: f64,
            low: Option<f64>,
            high: Option<f64>,
        }
        let curves = |curve: fn(&Arm) -> &[CurvePoint]| {
            let places = self.arms.iter().flat_map(|arm| {
                curve(arm).iter().map(|&CurvePoint { timesteps, iqm }| Place {
                    ent_coef: &arm.ent_coef,
                    timesteps,
                    iqm: iqm.value,
                    low: iqm.interval.map(|(low, _)| low),
                    high: iqm.interval.map(|(_, high)| high),
                })
            });
            csv_of(places)
        };
        vec![
            ("returns".into(), curves(|arm| &arm.curve)),
            ("entropies".into(), curves(|arm| &arm.entropies)),
            ("runs".into(), csv_of(self.arms.iter().flat_map(|arm| &arm.runs))),
        ]
    }
}

#[cfg(test)]
mod tests;
