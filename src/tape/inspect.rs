//! What the gradient checker needs of a recording: nothing here runs in training.
//!
//! It feeds copies of perturbed inputs in, holds detached nodes to the values of another recording,
//! compares the pieces that piecewise functions are on, and bounds the rounding error of the
//! result.

use alloc::vec::Vec;

use super::ops::{CustomOp, Op};
use super::record::Record;
use super::{Gradients, Shape, Tape, Var, VarId};
use crate::Scalar;

/// How one recording differs from another of the same function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Departure {
    /// Other operations or other shapes.
    Structure,
    /// The same operations, but this one is on another piece of its definition.
    Piece(&'static str),
}

/// One operation with the inputs that it was recorded with.
pub(crate) struct Local<'p, T> {
    op: Op<T>,
    custom: Option<&'p dyn CustomOp<T>>,
    pub inputs: Vec<(Shape, Vec<T>)>,
}

impl<'p, T: Scalar> Local<'p, T> {
    pub fn name(&self) -> &'static str {
        self.op.name()
    }

    /// The operation on other inputs.
    pub fn apply<'t>(&self, tape: &'t Tape<'p, T>, inputs: &[Var<'t, T>]) -> Var<'t, T> {
        if let Some(custom) = self.custom {
            return tape.custom(custom, inputs);
        }
        let (first, others) = inputs.split_first().expect("an operation has an input");
        first.apply_with(self.op, others)
    }
}

impl<'p, T: Scalar> Tape<'p, T> {
    /// A leaf with a copy of `values`, for inputs that do not live as long as the tape.
    pub(crate) fn leaf_copy(&self, values: &[T], shape: Shape) -> Var<'_, T> {
        self.add(|record| record.copy(Op::Leaf, values.iter().copied(), shape))
    }

    /// The variable of this name.
    pub(crate) fn var(&self, id: VarId) -> Var<'_, T> {
        Var::new(&self.record, id)
    }

    /// The values of all detached nodes, one after another.
    pub(crate) fn detached(&self) -> Vec<T> {
        let record = self.record.borrow();
        let detached = ids(&record).filter(|id| matches!(record.node(*id).op, Op::Detach));
        detached.flat_map(|id| record.operand(id).data.iter().copied()).collect()
    }

    /// Holds the detached nodes that are yet to come to these values, in order.
    pub(crate) fn pin(&self, values: Vec<T>) {
        self.record.borrow_mut().pins = values.into_iter();
    }

    /// The names of the operations, in order of their first occurrence.
    pub(crate) fn operations(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for node in self.record.borrow().nodes() {
            if !names.contains(&node.op.name()) {
                names.push(node.op.name());
            }
        }
        names
    }

    /// The operations that have a vector–Jacobian product, in order.
    pub(crate) fn locals(&self) -> impl Iterator<Item = Local<'p, T>> {
        let count = self.record.borrow().nodes().len() as u32;
        (0..count).map(VarId).filter_map(|id| {
            let record = self.record.borrow();
            let node = record.node(id);
            let inputs = record.operands(node);
            let inputs = inputs[..node.inputs().len()].iter();
            let inputs: Vec<_> = inputs.map(|x| (x.shape, x.data.to_vec())).collect();
            let has_vjp = !inputs.is_empty() && !node.op.is_alias();
            has_vjp.then(|| Local { op: node.op, custom: record.custom(&node.op), inputs })
        })
    }

    /// From now on, falsifies the vector–Jacobian product of one operation by a factor.
    #[cfg(test)]
    pub(crate) fn inject(&self, fault: Option<(&'static str, T)>) {
        self.record.borrow_mut().fault = fault;
    }

    /// The first difference between this recording and another, if there is one. Values may differ.
    pub(crate) fn departure(&self, other: &Tape<'_, T>) -> Option<Departure> {
        let (one, other) = (self.record.borrow(), other.record.borrow());
        if one.nodes().len() != other.nodes().len() {
            return Some(Departure::Structure);
        }
        ids(&one).find_map(|id| {
            let (a, b) = (one.node(id), other.node(id));
            if a.op.name() != b.op.name() || a.shape != b.shape {
                return Some(Departure::Structure);
            }
            let (x, y) = (one.operands(a), other.operands(b));
            let (fx, fy) = (one.operand(id), other.operand(id));
            let (ours, theirs) = (one.customs(), other.customs());
            let moved = |i| a.op.piece(ours, &x, fx, i) != b.op.piece(theirs, &y, fy, i);
            let moved = a.op.is_piecewise() && (0..a.len()).any(moved);
            moved.then(|| Departure::Piece(a.op.name()))
        })
    }

    /// A bound on the rounding error of the contracted output, `Σ |v̄| δv` over everything computed
    /// that the `base` recording computed from other numbers: elsewhere, the errors are the same
    /// and cancel.
    ///
    /// An error δv in the value v changes the output by v̄ δv, to first order: what reverse mode
    /// was invented for (Linnainmaa, *Taylor expansion of the accumulated rounding error*, 1976).
    /// The adjoints are those of the base.
    pub(crate) fn rounding(&self, base: &Tape<'_, T>, adjoints: &Gradients<T>) -> T {
        let (record, base) = (self.record.borrow(), base.record.borrow());
        let tracked = ids(&record).filter(|id| adjoints.is_tracked(*id));
        tracked.map(|id| rounding(&record, &base, id, adjoints)).sum::<T>() * T::epsilon()
    }
}

fn ids<T: Scalar>(record: &Record<'_, T>) -> impl Iterator<Item = VarId> + use<T> {
    (0..record.nodes().len() as u32).map(VarId)
}

/// One node's share of [`Tape::rounding`], in units of ε.
fn rounding<T: Scalar>(
    record: &Record<'_, T>,
    base: &Record<'_, T>,
    id: VarId,
    adjoints: &Gradients<T>,
) -> T {
    let node = record.node(id);
    let (inputs, output) = (record.operands(node), record.operand(id));
    let unmoved = base.operands(base.node(id));
    if inputs.iter().zip(&unmoved).all(|(x, unmoved)| x.data == unmoved.data) {
        return T::zero();
    }
    let element_wise = matches!(node.op, Op::Unary(_) | Op::Binary(_));
    let moved = |i: usize| inputs.iter().zip(&unmoved).any(|(x, u)| x.data.get(i) != u.data.get(i));
    let adjoints = adjoints.wrt(id);
    let errors = adjoints.iter().enumerate().filter(|(i, _)| !element_wise || moved(*i));
    let rounding = |i| node.op.rounding(record.customs(), &inputs, output, i);
    errors.map(|(i, adjoint)| adjoint.abs() * rounding(i)).sum()
}
