//! Every operation of the tape, on its own.

use alloc::vec::Vec;

use ndarray::Array2;

use super::case::{Case, Group};
use super::points::points_of;
use crate::gradcheck::checker::Checker;
use crate::gradcheck::input::Input;
use crate::gradcheck::report::Report;
use crate::tape::{Activation, Shape, Tape, TapeError, Var};

pub(super) type Function = for<'t, 'p> fn(&'t Tape<'p, f64>, &[Var<'t, f64>]) -> Var<'t, f64>;

/// Where the inputs lie.
#[derive(Clone, Copy)]
enum Domain {
    /// Standard normal numbers.
    Reals,
    /// At least 0.1.
    Positive,
    /// Standard normal numbers times ten: tails and saturation.
    Wide,
}

/// The shapes of the inputs for a case of shape `[batch size, dimension]`.
type Inputs = fn(Shape) -> Vec<Shape>;

const ONE: Inputs = |shape| [shape].into();
const TWO: Inputs = |shape| [shape, shape].into();
const PRODUCT: Inputs = |[b, d]| [[b, d], [d, 3]].into();
const BIAS: Inputs = |[b, d]| [[b, d], [1, d]].into();
const LAYER: Inputs = |[b, d]| [[b, d], [d, 3], [1, 3]].into();
const JOINED: Inputs = |[b, d]| [[b, d], [b, 2]].into();
const ROW: Inputs = |[_, d]| [[1, d], [1, 1]].into();
const PARAMS: Inputs = |[b, d]| [[1, b * d + 2]].into();

/// Name, shapes of the inputs, domain, function.
type Entry = (&'static str, Inputs, Domain, Function);

static OPS: [Entry; 38] = [
    ("add", TWO, Domain::Reals, |_, p| p[0] + p[1]),
    ("sub", TWO, Domain::Reals, |_, p| p[0] - p[1]),
    ("mul", TWO, Domain::Reals, |_, p| p[0] * p[1]),
    ("min", TWO, Domain::Reals, |_, p| p[0].min(p[1])),
    ("neg", ONE, Domain::Reals, |_, p| -p[0]),
    ("scale", ONE, Domain::Reals, |_, p| p[0] * -1.7),
    ("shift", ONE, Domain::Reals, |_, p| p[0] + 2.5),
    ("one_minus", ONE, Domain::Reals, |_, p| p[0].one_minus()),
    ("square", ONE, Domain::Reals, |_, p| p[0].square()),
    ("exp", ONE, Domain::Reals, |_, p| p[0].exp()),
    ("exp wide", ONE, Domain::Wide, |_, p| p[0].exp()),
    ("ln", ONE, Domain::Positive, |_, p| p[0].ln()),
    ("tanh", ONE, Domain::Reals, |_, p| p[0].tanh()),
    ("softplus", ONE, Domain::Reals, |_, p| p[0].softplus()),
    ("softplus wide", ONE, Domain::Wide, |_, p| p[0].softplus()),
    ("relu", ONE, Domain::Reals, |_, p| p[0].relu()),
    ("clamp", ONE, Domain::Reals, |_, p| p[0].clamp(-0.8, 0.6)),
    ("matmul", PRODUCT, Domain::Reals, |_, p| p[0].matmul(p[1])),
    ("add_bias", BIAS, Domain::Reals, |_, p| p[0].add_bias(p[1])),
    ("linear", LAYER, Domain::Reals, |_, p| p[0].linear(p[1], p[2], Activation::Identity)),
    ("linear_relu", LAYER, Domain::Reals, |_, p| p[0].linear(p[1], p[2], Activation::Relu)),
    ("linear_tanh", LAYER, Domain::Reals, |_, p| p[0].linear(p[1], p[2], Activation::Tanh)),
    ("sum", ONE, Domain::Reals, |_, p| p[0].sum()),
    ("mean", ONE, Domain::Reals, |_, p| p[0].mean()),
    ("sum_rows", ONE, Domain::Reals, |_, p| p[0].sum_rows()),
    ("mean_rows", ONE, Domain::Reals, |_, p| p[0].mean_rows()),
    ("sum_columns", ONE, Domain::Reals, |_, p| p[0].sum_columns()),
    ("mean_columns", ONE, Domain::Reals, |_, p| p[0].mean_columns()),
    ("columns", ONE, Domain::Reals, |_, p| p[0].columns(p[0].shape()[1] / 2..p[0].shape()[1])),
    ("concat", JOINED, Domain::Reals, |_, p| p[0].concat(p[1])),
    ("broadcast row", ROW, Domain::Reals, |_, p| p[0].broadcast([3, p[0].shape()[1]])),
    ("broadcast column", ONE, Domain::Reals, |_, p| {
        let [rows, _] = p[0].shape();
        p[0].columns(0..1).broadcast([rows, 3])
    }),
    ("broadcast scalar", ROW, Domain::Reals, |_, p| p[1].broadcast([3, 2])),
    ("block", PARAMS, Domain::Reals, |_, p| {
        let len = p[0].shape()[1];
        p[0].block(1, [1, len - 1]).block(0, [len - 2, 1]) * p[0].block(2, [len - 2, 1])
    }),
    ("detach", ONE, Domain::Reals, |_, p| p[0].detach() * p[0] + p[0].square().detach()),
    ("constant", ONE, Domain::Reals, |tape, p| p[0] * tape.scalar(3.0).broadcast_like(p[0])),
    ("reused", TWO, Domain::Reals, |_, p| p[0] * p[1] + p[0].tanh() * p[0] - p[1]),
    ("deep", ONE, Domain::Reals, |_, p| (0..8).fold(p[0], |x, _| (x.tanh() + p[0]) * 0.9)),
];

/// A function of the suite with a point for it.
#[derive(Debug)]
pub(super) struct Problem {
    pub function: Function,
    pub inputs: Vec<Array2<f64>>,
}

impl Problem {
    fn new(&(_, inputs, domain, function): &Entry, shape: Shape, checker: &Checker) -> Self {
        let mut points = points_of(checker);
        let into_domain = |x: f64| match domain {
            Domain::Reals => x,
            Domain::Positive => 0.1 + x.abs(),
            Domain::Wide => 10.0 * x,
        };
        let draw = |shape| points.normal(shape).mapv(into_domain);
        Self { function, inputs: inputs(shape).into_iter().map(draw).collect() }
    }

    fn check(&self, checker: &Checker) -> Result<Report, TapeError> {
        let inputs: Vec<_> = self.inputs.iter().map(|input| input as &dyn Input).collect();
        checker.check(self.function, &inputs)
    }
}

pub(super) fn cases(shape: Shape) -> Vec<Case> {
    let case = |entry: &'static Entry| {
        let check = move |checker: &Checker| Problem::new(entry, shape, checker).check(checker);
        Case::new(Group::Op, entry.0, shape, check)
    };
    OPS.iter().map(case).collect()
}

#[cfg(test)]
pub(super) fn problems() -> usize {
    OPS.len()
}

/// Any of the suite's functions, at a point of its domain.
#[cfg(test)]
pub(super) fn problem(index: usize, shape: Shape, checker: &Checker) -> Problem {
    Problem::new(&OPS[index], shape, checker)
}
