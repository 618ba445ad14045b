//! Element-wise functions of one matrix.

use super::activation::{relu, relu_slope, tanh_slope};
use super::call::{Adjoint, Call};
use crate::Scalar;
use crate::elementary::{exp, ln, sigmoid, softplus, tanh};
use crate::kernel::vectorised;

/// `y = f(x)`, element by element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Unary<T> {
    Neg,
    Scale(T),
    Shift(T),
    Square,
    Exp,
    Ln,
    Tanh,
    Softplus,
    Relu,
    Clamp(T, T),
}

/// What is to be done with a function and its slope.
trait Visit<T> {
    /// `value` is `f(x)`; `slope` is `f′`, from the argument x and the value y.
    fn visit(self, value: impl Fn(T) -> T, slope: impl Fn(T, T) -> T);
}

impl<T: Scalar> Unary<T> {
    pub fn name(self) -> &'static str {
        match self {
            Self::Neg => "neg",
            Self::Scale(_) => "scale",
            Self::Shift(_) => "shift",
            Self::Square => "square",
            Self::Exp => "exp",
            Self::Ln => "ln",
            Self::Tanh => "tanh",
            Self::Softplus => "softplus",
            Self::Relu => "relu",
            Self::Clamp(..) => "clamp",
        }
    }

    // ANCHOR: define
    /// Every function beside its slope. Domain: all reals, smooth, unless said otherwise.
    fn define(self, visit: impl Visit<T>) {
        let (zero, one, two) = (T::zero(), T::one(), T::of(2.0));
        match self {
            Self::Neg => visit.visit(|x| -x, |_, _| -one),
            Self::Scale(c) => visit.visit(|x| c * x, |_, _| c),
            Self::Shift(c) => visit.visit(|x| x + c, |_, _| one),
            Self::Square => visit.visit(|x| x * x, |x, _| two * x),
            Self::Exp => visit.visit(exp, |_, y| y),
            // x > 0. At 0 the value is −∞, below it NaN.
            Self::Ln => visit.visit(ln, |x, _| one / x),
            Self::Tanh => visit.visit(tanh, |_, y| tanh_slope(y)),
            Self::Softplus => visit.visit(softplus, |x, _| sigmoid(x)),
            Self::Relu => visit.visit(relu, |_, y| relu_slope(y)),
            // Kinks at both bounds, where the slope counts as 1. NaN stays NaN.
            Self::Clamp(low, high) => visit.visit(
                |x| {
                    if x < low {
                        low
                    } else if x > high {
                        high
                    } else {
                        x
                    }
                },
                |x, _| if x < low || x > high { zero } else { one },
            ),
        }
    }
    // ANCHOR_END: define

    pub fn value(self, x: &[T], y: &mut [T]) {
        self.define(Value { x, y });
    }

    pub fn vjp(self, call: &Call<'_, T>, adjoint: Adjoint<'_, T>) {
        self.define(Vjp { call, adjoint });
    }
}

struct Value<'a, T> {
    x: &'a [T],
    y: &'a mut [T],
}

impl<T: Scalar> Visit<T> for Value<'_, T> {
    fn visit(self, value: impl Fn(T) -> T, _slope: impl Fn(T, T) -> T) {
        vectorised!(|| self.y.iter_mut().zip(self.x).for_each(|(y, &x)| *y = value(x)));
    }
}

struct Vjp<'a, T> {
    call: &'a Call<'a, T>,
    adjoint: Adjoint<'a, T>,
}

impl<T: Scalar> Visit<T> for Vjp<'_, T> {
    fn visit(self, _value: impl Fn(T) -> T, slope: impl Fn(T, T) -> T) {
        let points = self.call.inputs[0].data.iter().zip(self.call.output.data);
        let terms = points.zip(self.call.cotangent).map(|((&x, &y), &dy)| dy * slope(x, y));
        self.adjoint.add(terms);
    }
}

#[cfg(test)]
mod tests {
    use crate::tape::Tape;
    use ndarray::{Array2, array};

    #[test]
    fn values_are_the_functions() {
        let x = array![[0.3, -1.2, 2.5]];
        let tape = Tape::new();
        let v = tape.leaf(&x);
        let near = |name, y: crate::tape::Var<'_, f64>, f: fn(f64) -> f64| {
            let (y, expected): (Array2<f64>, _) = (y.value().unwrap(), x.mapv(f));
            assert!((&y - &expected).iter().all(|d| d.abs() < 1e-15), "{name}");
        };
        near("neg", -v, |x| -x);
        near("scale", v * 3.0, |x| 3.0 * x);
        near("shift", v + 3.0, |x| x + 3.0);
        near("square", v.square(), |x| x * x);
        near("exp", v.exp(), f64::exp);
        near("ln", v.square().ln(), |x| (x * x).ln());
        near("tanh", v.tanh(), f64::tanh);
        near("softplus", v.softplus(), |x| x.exp().ln_1p());
        near("relu", v.relu(), |x| x.max(0.0));
        near("clamp", v.clamp(-1.0, 1.0), |x| x.clamp(-1.0, 1.0));
    }

    #[test]
    fn slopes_are_those_of_the_functions() {
        let x = array![[0.3, -1.2, 2.5]];
        let tape = Tape::new();
        let v = tape.leaf(&x);
        let near = |name, y: crate::tape::Var<'_, f64>, slope: fn(f64) -> f64| {
            let (found, expected) = (y.sum().backward().unwrap(), x.mapv(slope));
            let error = &found.wrt(v) - &expected;
            assert!(error.iter().all(|d| d.abs() < 4e-15), "{name}: {error}");
        };
        near("neg", -v, |_| -1.0);
        near("scale", v * 3.0, |_| 3.0);
        near("shift", v + 3.0, |_| 1.0);
        near("square", v.square(), |x| 2.0 * x);
        near("exp", v.exp(), f64::exp);
        near("ln", v.square().ln(), |x| 2.0 / x);
        near("tanh", v.tanh(), |x| 1.0 / x.cosh().powi(2));
        near("softplus", v.softplus(), |x| 1.0 / (1.0 + (-x).exp()));
        near("relu", v.relu(), |x| if x > 0.0 { 1.0 } else { 0.0 });
        near("clamp", v.clamp(-1.0, 1.0), |x| if x.abs() < 1.0 { 1.0 } else { 0.0 });
    }

    #[test]
    fn a_number_on_a_bound_passes_through_clamp_to_the_bit() {
        let (zero, minus_zero) = (array![[0.0_f64]], array![[-0.0_f64]]);
        let tape = Tape::new();
        let above = tape.leaf(&minus_zero).clamp(0.0, 1.0);
        assert!(above.item().unwrap().is_sign_negative());
        let below = tape.leaf(&zero).clamp(-1.0, -0.0);
        assert!(below.item().unwrap().is_sign_positive());
    }

    #[test]
    fn the_slope_at_a_kink_is_the_documented_one() {
        let x = array![[0.0, -1.0, 1.0]];
        let tape = Tape::new();
        let v = tape.leaf(&x);
        let relu = v.relu().sum().backward().unwrap();
        assert_eq!(relu.wrt(v), array![[0.0, 0.0, 1.0]]);
        let clamp = v.clamp(-1.0, 1.0).sum().backward().unwrap();
        assert_eq!(clamp.wrt(v), array![[1.0, 1.0, 1.0]]);
    }

    #[test]
    fn the_slope_of_clamp_is_exactly_zero_outside() {
        let x = array![[-20.5, 2.5, 0.0]];
        let tape = Tape::new();
        let v = tape.leaf(&x);
        let gradients = v.clamp(-20.0, 2.0).sum().backward().unwrap();
        assert_eq!(gradients.wrt(v), array![[0.0, 0.0, 1.0]]);
    }

    #[test]
    fn not_a_number_passes_through_relu_and_clamp() {
        let x = array![[f64::NAN]];
        let tape = Tape::new();
        let v = tape.leaf(&x);
        assert!(v.relu().item().unwrap().is_nan());
        assert!(v.clamp(-1.0, 1.0).item().unwrap().is_nan());
    }
}
