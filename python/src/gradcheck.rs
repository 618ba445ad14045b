//! The gradient checker, for functions of the tape and for functions of numpy.

use std::sync::{Mutex, PoisonError};

use numpy::ndarray::{Array2, ArrayView2, ArrayViewMut2};
use numpy::{PyReadonlyArray2, ToPyArray};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use softac::gradcheck::{Checker, Input, Report};
use softac::tape::{CustomOp, Pullback, Shape};

use crate::tape::{Recording, refused};

/// A component: its name, the derivative that was given, the one by differences, the bound of its error, and the verdict.
type Row = (String, f64, f64, f64, String);
/// Success, the share of components that were decided, the components, the worst first, and the table for people.
type Outcome = (bool, f64, Vec<Row>, String);

fn outcome(report: &Report) -> Outcome {
    let rows = report.rows.iter().map(|row| {
        (row.path.clone(), row.analytic, row.numeric, row.bound, row.verdict.to_string())
    });
    (report.is_ok(), report.coverage.share(), rows.collect(), report.to_string())
}

fn matrices(inputs: Vec<PyReadonlyArray2<'_, f64>>) -> PyResult<Vec<Array2<f64>>> {
    let matrices: Vec<_> = inputs.iter().map(|input| input.as_array().to_owned()).collect();
    if matrices.is_empty() || matrices.iter().any(|matrix| matrix.is_empty()) {
        return Err(PyValueError::new_err("there must be inputs, and none without numbers"));
    }
    Ok(matrices)
}

/// Checks the gradient of a variable of a recording with respect to its leaves.
#[pyfunction]
pub fn check_recorded(recording: PyRef<'_, Recording>, index: usize) -> PyResult<Outcome> {
    let program = &recording.program;
    let inputs: Vec<&dyn Input> = program.leaves().map(|leaf| leaf as &dyn Input).collect();
    if inputs.is_empty() || index >= program.nodes.len() {
        return Err(PyValueError::new_err(
            "there must be inputs, and a variable that depends on them",
        ));
    }
    let checked = Checker::new().check(|tape, leaves| program.record(tape, leaves)[index], &inputs);
    checked.map(|report| outcome(&report)).map_err(refused)
}

/// Checks the gradients that a function of arrays gives beside its value.
#[pyfunction]
pub fn check_numpy(f: Py<PyAny>, inputs: Vec<PyReadonlyArray2<'_, f64>>) -> PyResult<Outcome> {
    let inputs = matrices(inputs)?;
    let function = Function { f, raised: Mutex::new(None) };
    // Once, for the errors of the first call.
    Python::attach(|py| {
        function.call(py, &inputs.iter().map(|input| input.view()).collect::<Vec<_>>())
    })?;
    let as_inputs: Vec<&dyn Input> = inputs.iter().map(|input| input as &dyn Input).collect();
    let checked = Checker::new().check(|tape, leaves| tape.custom(&function, leaves), &as_inputs);
    if let Some(error) = function.raised.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    checked.map(|report| outcome(&report)).map_err(refused)
}

/// A function of Python's that gives a number and its gradients.
struct Function {
    f: Py<PyAny>,
    /// The exception that it raised.
    raised: Mutex<Option<PyErr>>,
}

impl Function {
    fn call(
        &self,
        py: Python<'_>,
        inputs: &[ArrayView2<'_, f64>],
    ) -> PyResult<(f64, Vec<Array2<f64>>)> {
        let arguments = PyTuple::new(py, inputs.iter().map(|input| input.to_pyarray(py)))?;
        let (value, gradients): (f64, Vec<PyReadonlyArray2<'_, f64>>) =
            self.f.bind(py).call1(arguments)?.extract()?;
        let gradients: Vec<_> =
            gradients.iter().map(|gradient| gradient.as_array().to_owned()).collect();
        let expected: Vec<_> = inputs.iter().map(|input| input.dim()).collect();
        let found: Vec<_> = gradients.iter().map(|gradient| gradient.dim()).collect();
        if expected != found {
            return Err(PyValueError::new_err(format!(
                "the gradients have the shapes {found:?}, and the inputs {expected:?}"
            )));
        }
        Ok((value, gradients))
    }

    /// The same, unless it has raised something before.
    fn call_unless_raised(
        &self,
        inputs: &[ArrayView2<'_, f64>],
    ) -> Option<(f64, Vec<Array2<f64>>)> {
        let mut raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner);
        if raised.is_some() {
            return None;
        }
        Python::attach(|py| self.call(py, inputs)).map_err(|error| *raised = Some(error)).ok()
    }
}

impl CustomOp<f64> for Function {
    fn name(&self) -> &'static str {
        "the function"
    }

    fn shape(&self, _inputs: &[Shape]) -> Result<Shape, &'static str> {
        Ok([1, 1])
    }

    fn value(&self, inputs: &[ArrayView2<'_, f64>], mut y: ArrayViewMut2<'_, f64>) {
        if let Some((value, _)) = self.call_unless_raised(inputs) {
            y[[0, 0]] = value;
        }
    }

    fn vjp(&self, at: &Pullback<'_, f64>, which: usize, mut x_bar: ArrayViewMut2<'_, f64>) {
        if let Some((_, gradients)) = self.call_unless_raised(at.inputs) {
            x_bar.assign(&(&gradients[which] * at.cotangent[[0, 0]]));
        }
    }
}
