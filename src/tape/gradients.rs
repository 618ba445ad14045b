//! Gradients: what the backward sweep leaves, and the memory that it works in.

use alloc::vec;
use alloc::vec::Vec;

use ndarray::{ArrayView2, ShapeBuilder};

use super::Shape;
use super::ops::{Affine, Op, Scratch};
use super::places::Places;
use super::record::{Node, Record, VarId};
use crate::Scalar;
use crate::kernel::{Aligned, vectorised};

/// The adjoints of one backward pass: `∂L/∂x` for every variable the loss depends on, or for the leaves alone.
///
/// Its buffers can be kept for the next pass ([`Var::backward_into`](super::Var::backward_into)).
#[derive(Clone, Debug)]
pub struct Gradients<T> {
    pub(super) adjoints: Aligned<T>,
    pub(super) places: Places,
    pub(super) slots: Vec<Slot>,
    pub(super) kept: Kept,
    /// The cotangent behind a fused activation, where the output's own adjoint is kept.
    pub(super) pulled: Vec<T>,
    pub(super) scratch: Scratch<T>,
    /// The rows whose cotangent is not zero.
    pub(super) rows: Vec<u32>,
    zero: T,
}

/// The adjoints that outlive the sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    All,
    /// Those of leaves. All others give their memory back once they are pulled back.
    Leaves,
}

/// The adjoint of one variable.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub shape: Shape,
    /// Whether the variable depends on a leaf.
    pub tracked: bool,
    /// Whether it is a leaf or a block of one.
    pub is_leaf: bool,
    /// Where it lies, if the loss depends on the variable.
    pub place: Option<usize>,
    /// Whether anything has been written to it.
    pub reached: bool,
}

impl<T: Scalar> Default for Gradients<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Scalar> Gradients<T> {
    /// Empty buffers.
    #[must_use]
    pub fn new() -> Self {
        Self {
            adjoints: Aligned::new(0),
            places: Places::default(),
            slots: Vec::new(),
            kept: Kept::All,
            pulled: Vec::new(),
            scratch: Scratch::new(),
            rows: Vec::new(),
            zero: T::zero(),
        }
    }

    /// Empty buffers for the gradients by leaves alone: a sweep takes less memory, and less time where that does not fit
    /// the processor's caches. Other variables cannot be asked for.
    ///
    /// ```
    /// use ndarray::array;
    /// use softac::tape::{Gradients, Tape};
    ///
    /// let x = array![[3.0]];
    /// let tape = Tape::new();
    /// let v = tape.leaf(&x);
    /// let mut gradients = Gradients::of_leaves();
    /// v.square().sum().backward_into(&mut gradients)?;
    /// assert_eq!(gradients.leaf(v), [6.0]);
    /// # Ok::<(), softac::tape::TapeError>(())
    /// ```
    #[must_use]
    pub fn of_leaves() -> Self {
        Self { kept: Kept::Leaves, ..Self::new() }
    }

    /// Makes exactly the room for the sweep from the last variable of a recording.
    pub(super) fn make_room(&mut self, record: &Record<'_, T>) {
        let Some(last) = record.nodes().len().checked_sub(1) else { return };
        self.slots.clear();
        self.slots.reserve_exact(record.nodes().len());
        self.plan(record, VarId(last as u32));
        let missing = self.places.len().saturating_sub(self.adjoints.len());
        self.adjoints.reserve_exact(missing);
        self.adjoints.resize(self.adjoints.len() + missing, T::zero());
        let tracked = || record.nodes().iter().filter(|node| node.tracked);
        let layers = || tracked().filter(|node| matches!(node.op, Op::Affine(Affine::Linear(_))));
        if self.kept == Kept::All {
            let pulled = layers().map(Node::len).max().unwrap_or(0);
            self.pulled = vec![T::zero(); pulled];
        }
        let swept = tracked().flat_map(|node| {
            let inputs = node.inputs().iter().map(|id| record.node(*id)).enumerate();
            inputs.filter(|(_, input)| input.tracked).map(move |input| (node, input))
        });
        let panels = swept.map(|(node, (which, input))| {
            node.op.vjp_panels(which, record.shapes_of(node.inputs()), input.first_tracked)
        });
        self.scratch.panels.make_room(panels.max().unwrap_or(0));
        let frozen = layers().filter(|layer| record.has_frozen_weights(layer));
        let rows = frozen.map(|layer| layer.shape[0]).max().unwrap_or(0);
        self.rows = Vec::with_capacity(rows);
    }

    /// The memory that is held, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let numbers = self.adjoints.capacity() + self.pulled.capacity();
        let slots = self.slots.capacity() * size_of::<Slot>();
        let rows = self.rows.capacity() * size_of::<u32>();
        numbers * size_of::<T>() + slots + rows + self.places.bytes() + self.scratch.bytes()
    }

    /// The gradient with respect to a variable, in its shape: zeros where the loss does not depend on it.
    ///
    /// # Panics
    /// If the variable was not on the tape when the gradients were computed, or is no leaf where those of
    /// [leaves](Gradients::of_leaves) alone are kept.
    #[must_use]
    pub fn wrt(&self, variable: impl Into<VarId>) -> ArrayView2<'_, T> {
        let slot = self.slot(variable.into());
        let is_kept = self.kept == Kept::All || slot.is_leaf || !slot.tracked;
        assert!(is_kept, "of these gradients those by leaves alone are kept");
        let view = match self.data(slot) {
            Some(data) => ArrayView2::from_shape(slot.shape, data),
            None => {
                let zeros = slot.shape.strides([0, 0]);
                ArrayView2::from_shape(zeros, core::slice::from_ref(&self.zero))
            }
        };
        view.expect("an adjoint's data fills its shape")
    }

    /// The gradient with respect to a leaf as one flat slice, in the order of the leaf's elements.
    ///
    /// # Panics
    /// If the variable is not a leaf of the tape that the gradients were computed on.
    #[must_use]
    pub fn leaf(&self, variable: impl Into<VarId>) -> &[T] {
        let slot = self.slot(variable.into());
        self.data(slot).filter(|_| slot.is_leaf).expect("the variable is a leaf")
    }

    /// The gradient with respect to a leaf, once there has been a sweep.
    pub(crate) fn leaf_if_swept(&self, leaf: VarId) -> Option<&[T]> {
        self.slots.get(leaf.index()).and_then(|&slot| self.data(slot))
    }

    /// The gradient with respect to a leaf, to be changed.
    pub(crate) fn leaf_mut(&mut self, leaf: VarId) -> &mut [T] {
        let Slot { shape, place, .. } = self.slot(leaf);
        let start = place.expect("every leaf has an adjoint");
        &mut self.adjoints[start..start + shape[0] * shape[1]]
    }

    /// Adds the gradient that another sweep found for the same leaf.
    pub(crate) fn add_leaf(&mut self, leaf: VarId, other: &Self) {
        let sum = self.leaf_mut(leaf);
        vectorised!(|| sum.iter_mut().zip(other.leaf(leaf)).for_each(|(x, &y)| *x += y));
    }

    /// Whether the variable has an adjoint at all. Constants, and what is computed from nothing else, do
    /// not: no work is spent on them.
    ///
    /// # Panics
    /// If the variable was not on the tape when the gradients were computed.
    #[must_use]
    pub fn is_tracked(&self, variable: impl Into<VarId>) -> bool {
        self.slot(variable.into()).tracked
    }

    fn slot(&self, id: VarId) -> Slot {
        *self.slots.get(id.index()).expect("the variable is on the tape that was swept")
    }

    fn data(&self, slot: Slot) -> Option<&[T]> {
        let start = slot.place.filter(|_| slot.reached)?;
        Some(&self.adjoints[start..start + slot.shape[0] * slot.shape[1]])
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{Node, Slot};
    use crate::tape::{Activation, Gradients, Tape, TapeError, Var};
    use ndarray::{Array2, array};

    #[test]
    fn the_room_that_is_made_is_counted_and_no_more_than_the_pass_takes() {
        let (x, w, b) = (Array2::ones((7, 3)), Array2::ones((3, 40)), Array2::ones((1, 40)));
        let tape = Tape::new().dry();
        let y = tape.leaf(&x).linear(tape.leaf(&w), tape.leaf(&b), Activation::Tanh);
        let loss = (y.square() * tape.scalar(2.0_f64).broadcast([7, 40])).mean();
        assert_eq!(loss.shape(), [1, 1]);
        let mut gradients = Gradients::new();
        // What an earlier pass took counts.
        Tape::new().leaf(&b).tanh().sum().backward_into(&mut gradients).unwrap();
        tape.make_room(Some(&mut gradients)).unwrap();
        // Each begins at a multiple of 16: y, its square, the scalar, its copies, the product, the mean.
        let values = [280, 280, 1, 280, 280, 1].map(|len: usize| len.next_multiple_of(16));
        let used = values.iter().sum::<usize>() - 15;
        assert_eq!(tape.into_buffers().bytes(), used * 8 + 9 * size_of::<Node<f64>>());
        // The leaves, and what depends on them.
        let adjoints = [21, 120, 40, 280, 280, 280, 1].map(|len: usize| len.next_multiple_of(16));
        let numbers = adjoints.iter().sum::<usize>() + 280 + 40 * 32;
        assert_eq!(gradients.bytes(), numbers * 8 + 9 * size_of::<Slot>());
    }

    #[test]
    fn the_gradient_of_another_sweep_is_added_in_every_number_of_a_leaf() {
        let x = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        let tape = Tape::new();
        let v = tape.leaf(&x);
        let mut sum = v.square().sum().backward().unwrap();
        sum.add_leaf(v.id(), &v.sum().backward().unwrap());
        assert_eq!(sum.wrt(v), x.mapv(|x| 2.0 * x + 1.0));
    }

    #[test]
    fn a_variable_used_twice_accumulates_both_gradients() {
        let x = array![[2.0, -1.0]];
        let tape = Tape::new();
        let v = tape.leaf(&x);
        let y = (v * v + v.tanh() - v).sum();
        let expected = x.mapv(|x: f64| 2.0 * x + 1.0 - x.tanh().powi(2) - 1.0);
        let error = &y.backward().unwrap().wrt(v) - &expected;
        assert!(error.iter().all(|e| e.abs() < 1e-15));
    }

    #[test]
    fn an_unused_leaf_has_gradient_zero_and_a_constant_has_none() {
        let x = array![[1.0, 2.0]];
        let tape = Tape::new();
        let (used, unused, constant) = (tape.leaf(&x), tape.leaf(&x), tape.constant(&x));
        let gradients = (used * constant).sum().backward().unwrap();
        assert_eq!(gradients.wrt(unused), Array2::<f64>::zeros((1, 2)));
        assert_eq!(gradients.wrt(constant), Array2::<f64>::zeros((1, 2)));
        assert!(gradients.is_tracked(unused) && !gradients.is_tracked(constant));
    }

    #[test]
    fn detach_keeps_the_value_and_cuts_the_gradient_exactly() {
        let x = array![[3.0]];
        let tape = Tape::new();
        let v = tape.leaf(&x);
        let y = (v * v.detach()).sum();
        assert_eq!(y.item().unwrap(), 9.0);
        assert_eq!(y.backward().unwrap().wrt(v), array![[3.0]]);
        let cut = v.square().detach();
        let nothing = cut.sum().backward().unwrap();
        assert_eq!(nothing.wrt(v), array![[0.0]]);
        assert!(!nothing.is_tracked(cut));
    }

    #[test]
    fn blocks_of_a_parameter_row_share_its_gradient() {
        let theta = [1.0, 2.0, 3.0, 4.0, 5.0];
        let tape = Tape::new();
        let params = tape.params(&theta);
        let (matrix, tail) = (params.block(0, [2, 2]), params.block(3, [1, 2]));
        assert_eq!(matrix.value().unwrap(), array![[1.0, 2.0], [3.0, 4.0]]);
        let loss = matrix.square().sum() + (tail * 10.0).sum();
        let gradients = loss.backward().unwrap();
        assert_eq!(gradients.leaf(params), [2.0, 4.0, 6.0, 18.0, 10.0]);
    }

    /// The gradient of `loss` by a parameter row of six, after a sweep that leaves no zeros behind.
    fn gradient_by_six(loss: impl for<'t> Fn(Var<'t, f64>) -> Var<'t, f64>) -> Vec<f64> {
        let theta = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let [by_all, by_leaves] = [Gradients::new(), Gradients::of_leaves()].map(|mut kept| {
            let tape = Tape::new();
            tape.params(&theta).exp().sum().backward_into(&mut kept).unwrap();
            let tape = Tape::new();
            let params = tape.params(&theta);
            loss(params).backward_into(&mut kept).unwrap();
            kept.leaf(params).to_vec()
        });
        assert_eq!(by_all, by_leaves);
        by_all
    }

    #[test]
    fn gradients_by_leaves_alone_have_the_bits_of_those_by_everything() {
        let x = Array2::from_shape_fn((9, 5), |(i, j)| (i as f64 - 1.3 * j as f64).sin());
        let [w, v] = [0.7, 1.9].map(|f| {
            Array2::from_shape_fn((5, 5), move |(i, j)| (f * i as f64 + 2.0 * j as f64).cos())
        });
        let b = Array2::from_shape_fn((1, 5), |(_, j)| 0.1 * j as f64 - 0.2);
        for f in [Activation::Identity, Activation::Relu, Activation::Tanh] {
            let [by_all, by_leaves] = [Gradients::new(), Gradients::of_leaves()].map(|mut kept| {
                let tape = Tape::new();
                let (x, trained, bias) = (tape.leaf(&x), tape.leaf(&w), tape.leaf(&b));
                let y = x.linear(trained, bias, f).linear(trained, bias, f);
                // The smaller of what two constant layers give: rows without a cotangent.
                let constant = tape.constant(&b);
                let [q1, q2] = [&w, &v].map(|m| y.linear(tape.constant(m), constant, f));
                let q = q1.sum_columns().min(q2.sum_columns());
                let loss = (q + y.tanh().sum_columns()).square().mean() + y.mean();
                loss.backward_into(&mut kept).unwrap();
                [x, trained, bias].map(|leaf| kept.leaf(leaf).to_vec())
            });
            assert_eq!(by_all, by_leaves, "{f:?}");
            assert!(by_all.iter().flatten().any(|x| *x != 0.0));
        }
    }

    #[test]
    fn a_long_chain_takes_two_adjoints_where_those_of_leaves_alone_are_kept() {
        let x = Array2::<f64>::ones((4, 8));
        let tape = Tape::new();
        let leaf = tape.leaf(&x);
        let loss = (0..20).fold(leaf, |y, _| y.tanh()).sum();
        let mut kept = Gradients::of_leaves();
        loss.backward_into(&mut kept).unwrap();
        assert_eq!(kept.adjoints.len(), 3 * 32 + 16);
        let mut all = Gradients::new();
        loss.backward_into(&mut all).unwrap();
        assert_eq!((kept.leaf(leaf), all.adjoints.len()), (all.leaf(leaf), 21 * 32 + 16));
    }

    #[test]
    #[should_panic(expected = "those by leaves alone are kept")]
    fn a_gradient_that_was_not_kept_cannot_be_asked_for() {
        let x = array![[1.0]];
        let tape = Tape::new();
        let y = tape.leaf(&x).tanh();
        let mut kept = Gradients::of_leaves();
        y.sum().backward_into(&mut kept).unwrap();
        let _ = kept.wrt(y);
    }

    #[test]
    fn blocks_that_tile_their_row_are_written_and_the_unused_are_zero() {
        fn tiles(v: Var<'_, f64>) -> [Var<'_, f64>; 3] {
            [v.block(0, [1, 2]), v.block(2, [2, 1]), v.block(4, [1, 2])]
        }
        assert_eq!(gradient_by_six(|v| tiles(v)[1].square().sum()), [0.0, 0.0, 6.0, 8.0, 0.0, 0.0]);
        let twice = gradient_by_six(|v| {
            let [a, b, c] = tiles(v);
            a.sum() + (b.square() + b).sum() + c.sum()
        });
        assert_eq!(twice, [1.0, 1.0, 7.0, 9.0, 1.0, 1.0]);
        // Without dependence on any.
        assert_eq!(gradient_by_six(|v| (tiles(v)[0].detach() * 2.0).sum()), [0.0; 6]);
    }

    #[test]
    fn blocks_that_do_not_tile_their_row_add_up() {
        let overlapping = gradient_by_six(|v| v.block(0, [1, 6]).sum() + v.block(3, [1, 3]).sum());
        assert_eq!(overlapping, [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
        let nested = gradient_by_six(|v| {
            let (all, part) = (v.block(0, [1, 6]), v.block(0, [1, 6]).block(1, [1, 2]));
            all.sum() + part.sum()
        });
        assert_eq!(nested, [1.0, 2.0, 2.0, 1.0, 1.0, 1.0]);
        let nested_only = gradient_by_six(|v| v.block(0, [1, 6]).block(1, [1, 2]).sum());
        assert_eq!(nested_only, [0.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
        let row_too = gradient_by_six(|v| v.block(0, [1, 6]).sum() + v.sum());
        assert_eq!(row_too, [2.0; 6]);
        let gap = gradient_by_six(|v| v.block(0, [1, 2]).sum() + v.block(3, [1, 3]).sum());
        assert_eq!(gap, [1.0, 1.0, 0.0, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn a_row_of_tiles_may_be_the_root_itself() {
        let theta = [1.0, 2.0];
        let tape = Tape::new();
        let params = tape.params(&theta);
        let _tile = params.block(0, [1, 2]);
        let gradients = params.backward_with(&array![[3.0, 4.0]]).unwrap();
        assert_eq!(gradients.leaf(params), [3.0, 4.0]);
    }

    #[test]
    fn blocks_of_a_copied_row_begin_where_they_say() {
        // A column has gaps between its numbers, so that it is copied.
        let x = array![[1.0, 9.0], [2.0, 9.0], [3.0, 9.0]];
        let tape = Tape::new();
        let _other = tape.scalar(7.0);
        let row = tape.leaf(x.column(0).insert_axis(ndarray::Axis(0)));
        let tail = row.block(1, [1, 2]);
        assert_eq!(tail.value().unwrap(), array![[2.0, 3.0]]);
        assert_eq!(tail.sum().backward().unwrap().leaf(row), [0.0, 1.0, 1.0]);
    }

    #[test]
    fn blocks_of_a_computed_row_are_refused() {
        let theta = [1.0, 2.0];
        let tape = Tape::new();
        let row = tape.params(&theta).square();
        assert_eq!(row.block(0, [1, 1]).value().unwrap_err(), TapeError::NotALeaf);
    }

    #[test]
    fn a_block_beyond_the_parameters_is_refused() {
        let theta = [1.0, 2.0];
        let tape = Tape::new();
        let block = tape.params(&theta).block(1, [1, 2]);
        assert!(matches!(block.value(), Err(TapeError::Range { op: "block", .. })));
    }

    #[test]
    fn the_gradient_of_a_matrix_is_refused_without_a_cotangent() {
        let x = array![[1.0, 2.0]];
        let tape = Tape::new();
        let v = tape.leaf(&x);
        assert!(matches!(v.tanh().backward(), Err(TapeError::Shape { op: "backward", .. })));
        let wrong = array![[1.0]];
        assert!(matches!(v.backward_with(&wrong), Err(TapeError::Shapes { .. })));
    }

    #[test]
    fn a_repeated_sweep_gives_the_same_bits_and_reused_buffers_carry_nothing_over() {
        let x = Array2::from_shape_fn((4, 3), |(i, j)| (i as f64 * 1.7 + j as f64).sin());
        let tape = Tape::new();
        let v = tape.leaf(&x);
        let loss = (v.tanh() * v.exp()).softplus().mean();
        let mut kept = Gradients::new();
        (v.square().sum()).backward_into(&mut kept).unwrap();
        loss.backward_into(&mut kept).unwrap();
        assert_eq!(kept.wrt(v), loss.backward().unwrap().wrt(v));
    }
}
