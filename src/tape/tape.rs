//! The tape as its owner sees it: inputs go in, buffers are kept.

use core::cell::RefCell;

use ndarray::ArrayView2;

use super::Shape;
use super::error::TapeError;
use super::gradients::Gradients;
use super::ops::{CustomOp, MAX_INPUTS, Op};
use super::record::{Record, VarId};
use super::recorder::Recorder;
use super::var::Var;
use crate::Scalar;
use crate::kernel::Numerics;

/// A recording of matrix operations, walked backwards for gradients.
///
/// Arrays that go in are borrowed for `'p` where their memory is contiguous, and copied where not. The
/// tape is owned by its caller and can be sent to another thread; there is no global state.
///
/// ```
/// use ndarray::array;
/// use softac::tape::Tape;
///
/// let x = array![[3.0]];
/// let tape = Tape::new();
/// let v = tape.leaf(&x);
/// let y = v.square() + v * 2.0; // x² + 2x
/// assert_eq!(y.item()?, 15.0);
/// assert_eq!(y.backward()?.wrt(v), array![[8.0]]); // 2x + 2
/// # Ok::<(), softac::tape::TapeError>(())
/// ```
pub struct Tape<'p, T: Scalar> {
    pub(super) record: RefCell<Record<'p, T>>,
}

impl<T: Scalar> Default for Tape<'_, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'p, T: Scalar> Tape<'p, T> {
    /// An empty tape.
    #[must_use]
    pub fn new() -> Self {
        Self { record: RefCell::new(Record::default()) }
    }

    /// An empty tape whose products are rounded in this way.
    #[must_use]
    pub fn with_numerics(numerics: Numerics) -> Self {
        let mut record = Record::default();
        record.numerics = numerics;
        Self { record: RefCell::new(record) }
    }

    /// An input with respect to which gradients are taken. An empty matrix is an error.
    pub fn leaf(&self, x: impl Into<ArrayView2<'p, T>>) -> Var<'_, T> {
        self.input(Op::Leaf, x.into())
    }

    /// An input that counts as constant. An empty matrix is an error.
    pub fn constant(&self, x: impl Into<ArrayView2<'p, T>>) -> Var<'_, T> {
        self.input(Op::Constant, x.into())
    }

    /// A constant scalar `[1, 1]`.
    pub fn scalar(&self, x: T) -> Var<'_, T> {
        self.add(|record| record.copy(Op::Constant, core::iter::once(x), [1, 1]))
    }

    /// A network's flat parameters `θ` as a leaf `[1, P]`, to be split with [`Var::block`]. Its gradient
    /// is flat too: [`Gradients::leaf`](super::Gradients::leaf).
    pub fn params(&self, theta: &'p [T]) -> Var<'_, T> {
        self.add(|record| record.borrow(Op::Leaf, theta, [1, theta.len()]))
    }

    /// A network's flat parameters as a constant `[1, P]`: no gradient is computed for them.
    pub fn frozen(&self, theta: &'p [T]) -> Var<'_, T> {
        self.add(|record| record.borrow(Op::Constant, theta, [1, theta.len()]))
    }

    /// An operation of the user's own, borrowed as arrays are, on one to three inputs; see [`CustomOp`].
    pub fn custom<'t>(&'t self, op: &'p dyn CustomOp<T>, inputs: &[Var<'t, T>]) -> Var<'t, T> {
        self.add(|record| {
            let (name, count) = (op.name(), inputs.len());
            if !(1..=MAX_INPUTS).contains(&count) {
                return Err(TapeError::Inputs { op: name, count });
            }
            if !inputs.iter().all(|input| input.is_on(&self.record)) {
                return Err(TapeError::ForeignVariable { op: name });
            }
            let mut ids = [VarId::REFUSED; MAX_INPUTS];
            ids.iter_mut().zip(inputs).for_each(|(id, input)| *id = input.id());
            record.push_custom(op, &ids[..count])
        })
    }

    /// Forgets the recording and keeps the buffers, for the next pass over arrays of another lifetime.
    ///
    /// ```
    /// # use softac::tape::Tape;
    /// let mut kept: Tape<'static, f64> = Tape::new();
    /// for theta in [[1.0, 2.0], [3.0, 4.0]] {
    ///     let tape = std::mem::take(&mut kept).recycle();
    ///     let sum = tape.params(&theta).sum().item()?;
    ///     assert_eq!(sum, theta[0] + theta[1]);
    ///     kept = tape.recycle();
    /// }
    /// # Ok::<(), softac::tape::TapeError>(())
    /// ```
    #[must_use]
    pub fn recycle<'q>(self) -> Tape<'q, T> {
        Tape { record: RefCell::new(self.record.into_inner().recycle()) }
    }

    /// The same tape, on which nothing is computed: shapes and places alone are recorded.
    pub(crate) fn dry(self) -> Self {
        self.record.borrow_mut().dry = true;
        self
    }

    /// Whether nothing is computed on it.
    pub(crate) fn is_dry(&self) -> bool {
        self.record.borrow().dry
    }

    /// Makes exactly the room that the recording takes, and its gradients if they are wanted.
    ///
    /// # Errors
    /// The first operation that was refused.
    pub(crate) fn make_room(&self, gradients: Option<&mut Gradients<T>>) -> Result<(), TapeError> {
        let record = &mut *self.record.borrow_mut();
        record.error.map_or(Ok(()), Err)?;
        record.make_room();
        if let Some(gradients) = gradients {
            gradients.make_room(record);
        }
        Ok(())
    }

    /// The buffers, between two passes.
    pub(crate) fn into_buffers(self) -> Buffers<T> {
        Buffers(self.record.into_inner().recycle())
    }

    fn input(&self, op: Op<T>, x: ArrayView2<'p, T>) -> Var<'_, T> {
        let shape: Shape = x.dim().into();
        self.add(|record| match x.to_slice() {
            Some(data) => record.borrow(op, data, shape),
            None => record.copy(op, x.iter().copied(), shape),
        })
    }

    pub(super) fn add(
        &self,
        add: impl FnOnce(&mut Record<'p, T>) -> Result<VarId, TapeError>,
    ) -> Var<'_, T> {
        let added = add(&mut self.record.borrow_mut());
        let id = added.unwrap_or_else(|error| self.record.refuse(error));
        Var::new(&self.record, id)
    }
}

/// The buffers of a tape that nothing is recorded on. Threads may share what holds them, which they may not
/// with a tape.
pub(crate) struct Buffers<T: Scalar>(Record<'static, T>);

impl<T: Scalar> Buffers<T> {
    /// None yet, for a tape whose products are rounded in this way.
    pub fn new(numerics: Numerics) -> Self {
        Tape::with_numerics(numerics).into_buffers()
    }

    /// The memory that they hold, in bytes.
    pub fn bytes(&self) -> usize {
        self.0.bytes()
    }

    /// A tape with these buffers; what is left here has none.
    pub fn take<'p>(&mut self) -> Tape<'p, T> {
        Tape { record: RefCell::new(core::mem::take(&mut self.0).recycle()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::Activation;
    use ndarray::{Array2, array};

    #[test]
    fn the_first_error_stays_and_nothing_is_computed_after_it() {
        let (a, b) = (array![[1.0, 2.0]], array![[1.0]]);
        let tape = Tape::new();
        let (a, b) = (tape.leaf(&a), tape.leaf(&b));
        let wrong = a + b;
        let later = a.matmul(a);
        let first = wrong.value().unwrap_err();
        assert!(matches!(first, TapeError::Shapes { op: "add", .. }));
        for var in [later, a.sum(), tape.scalar(1.0)] {
            assert_eq!(var.item().unwrap_err(), first);
            assert_eq!(var.backward().unwrap_err(), first);
        }
    }

    #[test]
    fn variables_of_two_tapes_do_not_mix() {
        let x = array![[1.0]];
        let (one, two) = (Tape::new(), Tape::new());
        let sum = one.leaf(&x) + two.leaf(&x);
        assert_eq!(sum.item(), Err(TapeError::ForeignVariable { op: "add" }));
        assert_eq!(sum.shape(), [0, 0]);
    }

    #[test]
    fn an_empty_matrix_is_refused() {
        for shape in [(0, 3), (3, 0), (0, 0)] {
            let x = Array2::<f64>::zeros(shape);
            let tape = Tape::new();
            assert!(matches!(tape.leaf(&x).value(), Err(TapeError::Shape { op: "leaf", .. })));
        }
        let none: [f64; 0] = [];
        let tape = Tape::new();
        assert!(matches!(tape.params(&none).value(), Err(TapeError::Shape { .. })));
    }

    #[test]
    fn a_matrix_with_gaps_is_read_in_its_logical_order() {
        let x = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        let tape = Tape::new();
        let transposed = tape.leaf(x.t());
        assert_eq!(transposed.value().unwrap(), x.t());
    }

    #[test]
    fn a_recycled_tape_computes_as_a_new_one() {
        let (large, small) = (Array2::from_elem((7, 9), 0.5), array![[1.0, -2.0]]);
        let tape = Tape::new();
        tape.leaf(&large).tanh().sum().backward().unwrap();
        let tape = tape.recycle();
        let v = tape.leaf(&small);
        let y = v.square().sum();
        assert_eq!(y.item().unwrap(), 5.0);
        assert_eq!(y.backward().unwrap().wrt(v), array![[2.0, -4.0]]);
    }

    #[test]
    fn how_products_are_rounded_outlives_a_recording() {
        for numerics in [Numerics::Fast, Numerics::Portable] {
            let rounds = |tape: &Tape<'_, f32>| tape.record.borrow().numerics;
            let tape = Tape::with_numerics(numerics);
            assert_eq!(rounds(&tape), numerics);
            let tape = tape.recycle();
            assert_eq!(rounds(&tape), numerics);
            assert_eq!(rounds(&tape.into_buffers().take()), numerics);
        }
    }

    #[test]
    fn a_dry_recording_makes_exactly_the_room_that_the_pass_takes() {
        fn loss<'t>(tape: &'t Tape<'_, f64>, [x, w, b]: [Var<'t, f64>; 3]) -> Var<'t, f64> {
            let y = x.linear(w, b, Activation::Tanh);
            (y.square() * tape.scalar(2.0).broadcast(y.shape())).mean()
        }
        // Weights that are transposed in one piece, in several, and not at all.
        for (inputs, outputs) in [(3, 40), (70, 40), (70, 1)] {
            let (x, w, b) = (
                Array2::from_elem((7, inputs), 0.5),
                Array2::from_elem((inputs, outputs), 0.1),
                Array2::zeros((1, outputs)),
            );
            let mut gradients = Gradients::new();
            let tape = Tape::new().dry();
            let dry = loss(&tape, [tape.leaf(&x), tape.leaf(&w), tape.leaf(&b)]);
            assert_eq!(dry.shape(), [1, 1]);
            tape.make_room(Some(&mut gradients)).unwrap();
            let mut buffers = tape.into_buffers();
            let room = (buffers.bytes(), gradients.bytes());
            let tape = buffers.take();
            let done = loss(&tape, [tape.leaf(&x), tape.leaf(&w), tape.leaf(&b)]);
            done.backward_into(&mut gradients).unwrap();
            assert_eq!((tape.into_buffers().bytes(), gradients.bytes()), room);
        }
    }

    #[test]
    fn a_dry_recording_tells_of_shapes_that_do_not_fit() {
        let (x, w) = (array![[1.0, 2.0]], array![[1.0, 2.0, 3.0]]);
        let tape = Tape::new().dry();
        let _ = tape.leaf(&x).matmul(tape.leaf(&w));
        assert!(matches!(tape.make_room(None), Err(TapeError::Shapes { op: "matmul", .. })));
    }

    #[test]
    fn a_tape_can_be_sent_to_another_thread() {
        fn assert_send<S: Send>() {}
        assert_send::<Tape<'static, f32>>();
    }
}
