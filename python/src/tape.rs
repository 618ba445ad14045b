//! The class `Recording`: what `softac.tape` records.

use numpy::ndarray::Array2;
use numpy::{PyArray2, PyReadonlyArray2, ToPyArray};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use softac::tape::{Tape, TapeError};

use crate::program::{Op, Program};

/// Matrices that were put in or computed, by their numbers, in their order.
#[pyclass(module = "softac._core")]
#[derive(Default)]
pub struct Recording {
    pub program: Program,
}

/// The tape's error as Python's.
pub fn refused(error: TapeError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

impl Recording {
    /// Puts a matrix in.
    pub fn put(&mut self, value: Array2<f64>, is_leaf: bool) -> PyResult<usize> {
        if value.is_empty() {
            return Err(PyValueError::new_err("a matrix without numbers cannot be recorded"));
        }
        Ok(self.program.add_input(if is_leaf { Op::Leaf } else { Op::Constant }, value))
    }

    fn check(&self, indices: &[usize]) -> PyResult<()> {
        let known = indices.iter().all(|&index| index < self.program.nodes.len());
        known.then_some(()).ok_or_else(|| PyValueError::new_err("there is no such variable"))
    }
}

#[pymethods]
impl Recording {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Puts a matrix in, as a leaf or as a constant.
    fn input(&mut self, value: PyReadonlyArray2<'_, f64>, is_leaf: bool) -> PyResult<usize> {
        self.put(value.as_array().to_owned(), is_leaf)
    }

    /// Computes an operation.
    fn apply(&mut self, name: &str, inputs: Vec<usize>, numbers: Vec<f64>) -> PyResult<usize> {
        self.check(&inputs)?;
        let op = Op::named(name, &numbers).filter(|op| op.inputs() == inputs.len());
        let op = op.ok_or_else(|| PyValueError::new_err(format!("{name} does not take this")))?;
        self.program.add(op, inputs).map_err(refused)
    }

    /// The values of a variable.
    fn value<'py>(&self, py: Python<'py>, index: usize) -> PyResult<Bound<'py, PyArray2<f64>>> {
        self.check(&[index])?;
        Ok(self.program.nodes[index].value.to_pyarray(py))
    }

    /// The derivatives of a variable of one number with respect to all variables before it.
    fn backward<'py>(
        &self,
        py: Python<'py>,
        index: usize,
    ) -> PyResult<Vec<Bound<'py, PyArray2<f64>>>> {
        self.check(&[index])?;
        let tape = Tape::new();
        let leaves: Vec<_> = self.program.leaves().map(|leaf| tape.leaf(leaf)).collect();
        let recorded = self.program.record(&tape, &leaves);
        let gradients = recorded[index].backward().map_err(refused)?;
        let arrays = recorded[..=index].iter().zip(&self.program.nodes).map(|(&var, node)| {
            match gradients.is_tracked(var) {
                true => gradients.wrt(var).to_pyarray(py),
                // Nothing depends on it.
                false => Array2::zeros(node.value.dim()).to_pyarray(py),
            }
        });
        Ok(arrays.collect())
    }
}
