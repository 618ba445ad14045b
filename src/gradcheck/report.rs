//! The report: a row per component, worst first, and a ledger of what was covered.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::culprit::Culprit;
use super::reason::Reason;
use super::row::Row;
use super::verdict::Verdict;

impl Row {
    /// `|analytic − numeric|`.
    #[must_use]
    pub fn abs_error(&self) -> f64 {
        (self.analytic - self.numeric).abs()
    }

    /// The error relative to the larger of the two derivatives; 0 where both are 0.
    #[must_use]
    pub fn rel_error(&self) -> f64 {
        let size = self.analytic.abs().max(self.numeric.abs());
        if size == 0.0 { 0.0 } else { self.abs_error() / size }
    }

    /// The error in units of the bound: above 1 it is a mismatch.
    #[must_use]
    pub fn error_to_bound(&self) -> f64 {
        let error = self.abs_error();
        if error == 0.0 { 0.0 } else { error / self.bound }
    }

    /// The worse of two comes first.
    fn compare(&self, other: &Self) -> Ordering {
        let severity = |row: &Self| match row.verdict {
            Verdict::Invalid(_) => 0,
            Verdict::Mismatch => 1,
            Verdict::Unchecked(_) => 2,
            Verdict::Pass => 3,
        };
        let by_error = other.error_to_bound().total_cmp(&self.error_to_bound());
        severity(self).cmp(&severity(other)).then(by_error)
    }
}

/// How many components there were, and what became of them.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "std", derive(serde::Serialize))]
pub struct Coverage {
    /// All components.
    pub components: usize,
    /// Those that agree.
    pub passed: usize,
    /// Those that do not.
    pub mismatched: usize,
    /// Those at points where the function cannot be checked.
    pub invalid: usize,
    /// Those that nothing can be said about, by reason.
    pub unchecked: Vec<(Reason, usize)>,
}

impl Coverage {
    /// The share of components that were adjudicated; 1 where there are none.
    #[must_use]
    pub fn share(&self) -> f64 {
        let adjudicated = self.passed + self.mismatched;
        if self.components == 0 { 1.0 } else { adjudicated as f64 / self.components as f64 }
    }

    /// How many components nothing can be said about.
    #[must_use]
    pub fn abstentions(&self) -> usize {
        self.unchecked.iter().map(|(_, count)| count).sum()
    }

    /// Adds another ledger to this one.
    pub fn absorb(&mut self, other: &Self) {
        self.components += other.components;
        self.passed += other.passed;
        self.mismatched += other.mismatched;
        self.invalid += other.invalid;
        other.unchecked.iter().for_each(|&(reason, count)| self.abstain(reason, count));
    }

    fn count(&mut self, verdict: Verdict) {
        self.components += 1;
        match verdict {
            Verdict::Pass => self.passed += 1,
            Verdict::Mismatch => self.mismatched += 1,
            Verdict::Invalid(_) => self.invalid += 1,
            Verdict::Unchecked(reason) => self.abstain(reason, 1),
        }
    }

    fn abstain(&mut self, reason: Reason, count: usize) {
        match self.unchecked.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, total)) => *total += count,
            None => self.unchecked.push((reason, count)),
        }
    }
}

/// The outcome of a gradient check. [`Display`](core::fmt::Display) is the table for people.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "std", derive(serde::Serialize))]
pub struct Report {
    /// Every component, the worst first.
    pub rows: Vec<Row>,
    /// What was covered.
    pub coverage: Coverage,
    /// The operations that the function recorded.
    pub operations: Vec<&'static str>,
    /// The share of components that has to be adjudicated.
    pub min_coverage: f64,
    /// After a mismatch: the first operation that is wrong by itself, if there is one.
    pub culprit: Option<Culprit>,
}

impl Report {
    pub(super) fn new(
        mut rows: Vec<Row>,
        operations: Vec<&'static str>,
        min_coverage: f64,
    ) -> Self {
        rows.sort_by(Row::compare);
        let mut coverage = Coverage::default();
        rows.iter().for_each(|row| coverage.count(row.verdict));
        Self { rows, coverage, operations, min_coverage, culprit: None }
    }

    /// Whether nothing is wrong and enough was adjudicated.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        let Coverage { mismatched, invalid, .. } = self.coverage;
        mismatched == 0 && invalid == 0 && self.coverage.share() >= self.min_coverage
    }

    /// Stops the test that calls it with the whole table, unless the report [is ok](Report::is_ok).
    ///
    /// # Panics
    /// If a component is wrong or invalid, or too few could be adjudicated.
    #[track_caller]
    pub fn assert_ok(&self) {
        assert!(self.is_ok(), "{self}");
    }

    /// The row with the largest error, in units of its bound, among those adjudicated.
    #[must_use]
    pub fn worst(&self) -> Option<&Row> {
        let adjudicated = self.rows.iter().filter(|row| row.verdict.is_adjudicated());
        adjudicated.max_by(|a, b| a.error_to_bound().total_cmp(&b.error_to_bound()))
    }
}
