//! The function under check, recorded at the base point and, again and again, beside it.

use alloc::vec;
use alloc::vec::Vec;

use super::checker::Checker;
use super::input::{Input, Recorded};
use super::oracle::Probe;
use super::reason::Reason;
use crate::tape::{Departure, Gradients, Tape, TapeError, Var, VarId};

/// The function: leaves in, a matrix out.
pub(super) type Function<'f, 'p> =
    &'f dyn for<'t> Fn(&'t Tape<'p, f64>, &[Var<'t, f64>]) -> Var<'t, f64>;

/// One element of one input.
#[derive(Clone, Copy)]
pub(super) struct Component {
    pub input: usize,
    pub element: usize,
}

/// One pass of the function.
struct Pass<'p> {
    tape: Tape<'p, f64>,
    leaves: Vec<VarId>,
    output: VarId,
}

/// The function with its point, its recording there, and its gradient.
pub(super) struct Recording<'f, 'p> {
    f: Function<'f, 'p>,
    inputs: Vec<Recorded>,
    base: Pass<'p>,
    /// The output, and what it is contracted with.
    output: Vec<f64>,
    cotangent: Vec<f64>,
    gradients: Gradients<f64>,
    /// The values of the detached nodes, which are held under perturbation.
    pins: Vec<f64>,
    /// Buffers for the next pass, and for its output.
    spare: Tape<'p, f64>,
    moved: Vec<f64>,
}

impl<'f, 'p> Recording<'f, 'p> {
    pub fn new(
        f: Function<'f, 'p>,
        inputs: &[&dyn Input],
        checker: &Checker,
    ) -> Result<Self, TapeError> {
        let inputs: Vec<_> = inputs
            .iter()
            .map(|input| Recorded { shape: input.shape(), values: input.values() })
            .collect();
        let base = record(f, Tape::new(), &inputs);
        #[cfg(test)]
        base.tape.inject(checker.fault);
        let value = base.tape.var(base.output).value()?;
        let cotangent = checker.cotangent(value.dim());
        let gradients = base.tape.var(base.output).backward_with(&cotangent)?;
        let pins = if checker.pin_detached { base.tape.detached() } else { Vec::new() };
        let output: Vec<_> = value.into_iter().collect();
        let (spare, moved) = (Tape::new(), vec![0.0; output.len()]);
        let cotangent = cotangent.into_iter().collect();
        Ok(Self { f, inputs, base, output, cotangent, gradients, pins, spare, moved })
    }

    /// The recording at the base point.
    pub fn into_tape(self) -> Tape<'p, f64> {
        self.base.tape
    }

    /// All components, input after input.
    pub fn components(&self) -> impl Iterator<Item = Component> + use<> {
        let lens: Vec<_> = self.inputs.iter().map(|input| input.values.len()).collect();
        let inputs = lens.into_iter().enumerate();
        inputs.flat_map(|(input, len)| (0..len).map(move |element| Component { input, element }))
    }

    /// Why the function cannot be checked at this point, if it cannot.
    pub fn flaw(&mut self) -> Option<Reason> {
        if !self.output.iter().all(|y| y.is_finite()) {
            return Some(Reason::NotFinite);
        }
        let again = self.pass();
        let departure = self.base.tape.departure(&again.tape);
        let read = again.tape.var(again.output).read_into(&mut self.moved);
        self.spare = again.tape;
        let repeated = read.is_ok() && departure.is_none() && self.moved == self.output;
        (!repeated).then_some(Reason::NotRepeatable)
    }

    /// The derivative by the tape.
    pub fn analytic(&self, component: Component) -> f64 {
        self.gradients.leaf(self.base.leaves[component.input])[component.element]
    }

    /// The value of a component at the base point.
    pub fn at(&self, component: Component) -> f64 {
        self.inputs[component.input].values[component.element]
    }

    /// The change of the contracted output when one component moves.
    pub fn probe(&mut self, component: Component, moved: f64) -> Result<Probe, Reason> {
        let slot = |inputs: &mut [Recorded], value| {
            core::mem::replace(&mut inputs[component.input].values[component.element], value)
        };
        let x = slot(&mut self.inputs, moved);
        let pass = self.pass();
        slot(&mut self.inputs, x);
        let probe = match self.base.tape.departure(&pass.tape) {
            Some(Departure::Structure) => Err(Reason::StructureChanged),
            Some(Departure::Piece(operation)) => Err(Reason::KinkCrossed { operation }),
            None => self.measure(&pass),
        };
        self.spare = pass.tape;
        probe
    }

    /// How far the contracted output moved. Taking the difference before the sum loses nothing:
    /// elements that did not move contribute exactly zero.
    fn measure(&mut self, pass: &Pass<'p>) -> Result<Probe, Reason> {
        let read = pass.tape.var(pass.output).read_into(&mut self.moved);
        read.map_err(|_| Reason::StructureChanged)?;
        let outputs = self.moved.iter().zip(&self.output).zip(&self.cotangent);
        let (mut value, mut size) = (0.0, 0.0);
        for ((moved, y), c) in outputs.filter(|((moved, y), _)| moved != y) {
            value += c * (moved - y);
            // Rounded at least once when it was computed, and once per term of this sum.
            size += (c * moved).abs() + (c * (moved - y)).abs() * self.cotangent.len() as f64;
        }
        let computation = pass.tape.rounding(&self.base.tape, &self.gradients);
        let rounding = computation + size * f64::EPSILON;
        if value.is_finite() { Ok(Probe { value, rounding }) } else { Err(Reason::NotFinite) }
    }

    /// Records the function at the inputs as they are, with detached nodes held to their values.
    fn pass(&mut self) -> Pass<'p> {
        let tape = core::mem::take(&mut self.spare).recycle();
        tape.pin(self.pins.clone());
        record(self.f, tape, &self.inputs)
    }
}

fn record<'p>(f: Function<'_, 'p>, tape: Tape<'p, f64>, inputs: &[Recorded]) -> Pass<'p> {
    let leaf = |input: &Recorded| tape.leaf_copy(&input.values, input.shape);
    let leaves: Vec<_> = inputs.iter().map(leaf).collect();
    let output = f(&tape, &leaves).id();
    let leaves = leaves.into_iter().map(Var::id).collect();
    Pass { tape, leaves, output }
}
