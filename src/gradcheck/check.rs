//! The check itself: the loop over all components.

use alloc::format;
use alloc::vec::Vec;

use super::attribution;
use super::checker::Checker;
use super::input::Input;
use super::judge;
use super::oracle::Estimate;
use super::reason::Reason;
use super::recording::{Component, Function, Recording};
use super::report::Report;
use super::row::Row;
use super::verdict::Verdict;
use crate::tape::{Tape, TapeError, Var};

impl Checker {
    /// Checks the gradient of `f` with respect to all `inputs`, at the point that they are; see
    /// [`gradcheck`](super::gradcheck).
    ///
    /// # Errors
    /// If `f` asks for something that the tape refuses.
    pub fn check<'p, F>(&self, f: F, inputs: &[&dyn Input]) -> Result<Report, TapeError>
    where
        F: for<'t> Fn(&'t Tape<'p, f64>, &[Var<'t, f64>]) -> Var<'t, f64>,
    {
        let (tape, mut report) = self.check_without_attribution(&f, inputs)?;
        if report.coverage.mismatched > 0 {
            report.culprit = attribution::find(&tape, self);
        }
        Ok(report)
    }

    /// The check alone, with the tape of the base point.
    pub(super) fn check_without_attribution<'p>(
        &self,
        f: Function<'_, 'p>,
        inputs: &[&dyn Input],
    ) -> Result<(Tape<'p, f64>, Report), TapeError> {
        let mut recording = Recording::new(f, inputs, self)?;
        let flaw = recording.flaw();
        let mut rows = Vec::new();
        for component in recording.components() {
            let Component { input, element } = component;
            let path = inputs[input].path(&format!("p[{input}]"), element);
            let (analytic, oracle, verdict) = judged(&mut recording, component, flaw);
            let (numeric, bound) =
                oracle.map_or((f64::NAN, f64::NAN), |oracle| (oracle.value, oracle.bound()));
            rows.push(Row { input, element, path, analytic, numeric, bound, verdict });
        }
        let tape = recording.into_tape();
        let report = Report::new(rows, tape.operations(), self.min_coverage);
        Ok((tape, report))
    }
}

/// The analytic derivative, the oracle's, and the verdict.
fn judged(
    recording: &mut Recording<'_, '_>,
    component: Component,
    flaw: Option<Reason>,
) -> (f64, Result<Estimate, Reason>, Verdict) {
    let analytic = recording.analytic(component);
    if let Some(reason) = flaw {
        return (analytic, Err(reason), Verdict::Invalid(reason));
    }
    let (oracle, verdict) =
        judge::judge(analytic, recording.at(component), |moved| recording.probe(component, moved));
    (analytic, oracle, verdict)
}
