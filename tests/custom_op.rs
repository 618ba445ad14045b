//! Operations of the user's own on the tape, and under the gradient checker.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Zip, array};
use softac::Scalar;
use softac::gradcheck::{Reason, Verdict, gradcheck};
use softac::tape::{CustomOp, Gradients, Pullback, Shape, Tape, TapeError};

/// `tanh x`, with a slope that is wrong by a factor.
struct Tanh(f64);

impl<T: Scalar> CustomOp<T> for Tanh {
    fn name(&self) -> &'static str {
        "my_tanh"
    }

    fn value(&self, x: &[ArrayView2<T>], mut y: ArrayViewMut2<T>) {
        y.zip_mut_with(&x[0], |y, x| *y = x.tanh());
    }

    fn vjp(&self, at: &Pullback<T>, _which: usize, x_bar: ArrayViewMut2<T>) {
        let slope = |y: T| T::of(self.0) * (T::one() - y * y);
        let points = Zip::from(x_bar).and(at.output).and(at.cotangent);
        points.for_each(|x_bar, &y, &y_bar| *x_bar = y_bar * slope(y));
    }
}

/// The scaled product `s · A B` of `[1, 1]`, `[M, K]` and `[K, N]`: three inputs, and a shape rule.
struct ScaledProduct;

impl CustomOp<f64> for ScaledProduct {
    fn name(&self) -> &'static str {
        "scaled_product"
    }

    fn shape(&self, inputs: &[Shape]) -> Result<Shape, &'static str> {
        match *inputs {
            [[1, 1], [m, k], [also_k, n]] if k == also_k => Ok([m, n]),
            _ => Err("it takes a scalar and two matrices that fit"),
        }
    }

    fn value(&self, x: &[ArrayView2<f64>], mut y: ArrayViewMut2<f64>) {
        y.assign(&(x[1].dot(&x[2]) * x[0][[0, 0]]));
    }

    fn vjp(&self, at: &Pullback<f64>, which: usize, mut x_bar: ArrayViewMut2<f64>) {
        let (s, [a, b]) = (at.inputs[0][[0, 0]], [at.inputs[1], at.inputs[2]]);
        match which {
            0 => x_bar.fill((&a.dot(&b) * &at.cotangent).sum()),
            1 => x_bar.assign(&(at.cotangent.dot(&b.t()) * s)),
            _ => x_bar.assign(&(a.t().dot(&at.cotangent) * s)),
        }
    }
}

/// `|x|`, which knows its kink.
struct Abs;

impl CustomOp<f64> for Abs {
    fn name(&self) -> &'static str {
        "abs"
    }

    fn value(&self, x: &[ArrayView2<f64>], mut y: ArrayViewMut2<f64>) {
        y.zip_mut_with(&x[0], |y, x| *y = x.abs());
    }

    fn vjp(&self, at: &Pullback<f64>, _which: usize, x_bar: ArrayViewMut2<f64>) {
        let points = Zip::from(x_bar).and(at.inputs[0]).and(at.cotangent);
        points.for_each(|x_bar, &x, &y_bar| *x_bar = y_bar * x.signum());
    }

    fn piece(&self, x: &[ArrayView2<f64>], element: [usize; 2]) -> i32 {
        x[0][element].partial_cmp(&0.0).map_or(2, |side| side as i32)
    }
}

/// Claims any shape, and computes nothing.
struct Claims(Shape);

impl CustomOp<f64> for Claims {
    fn name(&self) -> &'static str {
        "claims"
    }

    fn shape(&self, _inputs: &[Shape]) -> Result<Shape, &'static str> {
        Ok(self.0)
    }

    fn value(&self, _x: &[ArrayView2<f64>], _y: ArrayViewMut2<f64>) {}

    fn vjp(&self, _at: &Pullback<f64>, _which: usize, _x_bar: ArrayViewMut2<f64>) {}
}

#[test]
fn a_right_custom_operation_passes_in_every_component() {
    let x = array![[0.3, -1.2, 4.0], [2.0, 0.7, -0.01]];
    gradcheck(|tape, p| tape.custom(&Tanh(1.0), &[p[0]]), &[&x]).unwrap().assert_ok();
    let (s, a, b) = (array![[-0.7]], x, array![[1.5, 0.2], [0.1, -3.0], [0.4, 0.9]]);
    let product = gradcheck(|tape, p| tape.custom(&ScaledProduct, p), &[&s, &a, &b]).unwrap();
    product.assert_ok();
    assert_eq!(product.coverage.components, 1 + 6 + 6);
}

#[test]
fn a_derivative_that_is_wrong_by_a_millionth_is_found_and_named() {
    let (x, w) = (array![[0.3, -1.2], [2.0, 0.7]], array![[0.5], [-0.3]]);
    for factor in [1.0 + 1e-6, 1.0 - 1e-6, -1.0, 0.0] {
        let wrong = Tanh(factor);
        let report = gradcheck(
            |tape, p| tape.custom(&wrong, &[p[0].matmul(p[1])]).square().mean(),
            &[&x, &w],
        );
        let culprit = report.unwrap().culprit.expect("an operation is wrong by itself");
        assert_eq!(culprit.operation, "my_tanh", "with the factor {factor}");
        assert_eq!(culprit.shapes, [[2, 1]]);
    }
}

#[test]
fn beside_a_kink_it_passes_and_at_it_the_checker_abstains() {
    let check = |x: f64| gradcheck(|tape, p| tape.custom(&Abs, p), &[&array![[x]]]);
    for beside in [1e-5, -1e-5, 0.1, -3.0] {
        check(beside).unwrap().assert_ok();
    }
    let kink = Verdict::Unchecked(Reason::KinkCrossed { operation: "abs" });
    assert_eq!(check(0.0).unwrap().rows[0].verdict, kink);
}

#[test]
fn contributions_add_up_where_an_input_is_used_more_than_once() {
    let x = array![[0.4, -1.1]];
    let tape = Tape::new();
    let v = tape.leaf(&x);
    let (one, two) = (tape.custom(&Tanh(1.0), &[v]), tape.custom(&Tanh(1.0), &[v]));
    let gradients = (one + two + v).sum().backward().unwrap();
    let slope = |x: f64| 1.0 + 2.0 * (1.0 - x.tanh() * x.tanh());
    let error = &gradients.wrt(v) - &x.mapv(slope);
    assert!(error.iter().all(|error| error.abs() < 1e-15), "{error}");
}

#[test]
fn a_constant_input_costs_no_derivative() {
    let (s, a, b) = (array![[2.0]], array![[1.0, 3.0]], array![[5.0], [7.0]]);
    let tape = Tape::new();
    let (s, a, b) = (tape.constant(&s), tape.leaf(&a), tape.constant(&b));
    let product = tape.custom(&ScaledProduct, &[s, a, b]);
    assert_eq!(product.item(), Ok(52.0));
    let gradients = product.backward().unwrap();
    assert_eq!(gradients.wrt(a), array![[10.0, 14.0]]);
    assert!(!gradients.is_tracked(b));
    assert!(!gradients.is_tracked(s));
}

#[test]
fn what_does_not_fit_is_refused() {
    let (x, y) = (array![[1.0, 2.0]], array![[1.0]]);
    let refused = |op: &dyn CustomOp<f64>, inputs: &[&Array2<f64>]| {
        let tape = Tape::new();
        let inputs: Vec<_> = inputs.iter().map(|x| tape.leaf(*x)).collect();
        tape.custom(op, &inputs).value().unwrap_err()
    };
    for (count, inputs) in [(0, vec![]), (4, vec![&x; 4])] {
        assert_eq!(refused(&Tanh(1.0), &inputs), TapeError::Inputs { op: "my_tanh", count });
    }
    assert!(matches!(refused(&Tanh(1.0), &[&x, &y]), TapeError::Shapes { op: "my_tanh", .. }));
    assert!(matches!(refused(&ScaledProduct, &[&x]), TapeError::Shape { shape: [1, 2], .. }));
    for shape in [[0, 3], [3, 0], [usize::MAX, 2]] {
        let refused = refused(&Claims(shape), &[&x]);
        assert!(matches!(refused, TapeError::Shape { op: "claims", .. }), "{refused}");
    }
    let (one, two) = (Tape::new(), Tape::new());
    let mixed = one.custom(&Tanh(1.0), &[two.leaf(&x)]);
    assert_eq!(mixed.value().unwrap_err(), TapeError::ForeignVariable { op: "my_tanh" });
}

#[test]
fn what_is_not_written_is_not_a_number_and_its_gradient_zero() {
    let x = array![[1.0, 2.0]];
    let tape = Tape::new();
    let v = tape.leaf(&x);
    // What earlier recordings left in the buffers must not show.
    let y = tape.custom(&Claims([2, 2]), &[v.square().tanh()]);
    assert!(y.value().unwrap().iter().all(|y| y.is_nan()));
    let mut gradients = Gradients::new();
    v.sum().backward_into(&mut gradients).unwrap();
    y.sum().backward_into(&mut gradients).unwrap();
    assert_eq!(gradients.wrt(v), array![[0.0, 0.0]]);
}

#[test]
fn a_recycled_tape_forgets_custom_operations_and_can_be_sent() {
    fn sent<S: Send>(sent: S) -> S {
        sent
    }
    let mut kept: Tape<'static, f32> = Tape::new();
    for x in [0.25_f32, -0.5] {
        let (op, x) = (Tanh(1.0), array![[x]]);
        let tape = sent(std::mem::take(&mut kept).recycle());
        let y = tape.custom(&op, &[tape.leaf(&x)]);
        assert_eq!(y.value().unwrap(), x.mapv(f32::tanh));
        kept = tape.recycle();
    }
}

#[test]
fn once_warm_a_custom_operation_allocates_nothing() {
    let (x, op) = (array![[0.4, -1.1]], Tanh(1.0));
    let (mut kept, mut gradients): (Tape<'static, f64>, _) = (Tape::new(), Gradients::new());
    let mut pass = || {
        let tape = std::mem::take(&mut kept).recycle();
        let v = tape.leaf(&x);
        let loss = (tape.custom(&op, &[v]) + tape.custom(&op, &[v])).sum();
        loss.backward_into(&mut gradients).unwrap();
        kept = tape.recycle();
    };
    pass();
    assert_eq!(allocation_counter::measure(pass).count_total, 0);
}
