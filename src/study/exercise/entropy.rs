//! The entropy exercise: when does entropy begin to fall, and does α converge?

mod charts;
mod reading;

use std::collections::BTreeMap;
use std::f64::consts::LN_2;

use serde::Serialize;

use super::findings::Findings;
use super::onset::{Onset, onset};
use super::settling::{Settling, settling};
use super::words::{number, steps};
use crate::agent::Settings;
use crate::draw::chart::Chart;
use crate::env::SquashedNormal;
use crate::sac::SacConfig;
use crate::statistics::{Summary, summarise};
use crate::study::plots::action_dim;
use crate::train::rows::csv_of;
use crate::train::{MetricsRow, RunFolder, TrainError};

/// The mean entropy of the last fifth is at its target if it lies this near, in nats for each action dimension.
const NEAR: f64 = 0.1;

/// What the entropy exercise found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EntropyFindings {
    /// The environment.
    pub env: String,
    /// The number of action dimensions, A.
    pub action_dim: usize,
    /// The entropy H̄ that α steers to, in nats.
    pub target_entropy: f64,
    /// The entropy of uniform actions, A log 2.
    pub uniform_entropy: f64,
    /// The entropy of tanh of a standard normal number, A times: about that of a policy before training.
    pub untrained_entropy: f64,
    /// Environment steps between the rows that are shown.
    pub every: u64,
    /// Environment steps between the rows that the onset is looked for in.
    pub log_freq: u64,
    /// Environment steps before learning begins.
    pub learning_starts: u64,
    /// Each run.
    pub runs: Vec<EntropyRun>,
}

/// What one run did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EntropyRun {
    /// Its seed.
    pub seed: u64,
    /// Where its entropy begins to fall for good, in environment steps.
    pub onset: Option<Onset>,
    /// Its entropy over the last fifth of the run.
    pub entropy: Option<Level>,
    /// α over the last fifth of the run.
    pub temperature: Option<Settling>,
    /// Entropy and α over the run.
    pub rows: Vec<EntropyRow>,
    /// The entropy of every row that was logged, as points.
    #[serde(skip)]
    logged: Vec<(f64, f64)>,
}

/// The mean and the standard deviation of some rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Level {
    /// Their mean.
    pub mean: f64,
    /// Their sample standard deviation.
    pub std: f64,
}

/// Entropy and α over a stretch of a run: means over the updates in it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EntropyRow {
    /// The seed of the run.
    pub seed: u64,
    /// Environment steps at its end.
    pub timesteps: u64,
    /// The policy's entropy, in nats.
    pub entropy: f64,
    /// The temperature α.
    pub ent_coef: f64,
}

impl EntropyFindings {
    /// Reads runs of one configuration that differ in their seeds, and shows a row for `every` so many steps.
    ///
    /// # Errors
    /// A run that cannot be read.
    ///
    /// # Panics
    /// Of no runs.
    pub fn read(folders: &[RunFolder], every: u64) -> Result<Self, TrainError> {
        let config = folders[0].config()?;
        let action_dim = action_dim(&folders[0], &config)?;
        let sac = config.algo.get::<SacConfig>().ok_or_else(|| TrainError::OtherAlgo {
            key: "target_entropy".into(),
            owners: SacConfig::NAME.into(),
            algo: config.algo.name().into(),
        })?;
        let runs = folders.iter().map(|folder| {
            let seed = folder.config()?.run.seed;
            Ok(EntropyRun::new(seed, &folder.metrics()?, every))
        });
        let dimensions = action_dim as f64;
        Ok(Self {
            runs: runs.collect::<Result<_, TrainError>>()?,
            action_dim,
            target_entropy: sac.target_entropy.resolve(action_dim),
            uniform_entropy: dimensions * LN_2,
            untrained_entropy: dimensions * SquashedNormal { mu: 0.0, sigma: 1.0 }.entropy(),
            every,
            log_freq: config.run.log_freq,
            learning_starts: sac.learning_starts,
            env: config.run.env,
        })
    }

    /// Whether the entropy of this run was where α steers it to, over the last fifth.
    #[must_use]
    pub fn is_at_target(&self, run: &EntropyRun) -> Option<bool> {
        let near = NEAR * self.action_dim as f64;
        run.entropy.map(|level| (level.mean - self.target_entropy).abs() <= near)
    }
}

impl Findings for EntropyFindings {
    const NAME: &'static str = "entropy";

    fn table(&self) -> Vec<Vec<String>> {
        let header =
            ["seed", "falls after", "falls by", "entropy at end", "α at end", "factor", "course"];
        let none = || String::from("–");
        let row = |run: &EntropyRun| {
            let temperature = |text: &dyn Fn(&Settling) -> String| {
                run.temperature.as_ref().map_or_else(none, text)
            };
            vec![
                run.seed.to_string(),
                run.onset.and_then(|onset| onset.after).map_or_else(none, steps),
                run.onset.map_or_else(none, |onset| steps(onset.at)),
                run.entropy.map_or_else(none, |Level { mean, std }| {
                    format!("{} ± {}", number(mean), number(std))
                }),
                temperature(&|found| number(found.level)),
                temperature(&|found| number(found.factor)),
                temperature(&|found| format!("{:?}", found.course).to_lowercase()),
            ]
        };
        let header = header.map(String::from).to_vec();
        [header].into_iter().chain(self.runs.iter().map(row)).collect()
    }

    fn reading(&self) -> Vec<String> {
        let alone = "This is one run: another seed may say something else.".to_string();
        let sentences = [
            Some(self.onset_sentence()),
            self.target_sentence(),
            Some(self.temperature_sentence()),
            self.comparison_sentence(),
            (self.runs.len() == 1).then_some(alone),
        ];
        sentences.into_iter().flatten().collect()
    }

    fn charts(&self) -> Vec<Chart> {
        vec![self.entropy_chart(), self.onset_chart(), self.temperature_chart()]
    }

    fn data(&self) -> Vec<(String, String)> {
        let rows = self.runs.iter().flat_map(|run| &run.rows);
        vec![(Self::NAME.into(), csv_of(rows))]
    }
}

impl EntropyRun {
    /// What these rows of metrics say of the run.
    fn new(seed: u64, metrics: &[MetricsRow], every: u64) -> Self {
        let logged: Vec<_> =
            metrics.iter().filter_map(|row| point(row, row.mean("entropy"))).collect();
        let alphas: Vec<_> =
            metrics.iter().filter_map(|row| point(row, row.mean("ent_coef"))).collect();
        let rows = gather(seed, metrics, every);
        let last: Vec<_> =
            rows[rows.len() - rows.len() / 5..].iter().map(|row| row.entropy).collect();
        let level = |Summary { mean, std, .. }: Summary| Level { mean, std };
        Self {
            seed,
            onset: onset(&logged),
            entropy: summarise(&last).map(level),
            temperature: settling(&alphas),
            rows,
            logged,
        }
    }
}

fn point(row: &MetricsRow, y: Option<f64>) -> Option<(f64, f64)> {
    Some((row.timesteps as f64, y?))
}

/// One row for `every` so many steps: the means over the updates in it, as if it had been logged so.
fn gather(seed: u64, metrics: &[MetricsRow], every: u64) -> Vec<EntropyRow> {
    /// Sums over updates.
    #[derive(Default)]
    struct Sums {
        timesteps: u64,
        updates: f64,
        entropy: f64,
        ent_coef: f64,
    }
    let mut stretches: BTreeMap<u64, Sums> = BTreeMap::new();
    let mut before = 0;
    for row in metrics {
        let updates = row.updates.saturating_sub(before) as f64;
        before = row.updates;
        // Before learning begins there are none.
        let means = (row.mean("entropy"), row.mean("ent_coef"));
        let (Some(entropy), Some(ent_coef)) = means else { continue };
        let sums = stretches.entry(row.timesteps.div_ceil(every)).or_default();
        sums.timesteps = row.timesteps;
        sums.updates += updates;
        sums.entropy += updates * entropy;
        sums.ent_coef += updates * ent_coef;
    }
    let row = |Sums { timesteps, updates, entropy, ent_coef }| EntropyRow {
        seed,
        timesteps,
        entropy: entropy / updates,
        ent_coef: ent_coef / updates,
    };
    stretches.into_values().map(row).collect()
}

#[cfg(test)]
mod tests;
