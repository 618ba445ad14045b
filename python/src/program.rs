//! What a tape of Python's records: operations with their values, which can be recorded again on a tape of the engine.

use numpy::ndarray::Array2;
use softac::tape::{Tape, TapeError, Var};

/// An operation of the engine's tape.
#[derive(Clone, Debug)]
pub enum Op {
    Leaf,
    Constant,
    Neg,
    Add,
    Sub,
    Mul,
    Shift(f64),
    Scale(f64),
    MatMul,
    AddBias,
    Square,
    Exp,
    Ln,
    Tanh,
    Softplus,
    Relu,
    Clamp(f64, f64),
    OneMinus,
    Min,
    Sum,
    Mean,
    SumRows,
    MeanRows,
    SumColumns,
    MeanColumns,
    Columns(usize, usize),
    Concat,
    Broadcast(usize, usize),
    Detach,
}

impl Op {
    /// The operation of this name, with the numbers that it takes.
    pub fn named(name: &str, numbers: &[f64]) -> Option<Self> {
        let whole = |x: f64| (x >= 0.0 && x.fract() == 0.0).then_some(x as usize);
        Some(match (name, numbers) {
            ("neg", []) => Self::Neg,
            ("add", []) => Self::Add,
            ("sub", []) => Self::Sub,
            ("mul", []) => Self::Mul,
            ("shift", &[by]) => Self::Shift(by),
            ("scale", &[by]) => Self::Scale(by),
            ("matmul", []) => Self::MatMul,
            ("add_bias", []) => Self::AddBias,
            ("square", []) => Self::Square,
            ("exp", []) => Self::Exp,
            ("ln", []) => Self::Ln,
            ("tanh", []) => Self::Tanh,
            ("softplus", []) => Self::Softplus,
            ("relu", []) => Self::Relu,
            ("clamp", &[low, high]) => Self::Clamp(low, high),
            ("one_minus", []) => Self::OneMinus,
            ("minimum", []) => Self::Min,
            ("sum", []) => Self::Sum,
            ("mean", []) => Self::Mean,
            ("sum_rows", []) => Self::SumRows,
            ("mean_rows", []) => Self::MeanRows,
            ("sum_columns", []) => Self::SumColumns,
            ("mean_columns", []) => Self::MeanColumns,
            ("columns", &[from, to]) => Self::Columns(whole(from)?, whole(to)?),
            ("concat", []) => Self::Concat,
            ("broadcast", &[rows, columns]) => Self::Broadcast(whole(rows)?, whole(columns)?),
            ("detach", []) => Self::Detach,
            _ => return None,
        })
    }

    /// The number of inputs.
    pub fn inputs(&self) -> usize {
        match self {
            Self::Leaf | Self::Constant => 0,
            Self::Add
            | Self::Sub
            | Self::Mul
            | Self::MatMul
            | Self::AddBias
            | Self::Min
            | Self::Concat => 2,
            _ => 1,
        }
    }

    /// Records the operation. Leaves and constants, which have values instead of inputs, are none of its business.
    fn record<'t>(&self, x: &[Var<'t, f64>]) -> Var<'t, f64> {
        match *self {
            Self::Leaf | Self::Constant => unreachable!("they are inputs"),
            Self::Neg => -x[0],
            Self::Add => x[0] + x[1],
            Self::Sub => x[0] - x[1],
            Self::Mul => x[0] * x[1],
            Self::Shift(by) => x[0] + by,
            Self::Scale(by) => x[0] * by,
            Self::MatMul => x[0].matmul(x[1]),
            Self::AddBias => x[0].add_bias(x[1]),
            Self::Square => x[0].square(),
            Self::Exp => x[0].exp(),
            Self::Ln => x[0].ln(),
            Self::Tanh => x[0].tanh(),
            Self::Softplus => x[0].softplus(),
            Self::Relu => x[0].relu(),
            Self::Clamp(low, high) => x[0].clamp(low, high),
            Self::OneMinus => x[0].one_minus(),
            Self::Min => x[0].min(x[1]),
            Self::Sum => x[0].sum(),
            Self::Mean => x[0].mean(),
            Self::SumRows => x[0].sum_rows(),
            Self::MeanRows => x[0].mean_rows(),
            Self::SumColumns => x[0].sum_columns(),
            Self::MeanColumns => x[0].mean_columns(),
            Self::Columns(from, to) => x[0].columns(from..to),
            Self::Concat => x[0].concat(x[1]),
            Self::Broadcast(rows, columns) => x[0].broadcast([rows, columns]),
            Self::Detach => x[0].detach(),
        }
    }
}

/// An operation with the numbers of its inputs, and its value.
pub struct Node {
    pub op: Op,
    pub inputs: Vec<usize>,
    pub value: Array2<f64>,
}

/// Operations in the order in which they were recorded.
#[derive(Default)]
pub struct Program {
    pub nodes: Vec<Node>,
}

impl Program {
    /// Adds an input.
    pub fn add_input(&mut self, op: Op, value: Array2<f64>) -> usize {
        self.nodes.push(Node { op, inputs: vec![], value });
        self.nodes.len() - 1
    }

    /// Adds an operation, and computes its value.
    pub fn add(&mut self, op: Op, inputs: Vec<usize>) -> Result<usize, TapeError> {
        let tape = Tape::new();
        let x: Vec<_> = inputs.iter().map(|&i| tape.constant(&self.nodes[i].value)).collect();
        let value = op.record(&x).value()?;
        self.nodes.push(Node { op, inputs, value });
        Ok(self.nodes.len() - 1)
    }

    /// Records everything on a tape, with these leaves, in their order.
    pub fn record<'p, 't>(
        &'p self,
        tape: &'t Tape<'p, f64>,
        leaves: &[Var<'t, f64>],
    ) -> Vec<Var<'t, f64>> {
        let mut leaves = leaves.iter();
        let mut recorded: Vec<Var<'t, f64>> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let var = match node.op {
                Op::Leaf => *leaves.next().expect("there is one for each leaf"),
                Op::Constant => tape.constant(&node.value),
                _ => {
                    let x: Vec<_> = node.inputs.iter().map(|&i| recorded[i]).collect();
                    node.op.record(&x)
                }
            };
            recorded.push(var);
        }
        recorded
    }

    /// The values of the leaves, in their order.
    pub fn leaves(&self) -> impl Iterator<Item = &Array2<f64>> {
        self.nodes.iter().filter(|node| matches!(node.op, Op::Leaf)).map(|node| &node.value)
    }
}
