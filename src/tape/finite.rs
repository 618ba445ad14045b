//! Where a recording first leaves the finite numbers: nothing here runs before one has.

use alloc::vec;
use alloc::vec::Vec;

use super::gradients::Gradients;
use super::ops::Op;
use super::record::{Record, VarId};
use super::tape::Tape;
use super::var::Var;
use crate::Scalar;

/// The first number of a recording that is NaN or infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct NonFinite {
    /// The operation that computed it.
    pub op: &'static str,
    /// Whether nothing computed it: an input of the tape held it.
    pub is_input: bool,
    /// Whether it is no value but a contribution of the operation to the adjoint of one of its inputs.
    pub is_adjoint: bool,
    /// Row and column in the operation's output, or in the input's adjoint.
    pub index: [usize; 2],
    /// The number.
    pub value: f64,
}

impl<T: Scalar> Tape<'_, T> {
    /// The first number on the way to `root` and back that is not finite, if there is one.
    ///
    /// Forwards, that is the first node in the order of recording whose value is not finite, among those that
    /// `root` is computed from. Where there is none and `root` is a scalar, it is the first operation, in the
    /// order of the backward sweep, after whose contribution an adjoint is not finite. The sweep is done again
    /// for it, in buffers of its own.
    pub(crate) fn first_non_finite(&self, root: Var<'_, T>) -> Option<NonFinite> {
        let (record, root) = (self.record.borrow(), root.id());
        first_value(&record, root).or_else(|| match record.node(root).shape {
            [1, 1] => first_adjoint(&record, root),
            _ => None,
        })
    }
}

fn first_value<T: Scalar>(record: &Record<'_, T>, root: VarId) -> Option<NonFinite> {
    ancestors(record, root).into_iter().find_map(|id| {
        let node = record.node(id);
        let (at, value) = find(record.operand(id).data.iter())?;
        let index = [at / node.shape[1], at % node.shape[1]];
        let is_input = matches!(node.op, Op::Leaf | Op::Constant);
        Some(NonFinite { op: node.op.name(), is_input, is_adjoint: false, index, value })
    })
}

fn first_adjoint<T: Scalar>(record: &Record<'_, T>, root: VarId) -> Option<NonFinite> {
    let mut found = None;
    Gradients::new().sweep_until(record, root, None, |gradients, node| {
        found = node.inputs().iter().find_map(|&input| {
            let columns = record.node(input).shape[1];
            let (at, value) = find(gradients.wrt(input).iter())?;
            let index = [at / columns, at % columns];
            let op = node.op.name();
            Some(NonFinite { op, is_input: false, is_adjoint: true, index, value })
        });
        found.is_some()
    });
    found
}

/// What `root` is computed from, and `root`, in the order of recording.
fn ancestors<T: Scalar>(record: &Record<'_, T>, root: VarId) -> Vec<VarId> {
    let mut needed = vec![false; root.index() + 1];
    needed[root.index()] = true;
    for index in (0..needed.len()).rev() {
        if needed[index] {
            record.nodes()[index].inputs().iter().for_each(|input| needed[input.index()] = true);
        }
    }
    let ids = needed.iter().enumerate().filter(|(_, needed)| **needed);
    ids.map(|(index, _)| VarId(index as u32)).collect()
}

/// The first number that is not finite, and its place.
fn find<'a, T: Scalar>(numbers: impl Iterator<Item = &'a T>) -> Option<(usize, f64)> {
    let (at, x) = numbers.enumerate().find(|(_, x)| !x.is_finite())?;
    Some((at, x.as_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_finite_recording_has_no_such_number() {
        let x = array![[1.0, -2.0]];
        let tape = Tape::new();
        let v = tape.leaf(&x);
        assert_eq!(tape.first_non_finite(v.tanh().sum()), None);
        assert_eq!(tape.first_non_finite(v.tanh()), None);
    }

    #[test]
    fn the_first_value_is_named_with_its_operation_and_place() {
        let x = array![[1.0, 2.0], [-3.0, 4.0], [800.0, 5.0]];
        let tape = Tape::new();
        let v = tape.leaf(&x);
        let exp = v.exp();
        let found = tape.first_non_finite((exp - exp).tanh().sum()).unwrap();
        assert_eq!((found.op, found.is_input, found.is_adjoint), ("exp", false, false));
        assert_eq!((found.index, found.value), ([2, 0], f64::INFINITY));
    }

    #[test]
    fn an_input_is_told_from_an_operation() {
        let (x, y) = (array![[1.0]], array![[f64::INFINITY]]);
        let tape = Tape::new();
        let (x, y) = (tape.leaf(&x), tape.constant(&y));
        let found = tape.first_non_finite((x.exp() * y).tanh()).unwrap();
        assert_eq!((found.op, found.is_input, found.value), ("constant", true, f64::INFINITY));
    }

    #[test]
    fn what_the_root_is_not_computed_from_does_not_count() {
        let x = array![[800.0]];
        let tape = Tape::new();
        let v = tape.leaf(&x);
        let aside = v.exp();
        assert_eq!(tape.first_non_finite(v.tanh()), None);
        assert_eq!(tape.first_non_finite(aside).unwrap().op, "exp");
    }

    #[test]
    fn where_all_values_are_finite_the_first_operation_of_the_sweep_is_named() {
        // The slope of ln at 10⁻³⁰⁰, times 10³⁰⁰. Behind a tanh that is flat there, it is times zero.
        let x = array![[1.0, 1e-300]];
        let tape = Tape::new();
        let v = tape.leaf(&x);
        let y = (v.ln() * 1e300).tanh();
        let z = (v.ln() * 1e300).sum();
        assert_eq!(tape.first_non_finite(y.sum()), None);
        let found = tape.first_non_finite(z).unwrap();
        assert_eq!((found.op, found.is_input, found.is_adjoint), ("ln", false, true));
        assert_eq!((found.index, found.value), ([0, 1], f64::INFINITY));
    }
}
