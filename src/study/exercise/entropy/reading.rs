//! What the numbers say, in sentences.

use super::super::onset::{Onset, median};
use super::super::settling::{Course, Settling};
use super::super::words::{count, number, steps};
use super::{EntropyFindings, EntropyRun, NEAR};
use crate::statistics::summarise;

impl EntropyFindings {
    pub(super) fn onset_sentence(&self) -> String {
        let found: Vec<_> = self.runs.iter().filter_map(|run| run.onset).collect();
        let all = self.runs.len();
        if found.is_empty() {
            return format!("Entropy begins to fall for good {}.", self.share(0));
        }
        let rest = match all - found.len() {
            0 => String::new(),
            rest => format!(" It does not begin to fall for good {}.", self.share(rest)),
        };
        let tops = found.iter().map(|onset| onset.top).collect();
        format!(
            "Entropy begins to fall {}, from {} nats. A policy before training has about {}, uniform actions have {}; \
             learning starts after {} steps, and a row is a mean over {}.{rest}",
            self.when(&found),
            number(median(tops)),
            number(self.untrained_entropy),
            number(self.uniform_entropy),
            steps(self.learning_starts as f64),
            steps(self.log_freq as f64),
        )
    }

    /// Between which steps, or by which, as one run or several tell.
    fn when(&self, found: &[Onset]) -> String {
        if let [Onset { after, at, .. }] = found {
            let at = steps(*at);
            let place = match after {
                Some(after) => format!("between step {} and step {at}", steps(*after)),
                None => format!("before step {at}"),
            };
            return if self.runs.len() == 1 { place } else { format!("{place} {}", self.share(1)) };
        }
        let places: Vec<_> = found.iter().map(|onset| onset.at).collect();
        let (first, last) = ends(&places);
        format!(
            "by step {} {} (the median; the first by step {}, the last by step {})",
            steps(median(places)),
            self.share(found.len()),
            steps(first),
            steps(last)
        )
    }

    /// `in 2 of 5 runs`
    fn share(&self, n: usize) -> String {
        format!("in {n} of {}", count(self.runs.len(), "run"))
    }

    pub(super) fn target_sentence(&self) -> Option<String> {
        let levels: Vec<_> = self.runs.iter().filter_map(|run| run.entropy).collect();
        let means: Vec<_> = levels.iter().map(|level| level.mean).collect();
        let summary = summarise(&means)?;
        let at_target = self.runs.iter().filter(|run| self.is_at_target(run) == Some(true)).count();
        let scatter = median(levels.iter().map(|level| level.std).collect());
        let mean = match levels.len() {
            1 => number(summary.mean),
            _ => {
                let (low, high) = summary.ci95;
                format!("{} [{}, {}]", number(summary.mean), number(low), number(high))
            }
        };
        Some(format!(
            "Over the last fifth the mean entropy is {mean} nats, and a row scatters by {}; the target is {}. It is at \
             the target, within {} nats, in {at_target} of {}.",
            number(scatter),
            number(self.target_entropy),
            number(NEAR * self.action_dim as f64),
            count(levels.len(), "run")
        ))
    }

    pub(super) fn temperature_sentence(&self) -> String {
        let found: Vec<_> = self.runs.iter().filter_map(|run| run.temperature).collect();
        let Some(one) = found.first() else {
            return "The runs are too short to say whether α converges.".into();
        };
        let of = |course| found.iter().filter(|settling| settling.course == course).count();
        let [settled, wandering, drifting] =
            [Course::Settled, Course::Wandering, Course::Drifting].map(of);
        let range = |value: fn(&Settling) -> f64| {
            let (low, high) = ends(&found.iter().map(value).collect::<Vec<_>>());
            let (low, high) = (number(low), number(high));
            if low == high { low } else { format!("{low} to {high}") }
        };
        format!(
            "α converges {}. Over the last fifth, from step {} on, it is {} on average and changes by a factor of {}; it \
             stays within a tenth in {settled}, wanders in {wandering} and drifts in {drifting}.",
            self.share(settled),
            steps(one.from),
            range(|settling| settling.level),
            range(|settling| settling.factor),
        )
    }

    /// Entropy at its target says that α does its work, not that it rests.
    pub(super) fn comparison_sentence(&self) -> Option<String> {
        let moving = |run: &&EntropyRun| {
            let moves = run.temperature.is_some_and(|found| found.course != Course::Settled);
            moves && self.is_at_target(run) == Some(true)
        };
        let n = self.runs.iter().filter(moving).count();
        (n > 0).then(|| {
            let runs = self.share(n);
            format!("The entropy is at its target while α still moves {runs}: what holds is the constraint, not its price.")
        })
    }
}

/// The least and the greatest.
fn ends(values: &[f64]) -> (f64, f64) {
    let fold = |start, f: fn(f64, f64) -> f64| values.iter().copied().fold(start, f);
    (fold(f64::INFINITY, f64::min), fold(f64::NEG_INFINITY, f64::max))
}
