//! The checker: settings, and the loop over all components.

use alloc::format;
use alloc::vec::Vec;

use ndarray::Array2;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::recording::{Component, Function, Recording};
use super::{Estimate, Input, Reason, Report, Row, Verdict, attribution};
use crate::random::fill_uniform;
use crate::tape::{Tape, TapeError, Var};

/// Settings of a gradient check; [`gradcheck`](super::gradcheck) is the check with the defaults.
///
/// There is no tolerance among them: errors are judged by the bound of the oracle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Checker {
    pub(super) seed: u64,
    pub(super) min_coverage: f64,
    pub(super) pin_detached: bool,
    /// See [`Tape::inject`].
    #[cfg(test)]
    pub(super) fault: Option<(&'static str, f64)>,
}

impl Default for Checker {
    fn default() -> Self {
        Self::new()
    }
}

/// A mismatch has to show from a first step smaller by this factor, too: an extrapolation that
/// began with too large steps can step over a narrow feature and not notice.
const SECOND_OPINION: f64 = 1.0 / 256.0;

impl Checker {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            seed: 0,
            min_coverage: 0.9,
            pin_detached: true,
            #[cfg(test)]
            fault: None,
        }
    }

    /// The seed of the cotangent that a matrix is contracted with.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The share of components that has to be adjudicated for the report to be ok; 0.9 by default.
    #[must_use]
    pub fn min_coverage(self, min_coverage: f64) -> Self {
        Self { min_coverage, ..self }
    }

    /// Lets differences see through `detach`: what a plain finite-difference check would compute.
    /// Where something is detached, it disagrees with the gradient, and so shows that the `detach`
    /// matters.
    #[must_use]
    pub fn unpinned(self) -> Self {
        Self { pin_detached: false, ..self }
    }

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
            let (analytic, oracle, verdict) = judge(&mut recording, component, flaw);
            let (numeric, bound) =
                oracle.map_or((f64::NAN, f64::NAN), |oracle| (oracle.value, oracle.bound()));
            rows.push(Row { input, element, path, analytic, numeric, bound, verdict });
        }
        let tape = recording.into_tape();
        let report = Report::new(rows, tape.operations(), self.min_coverage);
        Ok((tape, report))
    }

    /// The fixed cotangent: of a scalar 1, else numbers of both signs, none of them small.
    pub(super) fn cotangent(&self, shape: (usize, usize)) -> Array2<f64> {
        if shape == (1, 1) {
            return Array2::ones(shape);
        }
        let mut stream = ChaCha8Rng::seed_from_u64(self.seed);
        Array2::from_shape_simple_fn(shape, || {
            let mut c = [0.0];
            fill_uniform(&mut c, 1.0, &mut stream);
            c[0] + 0.5_f64.copysign(c[0])
        })
    }
}

/// The analytic derivative, the oracle's, and the verdict.
fn judge(
    recording: &mut Recording<'_, '_>,
    component: Component,
    flaw: Option<Reason>,
) -> (f64, Result<Estimate, Reason>, Verdict) {
    let analytic = recording.analytic(component);
    if let Some(reason) = flaw {
        return (analytic, Err(reason), Verdict::Invalid(reason));
    }
    let first = recording.numeric(component, 1.0);
    let verdict = Verdict::of(analytic, first);
    if !matches!(verdict, Verdict::Mismatch | Verdict::Unchecked(Reason::Unresolved)) {
        return (analytic, first, verdict);
    }
    let second = recording.numeric(component, SECOND_OPINION);
    match Verdict::of(analytic, second) {
        changed @ (Verdict::Pass | Verdict::Mismatch) if changed != verdict => {
            (analytic, second, changed)
        }
        _ => (analytic, first, verdict),
    }
}
