//! The equations of an algorithm as data, for the gradient checker, of which algorithms know nothing.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use ndarray::Array2;

use super::points::Points;
use crate::nn::Params;
use crate::tape::Var;

/// A function that an algorithm differentiates, and random points for it.
///
/// ```
/// use softac::agent::{Equation, Extent, Points, Problem};
/// use softac::algorithms::td3::critic_loss;
/// use softac::random::{Purpose, stream};
///
/// let equation = Equation::new("critic_loss", |points| {
///     let (q, y) = (points.normal([5, 1]), points.normal([5, 1]));
///     let variables = [("q", q.into()), ("y", y.into())];
///     Problem::new(variables, |p, _| critic_loss(p[0], p[1])).constant_in(["y"])
/// });
/// let problem = equation.problem(&mut Points::new(stream(0, Purpose::Init)));
/// assert_eq!((equation.extent, problem.variables.len()), (Extent::Equation, 2));
/// ```
pub struct Equation {
    /// Its name, unique among the equations of all algorithms.
    pub name: String,
    /// How much of an update it comprises.
    pub extent: Extent,
    draw: Box<Draw>,
}

type Draw = dyn Fn(&mut Points) -> Problem;

/// How much of an update an equation comprises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// One equation on its own.
    Equation,
    /// A stage of an update: a loss with all networks that it is computed from.
    Stage,
}

impl Equation {
    /// One equation on its own; `draw` draws a point for it.
    pub fn new(name: impl Into<String>, draw: impl Fn(&mut Points) -> Problem + 'static) -> Self {
        Self { name: name.into(), extent: Extent::Equation, draw: Box::new(draw) }
    }

    /// A stage of an update with all networks behind it; `draw` draws networks and a batch.
    pub fn stage(name: impl Into<String>, draw: impl Fn(&mut Points) -> Problem + 'static) -> Self {
        Self { name: name.into(), extent: Extent::Stage, draw: Box::new(draw) }
    }

    /// The function at a random point.
    #[must_use]
    pub fn problem(&self, points: &mut Points) -> Problem {
        (self.draw)(points)
    }
}

/// A function and a point.
pub struct Problem {
    /// The variables at the point, with their names: the function is differentiated by each.
    pub variables: Vec<(&'static str, Variable)>,
    /// The names of the variables that the function treats as constant, although it is computed from them: no gradient
    /// may flow to them.
    pub constant_in: Vec<&'static str>,
    /// The matrices that are constant to the function.
    pub constants: Vec<Array2<f64>>,
    /// The function of variables and constants, both in the order above.
    pub function: Box<Function>,
}

/// A function of variables and constants.
type Function = dyn for<'t> Fn(&[Var<'t, f64>], &[Var<'t, f64>]) -> Var<'t, f64>;

impl Problem {
    /// A function of these variables, without constants, by all of which it has a gradient.
    pub fn new(
        variables: impl IntoIterator<Item = (&'static str, Variable)>,
        function: impl for<'t> Fn(&[Var<'t, f64>], &[Var<'t, f64>]) -> Var<'t, f64> + 'static,
    ) -> Self {
        Self {
            variables: variables.into_iter().collect(),
            constant_in: Vec::new(),
            constants: Vec::new(),
            function: Box::new(function),
        }
    }

    /// The same, treating these variables as constant.
    #[must_use]
    pub fn constant_in(self, names: impl IntoIterator<Item = &'static str>) -> Self {
        Self { constant_in: names.into_iter().collect(), ..self }
    }

    /// The same with these constants.
    #[must_use]
    pub fn with_constants(self, constants: impl IntoIterator<Item = Array2<f64>>) -> Self {
        Self { constants: constants.into_iter().collect(), ..self }
    }
}

/// A variable's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Variable {
    /// A matrix.
    Matrix(Array2<f64>),
    /// The parameters of a network: a row `[1, P]`.
    Params(Params<f64>),
}

impl From<Array2<f64>> for Variable {
    fn from(matrix: Array2<f64>) -> Self {
        Self::Matrix(matrix)
    }
}

impl From<Params<f64>> for Variable {
    fn from(params: Params<f64>) -> Self {
        Self::Params(params)
    }
}
