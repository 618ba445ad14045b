//! What a check found.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::advice::Advice;
use super::problem::Problem;

/// Problems of a kind that are reported one by one; further ones are counted.
const PER_KIND: usize = 3;

/// All that [`check_env`](super::check_env) found.
///
/// As text it has a line for each finding.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct CheckReport {
    /// The environment's name.
    pub env: String,
    /// The seed of the check.
    pub seed: u64,
    /// What must be mended, in the order in which it was found; at most three of a kind.
    pub problems: Vec<Problem>,
    /// How many more problems there were.
    pub omitted: usize,
    /// What would be better otherwise.
    pub advice: Vec<Advice>,
    /// Whether all checks were made. Where no episode can be played, further ones tell nothing; nor do
    /// comparisons where the same seed does not make the same episode.
    pub complete: bool,
}

impl CheckReport {
    /// Whether nothing must be mended.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }

    /// Adds a problem, or counts it if there are enough of its kind.
    pub(super) fn add(&mut self, problem: Problem) {
        let of_kind = self.problems.iter().filter(|other| other.kind() == problem.kind()).count();
        if of_kind < PER_KIND {
            self.problems.push(problem);
        } else {
            self.omitted += 1;
        }
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.env.is_empty() { "(no name)" } else { &self.env };
        match self.problems.len() + self.omitted {
            0 => write!(f, "{name}: no problems")?,
            1 => write!(f, "{name}: 1 problem")?,
            count => write!(f, "{name}: {count} problems")?,
        }
        for problem in &self.problems {
            write!(f, "\nproblem: {problem}")?;
        }
        if self.omitted > 0 {
            write!(f, "\nproblem: {} more of these kinds", self.omitted)?;
        }
        for advice in &self.advice {
            write!(f, "\nadvice: {advice}")?;
        }
        if !self.complete {
            write!(f, "\nnot all checks could be made; mend these problems and check again")?;
        }
        Ok(())
    }
}
