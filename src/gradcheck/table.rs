//! The report as a table for people.

use core::fmt;

use super::report::{Coverage, Report};
use super::row::Row;
use super::verdict::Verdict;

/// So many rows are shown, the worst ones.
const SHOWN: usize = 20;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.rows[..self.rows.len().min(SHOWN)];
        let width = shown.iter().map(|row| row.path.len()).fold("component".len(), usize::max);
        writeln!(
            f,
            "{:width$}  {:>22}  {:>22}  {:>9}  {:>9}  {:>9}  verdict",
            "component", "analytic", "numeric", "error", "bound", "relative"
        )?;
        shown.iter().try_for_each(|row| write_row(f, row, width))?;
        if self.rows.len() > SHOWN {
            writeln!(f, "… and {} more", self.rows.len() - SHOWN)?;
        }
        writeln!(f, "{}", self.coverage)?;
        self.write_advice(f)
    }
}

fn write_row(f: &mut fmt::Formatter<'_>, row: &Row, width: usize) -> fmt::Result {
    let Row { path, analytic, numeric, bound, verdict, .. } = row;
    let (absolute, relative) = (row.abs_error(), row.rel_error());
    write!(f, "{path:width$}  {analytic:>22.15e}  {numeric:>22.15e}  ")?;
    writeln!(f, "{absolute:>9.1e}  {bound:>9.1e}  {relative:>9.1e}  {verdict}")
}

impl Report {
    /// What to do about a report that is not ok.
    fn write_advice(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.coverage.invalid > 0 {
            writeln!(f, "{INVALID}")
        } else if let Some(culprit) = &self.culprit {
            write!(f, "{culprit}")
        } else if self.coverage.mismatched > 0 {
            writeln!(f, "{UNSEEN}")
        } else if self.coverage.share() < self.min_coverage {
            let needed = 100.0 * self.min_coverage;
            writeln!(f, "{UNCOVERED} ({needed:.1} % of the components have to be adjudicated.)")
        } else {
            Ok(())
        }
    }
}

const INVALID: &str = "Where value or gradient are not finite, or the same point gives two values, \
    there is nothing to check: move the point, or draw random numbers before the check.";
const UNSEEN: &str = "Every operation is right by itself: a value must depend on an input in a way \
    that the tape does not see, a constant that was computed from it, say.";
const UNCOVERED: &str = "Too much was left unchecked: move the point away from kinks, or lower \
    `min_coverage`.";

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { components, passed, mismatched, invalid, unchecked } = self;
        write!(f, "{components} components: {passed} passed, {mismatched} mismatched")?;
        if *invalid > 0 {
            write!(f, ", {invalid} invalid")?;
        }
        for &(reason, count) in unchecked {
            write!(f, ", {count} {}", Verdict::Unchecked(reason))?;
        }
        write!(f, "; {:.2} % adjudicated", 100.0 * self.share())
    }
}
