//! The backward sweep.

#[cfg(test)]
use alloc::vec::Vec;
use core::ops::Range;

use super::gradients::{Gradients, Kept, Slot};
use super::ops::{Activation, Adjoint, Affine, Call, Op};
use super::places::Places;
use super::record::{Node, Record, VarId};
use crate::Scalar;

impl<T: Scalar> Gradients<T> {
    /// Walks the record backwards from `root`, whose adjoint is the cotangent (1 if there is none).
    pub(super) fn sweep(&mut self, record: &Record<'_, T>, root: VarId, cotangent: Option<&[T]>) {
        self.sweep_until(record, root, cotangent, |_, _| false);
    }

    /// The same, up to the node after whose contributions `stop` says so.
    pub(super) fn sweep_until(
        &mut self,
        record: &Record<'_, T>,
        root: VarId,
        cotangent: Option<&[T]>,
        mut stop: impl FnMut(&Self, &Node<T>) -> bool,
    ) {
        self.plan(record, root);
        self.clear_leaves(record, root);
        let Some(start) = self.slots[root.index()].place else { return self.finish(record) };
        let adjoint = &mut self.adjoints[start..start + record.node(root).len()];
        match cotangent {
            Some(cotangent) => adjoint.copy_from_slice(cotangent),
            None => adjoint.fill(T::one()),
        }
        self.slots[root.index()].reached = true;
        for index in (0..=root.index()).rev() {
            if let Slot { place: Some(start), reached: true, .. } = self.slots[index] {
                self.pull_back(record, &record.nodes()[index], VarId(index as u32), start);
                if stop(self, &record.nodes()[index]) {
                    break;
                }
            }
        }
        self.finish(record);
    }

    /// Gives every adjoint of a sweep from `root` its place, before anything is computed.
    pub(super) fn plan(&mut self, record: &Record<'_, T>, root: VarId) {
        let Self { places, slots, kept, .. } = self;
        places.clear();
        slots.clear();
        for node in record.nodes() {
            let place = match node.op {
                Op::Leaf => Some(places.take(node.len())),
                Op::Block { start, .. } => {
                    slots[node.inputs()[0].index()].place.map(|leaf| leaf + start)
                }
                _ => None,
            };
            let (shape, tracked, is_leaf) = (node.shape, node.tracked, place.is_some());
            slots.push(Slot { shape, tracked, is_leaf, place, reached: false });
        }
        take_place(places, &mut slots[root.index()]);
        for (index, node) in record.nodes()[..=root.index()].iter().enumerate().rev() {
            let Slot { is_leaf: false, place: Some(start), .. } = slots[index] else { continue };
            for input in node.inputs() {
                take_place(places, &mut slots[input.index()]);
            }
            if *kept == Kept::Leaves {
                places.give_back(start, node.len());
            }
        }
    }

    /// Sets to zero what several nodes add to: leaves, but for those whose blocks tile them, each of which is written as
    /// any other adjoint.
    fn clear_leaves(&mut self, record: &Record<'_, T>, root: VarId) {
        if self.adjoints.len() < self.places.len() {
            self.adjoints.resize(self.places.len(), T::zero());
        }
        // A leaf that is its own root gets its gradient at once, not by its blocks.
        let is_leaf = matches!(record.node(root).op, Op::Leaf);
        let is_tiled = |node: &Node<T>| !is_leaf && node.tiled_to == Some(node.len());
        for (node, slot) in record.nodes().iter().zip(&mut self.slots) {
            slot.reached = match node.op {
                Op::Leaf => true,
                Op::Block { .. } => !is_tiled(record.node(node.inputs()[0])),
                _ => false,
            };
            if let (Op::Leaf, Some(start), false) = (node.op, slot.place, is_tiled(node)) {
                self.adjoints[start..start + node.len()].fill(T::zero());
            }
        }
    }

    /// Sets to zero the blocks of tiled leaves that the loss does not depend on.
    fn finish(&mut self, record: &Record<'_, T>) {
        for (node, slot) in record.nodes().iter().zip(&self.slots) {
            if let (Op::Block { .. }, Some(start), false) = (node.op, slot.place, slot.reached) {
                self.adjoints[start..start + node.len()].fill(T::zero());
            }
        }
    }

    // ANCHOR: pull_back
    /// Adds one node's contributions to the adjoints of its inputs.
    fn pull_back(&mut self, record: &Record<'_, T>, node: &Node<T>, id: VarId, start: usize) {
        if node.op.is_alias() {
            return;
        }
        let own = start..start + node.len();
        let cotangent = match node.op {
            Op::Affine(Affine::Linear(f)) => self.behind_activation(f, record, node, id, own),
            _ => Cotangent { place: Place::Arena(own), some_rows: false },
        };
        let Self { adjoints, slots, pulled, scratch, rows, .. } = self;
        let rows = cotangent.some_rows.then_some(rows.as_slice());
        for (which, input) in node.inputs().iter().enumerate() {
            let slot = &mut slots[input.index()];
            let Some(start) = slot.place else { continue };
            let data = start..start + slot.shape[0] * slot.shape[1];
            let (data, cotangent) = match &cotangent.place {
                Place::Pulled(len) => (&mut adjoints[data], &pulled[..*len]),
                Place::Arena(own) => {
                    let parts = adjoints.get_disjoint_mut([data, own.clone()]);
                    let [data, own] = parts.expect("adjoints of one time lie apart");
                    (data, &*own)
                }
            };
            #[cfg(test)]
            let falsified = falsify(record, &node.op, cotangent);
            #[cfg(test)]
            let cotangent = falsified.as_slice();
            let (inputs, output) = (record.operands(node), record.operand(id));
            let call = Call { inputs, output, cotangent, rows, context: record.context() };
            let first_tracked = record.node(*input).first_tracked;
            let adjoint = Adjoint { data, fresh: !slot.reached, first_tracked, scratch };
            node.op.vjp(&call, which, adjoint);
            slot.reached = true;
        }
    }
    // ANCHOR_END: pull_back

    /// The cotangent behind a fused activation: computed once, though up to three VJPs read it, and in place where the
    /// output's adjoint is not kept. Where only the input's VJP reads it, rows of zeros are left out: those of a critic
    /// that is not the minimum have nothing to pull back.
    fn behind_activation(
        &mut self,
        activation: Activation,
        record: &Record<'_, T>,
        layer: &Node<T>,
        id: VarId,
        own: Range<usize>,
    ) -> Cotangent {
        let is_fresh = !self.slots[layer.inputs()[0].index()].reached;
        let some_rows = is_fresh && record.has_frozen_weights(layer);
        let Self { adjoints, pulled, rows, kept, .. } = self;
        let cotangent = match kept {
            Kept::All => {
                pulled.clear();
                pulled.extend_from_slice(&adjoints[own.clone()]);
                pulled
            }
            Kept::Leaves => &mut adjoints[own.clone()],
        };
        let output = record.operand(id);
        let len = if some_rows {
            activation.pull_back_rows(output.data, output.shape[1], cotangent, rows)
        } else {
            activation.pull_back(output.data, cotangent);
            own.len()
        };
        let place = match kept {
            Kept::All => Place::Pulled(len),
            Kept::Leaves => Place::Arena(own.start..own.start + len),
        };
        Cotangent { place, some_rows }
    }
}

/// Where the adjoint of an output lies, as the VJPs read it.
struct Cotangent {
    place: Place,
    /// Whether there are those rows alone that are noted.
    some_rows: bool,
}

enum Place {
    Arena(Range<usize>),
    /// So many numbers of the buffer for cotangents behind activations.
    Pulled(usize),
}

/// Gives a variable's adjoint a place, if it has none yet.
fn take_place(places: &mut Places, slot: &mut Slot) {
    if slot.tracked && slot.place.is_none() {
        slot.place = Some(places.take(slot.shape[0] * slot.shape[1]));
    }
}

/// The cotangent, times the factor of the injected fault if it is this operation's.
#[cfg(test)]
fn falsify<T: Scalar>(record: &Record<'_, T>, op: &Op<T>, cotangent: &[T]) -> Vec<T> {
    let factor = record.fault.filter(|(name, _)| *name == op.name()).map_or(T::one(), |(_, f)| f);
    cotangent.iter().map(|&dy| dy * factor).collect()
}
