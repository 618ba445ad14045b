//! What can be put under the gradient checker as an input, and how its components are called.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use ndarray::Array2;

use crate::agent::Variable;
use crate::nn::Params;
use crate::tape::Shape;

/// An input of a function under check: it becomes a leaf of the tape.
pub trait Input {
    /// Rows and columns of the leaf.
    fn shape(&self) -> Shape;
    /// Its elements, row after row.
    fn values(&self) -> Vec<f64>;
    /// What an element is called, in an input of this name.
    fn path(&self, name: &str, element: usize) -> String;
}

impl Input for Array2<f64> {
    fn shape(&self) -> Shape {
        self.dim().into()
    }

    fn values(&self) -> Vec<f64> {
        self.iter().copied().collect()
    }

    fn path(&self, name: &str, element: usize) -> String {
        index(name, element, self.ncols())
    }
}

/// A row `[1, P]`, as [`Tape::params`](crate::tape::Tape::params) makes it; elements are called by
/// their block.
impl Input for Params<f64> {
    fn shape(&self) -> Shape {
        [1, self.as_slice().len()]
    }

    fn values(&self) -> Vec<f64> {
        self.as_slice().to_vec()
    }

    fn path(&self, name: &str, element: usize) -> String {
        match self.blocks().iter().find(|block| block.range().contains(&element)) {
            Some(block) => {
                let name = format!("{name}.{}", block.name);
                index(&name, element - block.start, block.shape[1])
            }
            None => index(name, element, self.as_slice().len()),
        }
    }
}

impl Input for Variable {
    fn shape(&self) -> Shape {
        input_of(self).shape()
    }

    fn values(&self) -> Vec<f64> {
        input_of(self).values()
    }

    fn path(&self, name: &str, element: usize) -> String {
        input_of(self).path(name, element)
    }
}

fn input_of(variable: &Variable) -> &dyn Input {
    match variable {
        Variable::Matrix(matrix) => matrix,
        Variable::Params(params) => params,
    }
}

fn index(name: &str, element: usize, columns: usize) -> String {
    let columns = columns.max(1);
    format!("{name}[{}, {}]", element / columns, element % columns)
}

/// An input with a name for the report; see [`named`].
#[derive(Clone, Copy)]
pub struct Named<'a> {
    name: &'a str,
    input: &'a dyn Input,
}

/// Gives an input a name for the report. Without one, inputs are called `p[0]`, `p[1]`, …
#[must_use]
pub fn named<'a>(name: &'a str, input: &'a dyn Input) -> Named<'a> {
    Named { name, input }
}

impl Input for Named<'_> {
    fn shape(&self) -> Shape {
        self.input.shape()
    }

    fn values(&self) -> Vec<f64> {
        self.input.values()
    }

    fn path(&self, _name: &str, element: usize) -> String {
        self.input.path(self.name, element)
    }
}

/// A value and a shape, as the tape records them: for checking an operation on its own.
pub(super) struct Recorded {
    pub shape: Shape,
    pub values: Vec<f64>,
}

impl Input for Recorded {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn values(&self) -> Vec<f64> {
        self.values.clone()
    }

    fn path(&self, name: &str, element: usize) -> String {
        index(name, element, self.shape[1])
    }
}
