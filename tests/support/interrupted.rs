//! Trainings that Ctrl-C interrupts.

use std::path::Path;

use super::command::process;

#[path = "stopped.rs"]
mod stopped;
use stopped::stopped;

/// Runs `softac` in this folder, interrupts it once each of these runs has a few rows of metrics, and gives what it said
/// on standard error, which has to be an interruption's.
pub fn interrupted(folder: &Path, words: &[String], runs: &[&Path]) -> String {
    let rows = |run: &&Path| {
        let text = std::fs::read_to_string(folder.join(run).join("metrics.csv"));
        text.map_or(0, |text| text.lines().count())
    };
    stopped("-INT", process(folder).args(words), |_| runs.iter().all(|run| rows(run) > 4))
}
