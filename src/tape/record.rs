//! The Wengert list: nodes in the order of their computation, and one arena for their values.

use alloc::vec::{self, Vec};

use super::Shape;
use super::error::TapeError;
use super::ops::{Context, Custom, CustomOp, Customs, Layout, MAX_INPUTS, Op, Operand};
use crate::Scalar;
use crate::kernel::{Aligned, LINE, Numerics, Panels};

/// Names a variable of a tape without borrowing it: for asking [`Gradients`](super::Gradients)
/// after the tape is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VarId(pub(super) u32);

impl VarId {
    /// Stands for the result of an operation that was refused.
    pub(super) const REFUSED: Self = Self(u32::MAX);

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where a node's value lies.
#[derive(Clone, Copy)]
enum Storage {
    /// In the arena, from this offset.
    Arena(usize),
    /// In an array that the caller owns.
    Borrowed { array: usize, offset: usize },
}

impl Storage {
    fn shifted(self, by: usize) -> Self {
        match self {
            Self::Arena(offset) => Self::Arena(offset + by),
            Self::Borrowed { array, offset } => Self::Borrowed { array, offset: offset + by },
        }
    }
}

/// One operation, done.
pub(super) struct Node<T> {
    pub op: Op<T>,
    inputs: [VarId; MAX_INPUTS],
    arity: usize,
    pub shape: Shape,
    storage: Storage,
    /// Whether the node depends on a leaf, so that it has an adjoint.
    pub tracked: bool,
    /// Of a leaf: where the next block begins, if all uses so far are blocks, one after the other from the
    /// first number on.
    pub tiled_to: Option<usize>,
    /// The first column that depends on a leaf: those before it were concatenated from constants.
    pub first_tracked: usize,
}

impl<T> Node<T> {
    pub fn inputs(&self) -> &[VarId] {
        &self.inputs[..self.arity]
    }

    pub fn len(&self) -> usize {
        self.shape[0] * self.shape[1]
    }
}

/// The list and its arena. `'p` is how long the borrowed arrays live.
pub(super) struct Record<'p, T: Scalar> {
    nodes: Vec<Node<T>>,
    values: Aligned<T>,
    /// How much of `values` is in use; the rest is kept from earlier recordings.
    used: usize,
    borrowed: Vec<&'p [T]>,
    customs: Vec<&'p dyn CustomOp<T>>,
    /// What products are computed in.
    panels: Panels<T>,
    /// How products are rounded.
    pub numerics: Numerics,
    /// Whether nothing is computed: shapes and places alone are recorded, for the room to be made that they take.
    pub dry: bool,
    pub error: Option<TapeError>,
    /// Values that detached nodes take instead of their input's, in order. Only the gradient checker
    /// pins: what is held constant must not move when an input is perturbed.
    pub pins: vec::IntoIter<T>,
    /// An operation whose VJP is wrong by a factor, for tests that must notice.
    #[cfg(test)]
    pub fault: Option<(&'static str, T)>,
}

impl<T: Scalar> Default for Record<'_, T> {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            values: Aligned::new(0),
            used: 0,
            borrowed: Vec::new(),
            customs: Vec::new(),
            panels: Panels::new(),
            numerics: Numerics::default(),
            dry: false,
            error: None,
            pins: Vec::new().into_iter(),
            #[cfg(test)]
            fault: None,
        }
    }
}

impl<'p, T: Scalar> Record<'p, T> {
    /// Forgets everything but the buffers and the numerics.
    pub fn recycle<'q>(mut self) -> Record<'q, T> {
        self.nodes.clear();
        self.borrowed.clear();
        self.customs.clear();
        Record {
            nodes: self.nodes,
            values: self.values,
            used: 0,
            // Empty vectors of the same layout: collecting in place keeps their allocations.
            borrowed: self.borrowed.into_iter().map(|_| -> &'q [T] { &[] }).collect(),
            customs: self.customs.into_iter().map(|_| unreachable!("it was cleared")).collect(),
            panels: self.panels,
            numerics: self.numerics,
            dry: false,
            error: None,
            pins: Vec::new().into_iter(),
            #[cfg(test)]
            fault: None,
        }
    }

    pub fn nodes(&self) -> &[Node<T>] {
        &self.nodes
    }

    pub fn node(&self, id: VarId) -> &Node<T> {
        &self.nodes[id.index()]
    }

    pub fn customs(&self) -> Customs<'_, T> {
        &self.customs
    }

    /// What operations use besides their inputs.
    pub fn context(&self) -> Context<'_, T> {
        Context { numerics: self.numerics, customs: &self.customs }
    }

    /// The custom operation of a node, if it has one.
    pub fn custom(&self, op: &Op<T>) -> Option<&'p dyn CustomOp<T>> {
        if let Op::Custom(custom) = op { Some(self.customs[custom.index]) } else { None }
    }

    /// Makes exactly the room for values that this recording takes.
    pub fn make_room(&mut self) {
        self.nodes.shrink_to_fit();
        let missing = self.used.saturating_sub(self.values.len());
        self.values.reserve_exact(missing);
        self.values.resize(self.used, T::zero());
        let panels =
            self.nodes.iter().map(|node| node.op.value_panels(self.shapes_of(node.inputs())));
        self.panels.make_room(panels.max().unwrap_or(0));
    }

    /// Whether only the first input of a layer is tracked.
    pub fn has_frozen_weights(&self, layer: &Node<T>) -> bool {
        layer.inputs()[1..].iter().all(|id| !self.node(*id).tracked)
    }

    /// The shapes of an operation's inputs.
    pub fn shapes_of(&self, inputs: &[VarId]) -> [Shape; MAX_INPUTS] {
        let mut shapes = [[0, 0]; MAX_INPUTS];
        for (shape, id) in shapes.iter_mut().zip(inputs) {
            *shape = self.nodes[id.index()].shape;
        }
        shapes
    }

    /// The memory that is held, in bytes.
    pub fn bytes(&self) -> usize {
        let nodes = self.nodes.capacity() * size_of::<Node<T>>();
        self.values.capacity() * size_of::<T>() + nodes + self.panels.bytes()
    }

    /// Adds an input that borrows `data`.
    pub fn borrow(&mut self, op: Op<T>, data: &'p [T], shape: Shape) -> Result<VarId, TapeError> {
        self.check_not_empty(&op, shape)?;
        let storage = Storage::Borrowed { array: self.borrowed.len(), offset: 0 };
        self.borrowed.push(data);
        Ok(self.add_input(op, shape, storage))
    }

    /// Adds an input with a copy of `data`.
    pub fn copy(
        &mut self,
        op: Op<T>,
        data: impl Iterator<Item = T>,
        shape: Shape,
    ) -> Result<VarId, TapeError> {
        self.check_not_empty(&op, shape)?;
        let start = self.reserve(shape[0] * shape[1]);
        let values = self.values.get_mut(start..).unwrap_or_default();
        values.iter_mut().zip(data).for_each(|(value, x)| *value = x);
        Ok(self.add_input(op, shape, Storage::Arena(start)))
    }

    fn check_not_empty(&self, op: &Op<T>, shape: Shape) -> Result<(), TapeError> {
        if shape.contains(&0) {
            let rule = "a matrix needs at least one row and one column";
            return Err(TapeError::Shape { op: op.name(), shape, rule });
        }
        self.error.map_or(Ok(()), Err)
    }

    fn add_input(&mut self, op: Op<T>, shape: Shape, storage: Storage) -> VarId {
        let tracked = matches!(op, Op::Leaf);
        let inputs = [VarId::REFUSED; MAX_INPUTS];
        let tiled_to = Some(0);
        self.add(Node { op, inputs, arity: 0, shape, storage, tracked, tiled_to, first_tracked: 0 })
    }

    /// Computes an operation that the user brought along, and adds it.
    pub fn push_custom(
        &mut self,
        op: &'p dyn CustomOp<T>,
        inputs: &[VarId],
    ) -> Result<VarId, TapeError> {
        let custom = Custom { index: self.customs.len(), arity: inputs.len(), name: op.name() };
        self.customs.push(op);
        self.push(Op::Custom(custom), inputs)
    }

    /// Computes an operation and adds it.
    pub fn push(&mut self, op: Op<T>, inputs: &[VarId]) -> Result<VarId, TapeError> {
        self.error.map_or(Ok(()), Err)?;
        let shape = op.shape(&self.customs, &self.shapes_of(inputs))?;
        let mut slots = [VarId::REFUSED; MAX_INPUTS];
        slots[..inputs.len()].copy_from_slice(inputs);
        let node = Node {
            op,
            inputs: slots,
            arity: inputs.len(),
            shape,
            storage: Storage::Arena(0),
            tracked: false,
            tiled_to: None,
            first_tracked: 0,
        };
        self.note_uses(&node);
        if op.is_alias() { self.push_alias(node) } else { Ok(self.push_computed(node)) }
    }

    /// Keeps track of how leaves are tiled.
    fn note_uses(&mut self, node: &Node<T>) {
        for &input in node.inputs() {
            let tiled_to = self.nodes[input.index()].tiled_to;
            self.nodes[input.index()].tiled_to = match node.op {
                Op::Block { start, .. } if tiled_to == Some(start) => Some(start + node.len()),
                _ => None,
            };
            if let Op::Block { .. } = node.op {
                self.untile_leaf_of(input);
            }
        }
    }

    /// A block of a block adds to memory that the two share.
    fn untile_leaf_of(&mut self, block: VarId) {
        let mut id = block;
        while let Op::Block { .. } = self.nodes[id.index()].op {
            id = self.nodes[id.index()].inputs[0];
            self.nodes[id.index()].tiled_to = None;
        }
    }

    /// A node that shares its first input's memory.
    fn push_alias(&mut self, mut node: Node<T>) -> Result<VarId, TapeError> {
        let source = &self.nodes[node.inputs[0].index()];
        node.storage = source.storage;
        if let Op::Block { start, .. } = node.op {
            // Blocks add to the row's adjoint in place, so that must be one that starts from zeros.
            if source.tracked && !matches!(source.op, Op::Leaf | Op::Block { .. }) {
                return Err(TapeError::NotALeaf);
            }
            node.storage = source.storage.shifted(start);
            node.tracked = source.tracked;
        } else if self.pins.len() >= node.len() {
            node.storage = self.pinned(node.len());
        }
        Ok(self.add(node))
    }

    /// Memory of its own for a detached node, filled with the next of the pinned values.
    fn pinned(&mut self, len: usize) -> Storage {
        let start = self.reserve(len);
        self.values[start..]
            .iter_mut()
            .zip(self.pins.by_ref().take(len))
            .for_each(|(v, pin)| *v = pin);
        Storage::Arena(start)
    }

    fn push_computed(&mut self, mut node: Node<T>) -> VarId {
        let start = self.reserve(node.len());
        node.storage = Storage::Arena(start);
        node.tracked = node.inputs().iter().any(|id| self.nodes[id.index()].tracked);
        node.first_tracked = self.first_tracked(&node);
        if self.dry {
            return self.add(node);
        }
        let (before, output) = self.values.split_at_mut(start);
        let operands = operands(&self.nodes, before, &self.borrowed, &node);
        let context = Context { numerics: self.numerics, customs: &self.customs };
        let output = &mut output[..node.len()];
        node.op.value(context, &operands, node.shape, output, &mut self.panels);
        self.add(node)
    }

    /// The first column with an adjoint worth computing.
    fn first_tracked(&self, node: &Node<T>) -> usize {
        let (Op::Layout(Layout::Concat), [left, right]) = (node.op, node.inputs()) else {
            return 0;
        };
        let [left, right] = [left, right].map(|id| &self.nodes[id.index()]);
        if left.tracked { left.first_tracked } else { left.shape[1] + right.first_tracked }
    }

    fn add(&mut self, node: Node<T>) -> VarId {
        let id = VarId(self.nodes.len() as u32);
        self.nodes.push(node);
        id
    }

    /// Takes `len` numbers at the end of the arena and says where they begin.
    fn reserve(&mut self, len: usize) -> usize {
        let start = self.used.next_multiple_of(LINE);
        self.used = start + len;
        if self.values.len() < self.used && !self.dry {
            self.values.resize(self.used, T::zero());
        }
        start
    }

    /// The recorded value of a node, as an operation sees it.
    pub fn operand(&self, id: VarId) -> Operand<'_, T> {
        operand(&self.values, &self.borrowed, &self.nodes[id.index()])
    }

    /// The recorded values of a node's inputs.
    pub fn operands(&self, node: &Node<T>) -> [Operand<'_, T>; MAX_INPUTS] {
        operands(&self.nodes, &self.values, &self.borrowed, node)
    }
}

fn operand<'a, T>(values: &'a [T], borrowed: &[&'a [T]], node: &Node<T>) -> Operand<'a, T> {
    let data = match node.storage {
        Storage::Arena(start) => &values[start..start + node.len()],
        Storage::Borrowed { array, offset } => &borrowed[array][offset..offset + node.len()],
    };
    Operand { data, shape: node.shape }
}

fn operands<'a, T: Scalar>(
    nodes: &[Node<T>],
    values: &'a [T],
    borrowed: &[&'a [T]],
    node: &Node<T>,
) -> [Operand<'a, T>; MAX_INPUTS] {
    let mut operands = [Operand { data: &[][..], shape: [0, 0] }; MAX_INPUTS];
    for (slot, id) in operands.iter_mut().zip(node.inputs()) {
        *slot = operand(values, borrowed, &nodes[id.index()]);
    }
    operands
}

#[cfg(test)]
mod tests {
    use crate::tape::{Tape, Var};

    #[test]
    fn a_row_is_tiled_as_far_as_blocks_follow_each_other_and_nothing_else_uses_it() {
        let theta = [1.0; 6];
        let tiled_to = |uses: fn(Var<'_, f64>)| {
            let tape = Tape::new();
            let row = tape.params(&theta);
            uses(row);
            let record = tape.record.borrow();
            record.node(row.id()).tiled_to
        };
        fn pairs(row: Var<'_, f64>, starts: &[usize]) {
            starts.iter().for_each(|&start| _ = row.block(start, [1, 2]));
        }
        assert_eq!(tiled_to(|_| ()), Some(0));
        assert_eq!(tiled_to(|row| pairs(row, &[0, 2])), Some(4));
        assert_eq!(tiled_to(|row| pairs(row, &[0, 2, 4])), Some(6));
        for starts in [[2, 4], [0, 4], [0, 0], [0, 1]] {
            let tape = Tape::new();
            let row = tape.params(&theta);
            pairs(row, &starts);
            assert_eq!(tape.record.borrow().node(row.id()).tiled_to, None, "{starts:?}");
        }
        assert_eq!(tiled_to(|row| _ = (row.block(0, [1, 2]), row.sum())), None);
        assert_eq!(tiled_to(|row| _ = row.block(0, [1, 6]).block(0, [1, 2])), None);
    }
}
