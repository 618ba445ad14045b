//! Which quantity of an update was not finite, by its name: nothing here runs before one is.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Range;

use ndarray::Array2;

use super::error::{NotFinite, Operation, Stage, Sweep, UpdateError};
use super::shards::{PassFault, Spot};
use crate::Scalar;
use crate::nn::Params;

/// A quantity and its value.
type Named = (String, f64);

/// Something that a stage is computed from.
pub(crate) enum Input<'a, T: Scalar> {
    /// A row of this name for each transition.
    Rows(&'static str, &'a Array2<T>),
    /// The parameters of a network, of the critic with this number if it is one.
    Params(Option<usize>, &'a Params<T>),
    /// A number of this name.
    Number(&'static str, T),
}

/// What a stage is computed from, and what it computes.
pub(crate) struct StageInputs<'a, T: Scalar> {
    /// In the order in which the stage uses them.
    pub inputs: Vec<Input<'a, T>>,
    /// The number that it computes for each transition.
    pub column: &'static str,
    /// The parameters by which it computes a gradient, if any.
    pub params: Option<&'a Params<T>>,
}

/// An error if there is a fault in the last sweep of this stage, that of the critic with this number if it is one's.
/// It names an input if one is at fault, else what the sweep was to compute.
pub(crate) fn check_finite<'a, T: Scalar>(
    stage: Stage,
    found: Option<(Option<usize>, &PassFault)>,
    inputs: impl FnOnce() -> StageInputs<'a, T>,
) -> Result<(), UpdateError> {
    let Some((critic, fault)) = found else { return Ok(()) };
    Err(UpdateError::NotFinite(Box::new(explain(stage, critic, fault, &inputs()))))
}

#[cold]
fn explain<T: Scalar>(
    stage: Stage,
    critic: Option<usize>,
    fault: &PassFault,
    StageInputs { inputs, column, params }: &StageInputs<'_, T>,
) -> NotFinite {
    if fault.origin.is_some_and(|origin| origin.is_input) {
        let input = inputs.iter().find_map(|input| input.not_finite(&fault.rows));
        if let Some((critic, (quantity, value))) = input {
            return NotFinite { stage, critic, quantity, value, operation: None };
        }
    }
    let operation = fault.origin.map(|origin| Operation {
        name: origin.op,
        sweep: if origin.is_adjoint { Sweep::Backward } else { Sweep::Forward },
        index: origin.index,
        value: origin.value,
    });
    let quantity = match (fault.spot, params) {
        (Spot::Loss, _) => "loss".to_string(),
        (Spot::Column(row), _) => format!("{column} of transition {row}"),
        (Spot::Gradient(at), Some(params)) => format!("gradient of {}", place(params, at)),
        (Spot::Gradient(at), None) => format!("gradient of parameter {at}"),
    };
    NotFinite { stage, critic, quantity, value: fault.value, operation }
}

impl<T: Scalar> Input<'_, T> {
    /// The first of its numbers that is not finite, in these rows, and the critic that it belongs to.
    fn not_finite(&self, rows: &Range<usize>) -> Option<(Option<usize>, Named)> {
        match *self {
            Self::Rows(name, matrix) => Some((None, in_rows(name, matrix, rows)?)),
            Self::Params(critic, params) => Some((critic, in_parameters(params)?)),
            Self::Number(name, x) => {
                (!x.is_finite()).then(|| (None, (name.to_string(), x.as_f64())))
            }
        }
    }
}
/// The first of these rows' numbers that is not finite.
fn in_rows<T: Scalar>(name: &str, matrix: &Array2<T>, rows: &Range<usize>) -> Option<Named> {
    let mut numbers = matrix.indexed_iter().filter(|((row, _), _)| rows.contains(row));
    let ((row, column), x) = numbers.find(|(_, x)| !x.is_finite())?;
    let column = if matrix.ncols() == 1 { String::new() } else { format!("[{column}]") };
    Some((format!("{name}{column} of transition {row}"), x.as_f64()))
}

/// The first parameter that is not finite.
fn in_parameters<T: Scalar>(params: &Params<T>) -> Option<Named> {
    let at = params.as_slice().iter().position(|x| !x.is_finite())?;
    Some((format!("parameter {}", place(params, at)), params.as_slice()[at].as_f64()))
}

/// A place among parameters, by name: `` `0.weight`[3, 5] ``, `` `0.bias`[2] ``.
fn place<T: Scalar>(params: &Params<T>, at: usize) -> String {
    let block = params.blocks().iter().find(|block| block.range().contains(&at));
    let block = block.expect("blocks follow one another without gaps");
    let [rows, columns] = block.shape;
    let (row, column) = ((at - block.start) / columns, (at - block.start) % columns);
    match rows {
        1 => format!("`{}`[{column}]", block.name),
        _ => format!("`{}`[{row}, {column}]", block.name),
    }
}
