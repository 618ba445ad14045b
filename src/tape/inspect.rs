//! What the gradient checker needs of a recording: nothing here runs in training.
//!
//! It feeds copies of perturbed inputs in, holds detached nodes to the values of another recording,
//! compares the pieces that piecewise functions are on, and bounds the rounding error of the
//! result.

use alloc::vec::Vec;

use super::Shape;
use super::gradients::Gradients;
use super::ops::{CustomOp, Op};
use super::record::{Record, VarId};
use super::tape::Tape;
use super::var::Var;
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

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use ndarray::{Array2, ArrayView2, ArrayViewMut2, array};

    use crate::tape::{Activation, Pullback};

    /// `|x|`, which knows its kink.
    struct Abs;

    impl CustomOp<f64> for Abs {
        fn name(&self) -> &'static str {
            "abs"
        }

        fn value(&self, x: &[ArrayView2<'_, f64>], mut y: ArrayViewMut2<'_, f64>) {
            y.zip_mut_with(&x[0], |y, x| *y = x.abs());
        }

        fn vjp(&self, at: &Pullback<'_, f64>, _which: usize, mut x_bar: ArrayViewMut2<'_, f64>) {
            x_bar.assign(&(&at.inputs[0].map(|x| x.signum()) * &at.cotangent));
        }

        fn piece(&self, x: &[ArrayView2<'_, f64>], element: [usize; 2]) -> i32 {
            x[0][element].signum() as i32
        }
    }

    /// A function of one matrix, to be recorded.
    type Function = for<'t> fn(&'t Tape<'_, f64>, Var<'t, f64>) -> Var<'t, f64>;

    #[test]
    fn operations_are_named_once_in_the_order_of_their_first_use() {
        let x = array![[0.5]];
        let tape = Tape::new();
        let v = tape.leaf(&x);
        let _ = (v.exp().tanh() + v.exp()).tanh();
        assert_eq!(tape.operations(), ["leaf", "exp", "tanh", "add"]);
    }

    #[test]
    fn detached_values_are_read_in_order_and_held_by_pins() {
        let x = array![[1.0, 2.0]];
        let function = |tape: &Tape<'_, f64>| {
            let v = tape.leaf_copy(&[1.0, 2.0], [1, 2]);
            let (one, two) = (v.detach(), (v * 10.0).detach());
            (one + two + v).value().unwrap()
        };
        let base = Tape::new();
        assert_eq!(function(&base), &x * 12.0);
        assert_eq!(base.detached(), [1.0, 2.0, 10.0, 20.0]);
        let pinned = Tape::new();
        pinned.pin(vec![5.0, 6.0, 70.0, 80.0]);
        assert_eq!(function(&pinned), array![[76.0, 88.0]]);
    }

    #[test]
    fn what_has_a_derivative_is_a_local_that_can_be_applied_to_other_inputs() {
        let theta = [1.0, -2.0, 3.0];
        let tape = Tape::new();
        let v = tape.params(&theta).block(1, [1, 2]);
        let _ = tape.custom(&Abs, &[v.detach() * v]).tanh();
        let locals: Vec<_> = tape.locals().collect();
        let names: Vec<_> = locals.iter().map(Local::name).collect();
        assert_eq!(names, ["mul", "abs", "tanh"]);
        assert_eq!(locals[0].inputs, [([1, 2], vec![-2.0, 3.0]), ([1, 2], vec![-2.0, 3.0])]);
        assert_eq!(locals[1].inputs, [([1, 2], vec![4.0, 9.0])]);
        let (a, b) = (array![[2.0], [-0.5]], array![[-3.0], [4.0]]);
        let other = Tape::new();
        let (a, b) = (other.leaf(&a), other.leaf(&b));
        assert_eq!(locals[0].apply(&other, &[a, b]).value().unwrap(), array![[-6.0], [-2.0]]);
        assert_eq!(locals[1].apply(&other, &[a]).value().unwrap(), array![[2.0], [0.5]]);
    }

    /// How the recording of `one` at x departs from that of `other` at y.
    fn departure(
        one: (Function, Array2<f64>),
        other: (Function, Array2<f64>),
    ) -> Option<Departure> {
        let (one_tape, other_tape) = (Tape::new(), Tape::new());
        one.0(&one_tape, one_tape.leaf(&one.1));
        other.0(&other_tape, other_tape.leaf(&other.1));
        one_tape.departure(&other_tape)
    }

    #[test]
    fn recordings_of_one_function_on_one_piece_do_not_depart_from_each_other() {
        for function in [
            (|_, x| x.tanh()) as Function,
            |_, x| x.relu(),
            |_, x| x.clamp(-0.75, 2.0),
            |tape, x| tape.custom(&Abs, &[x]),
        ] {
            let (x, y) = (array![[0.5, -1.0]], array![[0.25, -3.0]]);
            assert_eq!(departure((function, x), (function, y)), None);
        }
    }

    #[test]
    fn another_piece_is_told_by_the_name_of_its_operation() {
        let (x, y) = (array![[0.5, -1.0]], array![[0.25, 1.0]]);
        let name = |function: Function| departure((function, x.clone()), (function, y.clone()));
        assert_eq!(name(|_, x| x.tanh().relu()), Some(Departure::Piece("relu")));
        assert_eq!(name(|_, x| x.clamp(-0.75, 2.0)), Some(Departure::Piece("clamp")));
        assert_eq!(name(|tape, x| tape.custom(&Abs, &[x])), Some(Departure::Piece("abs")));
    }

    #[test]
    fn another_operation_number_or_shape_is_another_structure() {
        let (x, wide) = (array![[0.5, -1.0]], array![[0.5, -1.0, 2.0]]);
        let tanh: Function = |_, x| x.tanh();
        for other in [
            ((|_, x| x.exp()) as Function, x.clone()),
            (|_, x| x.tanh().tanh(), x.clone()),
            (|_, x| x, x.clone()),
            (tanh, wide),
        ] {
            assert_eq!(departure((tanh, x.clone()), other), Some(Departure::Structure));
        }
    }

    #[test]
    fn the_rounding_bound_counts_what_was_computed_from_other_numbers_by_its_adjoint() {
        let w = array![[4.0, 5.0]];
        let function = |tape: &Tape<'_, f64>, x: [f64; 2]| -> VarId {
            let x = tape.leaf_copy(&x, [1, 2]);
            let w = tape.leaf_copy(w.as_slice().unwrap(), [1, 2]);
            let moved = tape.custom(&Abs, &[x.square() * -3.0]).sum();
            (moved + w.square().sum()).id()
        };
        let (base, tape) = (Tape::new(), Tape::new());
        let root = function(&base, [1.0, 2.0]);
        let adjoints = base.var(root).backward().unwrap();
        function(&tape, [1.0, 5.0]);
        // Element by element where an operation is known to work so: the second square of x, with the
        // adjoint −3 · −1, and what it is scaled to. Else all, as [−3, −75] and [3, 75] become
        // 8 (1 + |y| + Σ|x|) each and 2 Σ|y|. The sum of everything is another, that of w is not.
        let expected = 3.0 * 25.0
            + 75.0
            + 8.0 * (1.0 + 3.0 + 78.0)
            + 8.0 * (1.0 + 75.0 + 78.0)
            + 2.0 * 78.0
            + (78.0 + 41.0);
        assert_eq!(tape.rounding(&base, &adjoints), expected * f64::EPSILON);
        assert_eq!(base.rounding(&base, &adjoints), 0.0);
    }

    #[test]
    fn an_unmoved_product_beside_a_moved_one_costs_no_rounding() {
        let function = |tape: &Tape<'_, f64>, x: f64| -> VarId {
            let w = tape.leaf_copy(&[2.0], [1, 1]);
            let b = tape.leaf_copy(&[1.0], [1, 1]);
            let layer = |x: f64| {
                let x = tape.leaf_copy(&[x], [1, 1]);
                x.linear(w, b, Activation::Identity)
            };
            (layer(x) + layer(3.0)).id()
        };
        let (base, tape) = (Tape::new(), Tape::new());
        let root = function(&base, 1.0);
        let adjoints = base.var(root).backward().unwrap();
        function(&tape, 5.0);
        // (terms + 2) (|x w| + |b|), and the sum 11 + 7.
        assert_eq!(tape.rounding(&base, &adjoints), (3.0 * 11.0 + 18.0) * f64::EPSILON);
    }
}
