//! What one step of differences hides from the checker: oscillations, bends and noise, at every scale. A right
//! gradient is never called wrong; a wrong one never passes.

use std::cell::Cell;

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Zip, array};
use softac::gradcheck::{Probe, Reason, Report, Verdict, gradcheck, ridders};
use softac::tape::{CustomOp, Pullback};

/// y = f(x), x̄ = ȳ f′(x), element by element.
struct Pointwise<F, D> {
    f: F,
    slope: D,
}

impl<F: Fn(f64) -> f64 + Sync, D: Fn(f64) -> f64 + Sync> CustomOp<f64> for Pointwise<F, D> {
    fn name(&self) -> &'static str {
        "pointwise"
    }

    fn value(&self, x: &[ArrayView2<'_, f64>], mut y: ArrayViewMut2<'_, f64>) {
        y.zip_mut_with(&x[0], |y, x| *y = (self.f)(*x));
    }

    fn vjp(&self, at: &Pullback<'_, f64>, _which: usize, x_bar: ArrayViewMut2<'_, f64>) {
        Zip::from(x_bar).and(at.inputs[0]).and(at.cotangent).for_each(|x_bar, x, y_bar| {
            *x_bar = y_bar * (self.slope)(*x);
        });
    }
}

/// The check at one point.
fn check(x: f64, f: impl Fn(f64) -> f64 + Sync, slope: impl Fn(f64) -> f64 + Sync) -> Report {
    let op = Pointwise { f, slope };
    gradcheck(|tape, p| tape.custom(&op, &[p[0]]), &[&Array2::from_elem((1, 1), x)]).unwrap()
}

#[test]
fn where_nothing_is_hidden_the_check_costs_one_evaluation_more_than_its_first_estimate() {
    let evaluations = |f: fn(f64) -> f64, slope: fn(f64) -> f64| {
        let (op, count) = (Pointwise { f, slope }, Cell::new(0));
        let report = gradcheck(
            |tape, p| {
                count.set(count.get() + 1);
                tape.custom(&op, &[p[0]])
            },
            &[&array![[0.7]]],
        );
        report.unwrap().assert_ok();
        // The point itself is evaluated twice.
        count.get() - 2
    };
    let first_estimate = |f: fn(f64) -> f64| {
        let count = Cell::new(0);
        let probe = |x: f64| {
            count.set(count.get() + 1);
            let y = f(x);
            // What the checker takes as the rounding of such an operation, and of its output.
            let size = 8.0 * (1.0 + y.abs() + x.abs()) + y.abs() + (y - f(0.7)).abs();
            Ok(Probe { value: y - f(0.7), rounding: size * f64::EPSILON })
        };
        ridders(0.7, 1.0, probe).unwrap();
        count.get()
    };
    assert_eq!(evaluations(|x| 2.0 * x, |_| 2.0), first_estimate(|x| 2.0 * x) + 1);
    assert_eq!(evaluations(f64::exp, f64::exp), first_estimate(f64::exp) + 1);
    assert_eq!(evaluations(f64::sin, f64::cos), first_estimate(f64::sin) + 1);
}

/// Numbers between -1 and 1 that fill the interval evenly.
fn spread(count: usize) -> impl Iterator<Item = f64> {
    (1..=count).map(|i| 2.0 * (i as f64 * 0.618_033_988_749_894_9).fract() - 1.0)
}

/// The verdict is not `mismatch` for the right slope.
#[track_caller]
fn right(x: f64, f: impl Fn(f64) -> f64 + Sync, slope: impl Fn(f64) -> f64 + Sync) -> Verdict {
    let report = check(x, f, slope);
    assert_eq!(report.coverage.mismatched, 0, "at {x:e}\n{report}");
    report.rows[0].verdict
}

/// The report is not ok for a wrong slope.
#[track_caller]
fn wrong(x: f64, f: impl Fn(f64) -> f64 + Sync, slope: impl Fn(f64) -> f64 + Sync) -> Verdict {
    let report = check(x, f, slope);
    assert!(!report.is_ok(), "at {x:e}\n{report}");
    report.rows[0].verdict
}

fn share(verdicts: &[Verdict], wanted: Verdict) -> f64 {
    verdicts.iter().filter(|verdict| **verdict == wanted).count() as f64 / verdicts.len() as f64
}

/// A function of `x` at a scale, or its slope.
type Scaled = fn(f64, f64) -> f64;

const WIDTHS: [f64; 9] = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10];

/// Points in, beside and far from a bend of width `w` at 0.
fn around(w: f64) -> impl Iterator<Item = f64> {
    let far = spread(6);
    let near =
        [0.1, 0.7, 1.0, 3.0, 30.0].into_iter().flat_map(move |r| spread(6).map(move |u| r * w * u));
    near.chain(far)
}

#[test]
fn oscillations_of_any_frequency_are_judged_by_steps_within_a_wave() {
    for exponent in 0..=7 {
        let omega = 10_f64.powi(exponent);
        let (f, slope) = (move |x: f64| (omega * x).sin(), move |x: f64| omega * (omega * x).cos());
        let points: Vec<_> = spread(24)
            .zip([1e-3, 0.1, 3.0, 100.0].into_iter().cycle())
            .map(|(u, r)| u * r)
            .collect();
        let passed: Vec<_> = points.iter().map(|&x| right(x, f, slope)).collect();
        let found = points.iter().map(|&x| wrong(x, f, move |x| 1.001 * slope(x)));
        let found: Vec<_> = found.collect();
        // The argument of a fast sine is itself rounded, which nothing tells the checker.
        let demanded = if exponent <= 5 { 1.0 } else { 0.5 };
        assert!(share(&passed, Verdict::Pass) >= demanded, "{omega:e}: {passed:?}");
        assert_eq!(share(&found, Verdict::Mismatch), 1.0, "{omega:e}: {found:?}");
    }
}

#[test]
fn a_stiff_potential_passes() {
    let f = |a: f64| {
        let terms = 5.0 * (1.0 + (a - 2.0).cos()) + 90.0 * (1.0 + (2.0 * a).cos());
        terms + 3e6 * (1.0 + (3.0 * a + 0.1).cos())
    };
    let slope =
        |a: f64| -5.0 * (a - 2.0).sin() - 180.0 * (2.0 * a).sin() - 9e6 * (3.0 * a + 0.1).sin();
    for x in spread(40).map(|u| 4.0 * u) {
        assert_eq!(right(x, f, slope), Verdict::Pass, "at {x}");
        assert_eq!(wrong(x, f, |a| slope(a) * (1.0 + 1e-5)), Verdict::Mismatch, "at {x}");
    }
}

#[test]
fn a_bend_of_any_width_is_not_called_wrong() {
    let smooth_abs: [Scaled; 2] = [|x, w| x.hypot(w), |x, w| x / x.hypot(w)];
    let tanh: [Scaled; 2] = [|x, w| (x / w).tanh(), |x, w| (x / w).cosh().powi(-2) / w];
    let softplus: [Scaled; 2] = [
        |x, w| w * ((x / w).max(0.0) + (-(x / w).abs()).exp().ln_1p()),
        |x, w| 1.0 / (1.0 + (-x / w).exp()),
    ];
    for w in WIDTHS {
        for [f, slope] in [smooth_abs, tanh, softplus] {
            let verdicts = around(w).map(|x| right(x, |x| f(x, w), |x| slope(x, w)));
            let verdicts: Vec<_> = verdicts.collect();
            // Narrower ones are seen by differences, but not to six digits: rounding covers them.
            assert!(w < 1e-4 || share(&verdicts, Verdict::Pass) > 0.9, "{w:e}: {verdicts:?}");
        }
    }
}

#[test]
fn a_slope_that_forgets_a_bend_of_any_width_is_found() {
    for w in WIDTHS {
        for x in [0.1 * w, 0.7 * w, -w, 3.0 * w] {
            let sign = wrong(x, |x| x.hypot(w), f64::signum);
            assert_eq!(sign, Verdict::Mismatch, "sign for {w:e} at {x:e}");
            let dead = wrong(x, |x| (x / w).tanh(), |_| 0.0);
            assert_eq!(dead, Verdict::Mismatch, "0 for tanh of {w:e} at {x:e}");
            let step = wrong(x, |x| w * (x / w).exp().ln_1p(), |x| f64::from(x > 0.0));
            assert!(w < 1e-7 || step == Verdict::Mismatch, "a step for softplus of {w:e} at {x:e}");
        }
    }
}

#[test]
fn a_bump_between_the_steps_is_looked_for() {
    for w in WIDTHS {
        for height in [0.01 * w, w, 1e-3] {
            let f = |x: f64| x + height * (-((x - 0.3) / w).powi(2)).exp();
            let slope = |x: f64| 1.0 - 2.0 * (f(x) - x) * (x - 0.3) / (w * w);
            for u in [-1.3, -0.7, 0.2, 0.7, 1.0] {
                let x = 0.3 + u * w;
                let verdict = right(x, f, slope);
                assert!(w < 1e-5 || verdict == Verdict::Pass, "{w:e}, {height:e}, {u}: {verdict}");
                let forgotten = wrong(x, f, |_| 1.0);
                assert!(w < 1e-7 || forgotten == Verdict::Mismatch, "{w:e}, {height:e}, {u}");
            }
        }
    }
}

#[test]
fn the_slope_of_a_staircase_is_zero() {
    for x in spread(60).map(|u| 30.0 * u) {
        right(x, f64::floor, |_| 0.0);
        wrong(x, f64::floor, |_| 1.0);
    }
}

/// A number between -1 and 1 that looks random, from the bits of another one.
fn hash(x: f64) -> f64 {
    let mut bits = x.to_bits();
    for factor in [0x9E37_79B9_7F4A_7C15_u64, 0xBF58_476D_1CE4_E5B9] {
        bits = (bits ^ (bits >> 31)).wrapping_mul(factor);
    }
    (bits >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

#[test]
fn noise_makes_the_checker_abstain_and_not_accuse() {
    let slope = |x: f64| x.cosh().powi(-2);
    for noise in (5..=15).map(|digits| 10_f64.powi(-digits)) {
        let f = move |x: f64| x.tanh() + noise * hash(x);
        let passed: Vec<_> = spread(40).map(|u| right(2.0 * u, f, slope)).collect();
        assert!(noise > 1e-11 || share(&passed, Verdict::Pass) > 0.9, "{noise:e}: {passed:?}");
        for factor in [-1.0, 0.0, 1.01, 2.0] {
            let found: Vec<_> =
                spread(20).map(|u| wrong(2.0 * u, f, move |x| factor * slope(x))).collect();
            assert!(share(&found, Verdict::Mismatch) > 0.9, "{noise:e}: {found:?}");
        }
    }
}

#[test]
fn single_precision_inside_is_unresolved_and_a_slope_wrong_by_a_hundredth_is_found() {
    let exp = |x: f64| f64::from((x as f32).exp());
    let square = |x: f64| f64::from((x as f32) * (x as f32) + 1.0);
    for x in spread(80).map(|u| 3.0 * u) {
        let unresolved = Verdict::Unchecked(Reason::Unresolved);
        assert_eq!(right(x, exp, f64::exp), unresolved, "exp at {x}");
        right(x, square, |x| 2.0 * x);
        assert_eq!(wrong(x, exp, |x| 1.01 * x.exp()), Verdict::Mismatch, "exp at {x}");
        assert_eq!(wrong(x, square, |x| 2.02 * x), Verdict::Mismatch, "square at {x}");
    }
}

#[test]
fn where_nothing_can_decide_the_report_says_so() {
    // The slope at 0 is infinite from both sides, with different signs.
    let report = check(0.0, |x| x.abs().sqrt(), |_| 1.0);
    assert!(!report.is_ok() && report.coverage.mismatched == 0, "{report}");
    assert_eq!(report.rows[0].verdict, Verdict::Unchecked(Reason::Contradictory));
    assert!(report.to_string().contains("contradict each other"), "{report}");
}
