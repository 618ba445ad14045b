//! The engine's errors as Python's: `ValueError` for what a caller chose, `OSError` for files, `SoftacError` for the rest.

use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::{PyErr, create_exception};
use softac::export::ExportError;
use softac::learner::LearnerError;
use softac::train::TrainError;

create_exception!(
    softac,
    SoftacError,
    pyo3::exceptions::PyException,
    "The engine cannot go on: a number that is not finite, a damaged file, or an environment that broke a promise."
);

/// An error of training.
pub fn of_training(error: TrainError) -> PyErr {
    match error {
        TrainError::Io { .. } => PyOSError::new_err(error.to_string()),
        TrainError::Damaged { .. } => SoftacError::new_err(error.to_string()),
        _ => PyValueError::new_err(error.to_string()),
    }
}

/// An error of an export.
pub fn of_export(error: ExportError) -> PyErr {
    match error {
        ExportError::Train(error) => of_training(*error),
        _ => PyValueError::new_err(error.to_string()),
    }
}

/// An error of learning.
pub fn of_learner(error: LearnerError) -> PyErr {
    match error {
        LearnerError::Config(_) | LearnerError::Replay(_) => {
            PyValueError::new_err(error.to_string())
        }
        _ => SoftacError::new_err(error.to_string()),
    }
}
