//! The checker against functions whose gradients are known, right and wrong.

use alloc::string::ToString;

use ndarray::{Array2, array};

use super::{Checker, Reason, Report, Verdict, gradcheck, named};
use crate::tape::{Tape, TapeError, Var};

/// Whether the report says this of every component.
fn all(report: &Report, verdict: Verdict) -> bool {
    report.rows.iter().all(|row| row.verdict == verdict)
}

#[test]
fn a_right_gradient_passes_in_every_component() {
    let (x, w) = (array![[0.3, -1.2], [2.0, 0.7]], array![[0.5], [-0.3]]);
    let report = gradcheck(|_, p| p[0].matmul(p[1]).tanh(), &[&x, &w]).unwrap();
    report.assert_ok();
    assert_eq!((report.coverage.components, report.coverage.passed), (6, 6));
    assert!(report.rows.iter().all(|row| row.bound < 1e-12), "{report}");
}

/// `tanh x`, with the gradient of `factor · tanh x`: the difference is a constant to the tape.
fn tanh_with_wrong_slope<'t>(
    tape: &'t Tape<'_, f64>,
    x: Var<'t, f64>,
    factor: f64,
) -> Var<'t, f64> {
    let tanh = x.tanh();
    let excess = tanh.item().unwrap() * (factor - 1.0);
    tanh * factor - tape.scalar(excess)
}

#[test]
fn a_slope_that_is_wrong_by_a_millionth_is_a_mismatch() {
    for x in [-3.0, -0.2, 0.4, 1.3] {
        let x = array![[x]];
        for factor in [1.0 + 1e-6, 1.0 - 1e-6, -1.0, 0.0] {
            let wrong = gradcheck(|tape, p| tanh_with_wrong_slope(tape, p[0], factor), &[&x]);
            assert!(all(&wrong.unwrap(), Verdict::Mismatch), "x = {x}, factor {factor}");
        }
        let right = gradcheck(|tape, p| tanh_with_wrong_slope(tape, p[0], 1.0), &[&x]).unwrap();
        right.assert_ok();
    }
}

#[test]
fn a_tiny_gradient_is_held_to_the_same_standard() {
    let x = array![[0.4]];
    let tiny = |factor| {
        gradcheck(|tape, p| tanh_with_wrong_slope(tape, p[0], factor) * 1e-12, &[&x]).unwrap()
    };
    tiny(1.0).assert_ok();
    assert!(all(&tiny(1.0 + 1e-6), Verdict::Mismatch));
}

#[test]
fn a_matrix_is_not_summed() {
    // The columns of x² − Σx²/n sum to zero: only a cotangent that is not constant sees the
    // gradient.
    let x = array![[0.3, -1.2, 0.8]];
    let report = gradcheck(
        |_, p| {
            let square = p[0].square();
            square - square.mean_columns().broadcast_like(square)
        },
        &[&x],
    )
    .unwrap();
    report.assert_ok();
    assert!(report.rows.iter().all(|row| row.analytic.abs() > 1e-3));
}

#[test]
fn at_a_kink_the_checker_abstains_and_says_where() {
    let kink = |operation| Verdict::Unchecked(Reason::KinkCrossed { operation });
    let x = array![[0.0]];
    let relu = gradcheck(|_, p| p[0].relu(), &[&x]).unwrap();
    assert!(all(&relu, kink("relu")) && !relu.is_ok());
    let clamp = gradcheck(|_, p| p[0].clamp(0.0, 1.0), &[&x]).unwrap();
    assert!(all(&clamp, kink("clamp")));
    let min = gradcheck(|_, p| p[0].min(-p[0]), &[&x]).unwrap();
    assert!(all(&min, kink("min")));
    let fused = gradcheck(
        |tape, p| p[0].linear(tape.scalar(1.0), tape.scalar(0.0), crate::tape::Activation::Relu),
        &[&x],
    );
    assert!(all(&fused.unwrap(), kink("linear_relu")));
    assert!(relu.to_string().contains("at a kink of relu"));
}

#[test]
fn close_to_a_kink_the_step_shrinks_and_the_verdict_stands() {
    for distance in [1e-2, 1e-4, 1e-6, -1e-6, -1e-4] {
        let x = array![[distance]];
        let report = gradcheck(|_, p| p[0].relu() + p[0].tanh(), &[&x]).unwrap();
        report.assert_ok();
        let wrong =
            gradcheck(|tape, p| p[0].relu() + tanh_with_wrong_slope(tape, p[0], 1.0 + 1e-6), &[&x]);
        assert!(all(&wrong.unwrap(), Verdict::Mismatch), "at {distance}");
    }
}

#[test]
fn detached_nodes_hold_their_values_under_perturbation() {
    let x = array![[0.7, -1.1]];
    let pinned = gradcheck(|_, p| p[0] * p[0].detach(), &[&x]).unwrap();
    pinned.assert_ok();
    let unpinned = Checker::new().unpinned().check(|_, p| p[0] * p[0].detach(), &[&x]).unwrap();
    assert!(all(&unpinned, Verdict::Mismatch), "plain differences see 2x, the gradient is x");
}

#[test]
fn blocks_of_a_detached_row_are_pinned_too() {
    let theta = array![[0.5, -0.25]];
    let f = |checker: Checker| {
        checker.check(|_, p| p[0].detach().block(1, [1, 1]) * p[0].block(0, [1, 1]), &[&theta])
    };
    f(Checker::new()).unwrap().assert_ok();
    assert!(!f(Checker::new().unpinned()).unwrap().is_ok());
}

#[test]
fn what_is_not_finite_is_invalid() {
    let x = array![[-1.0]];
    let ln = gradcheck(|_, p| p[0].ln(), &[&x]).unwrap();
    assert!(all(&ln, Verdict::Invalid(Reason::NotFinite)) && !ln.is_ok());
    let zero = array![[0.0]];
    let infinite_slope = gradcheck(|_, p| p[0].ln(), &[&zero]).unwrap();
    assert!(all(&infinite_slope, Verdict::Invalid(Reason::NotFinite)));
}

#[test]
fn a_function_that_is_not_repeatable_is_invalid() {
    let x = array![[1.0]];
    let calls = core::cell::Cell::new(0.0);
    let report = gradcheck(
        |_, p| {
            calls.set(calls.get() + 1.0);
            p[0] * calls.get()
        },
        &[&x],
    );
    assert!(all(&report.unwrap(), Verdict::Invalid(Reason::NotRepeatable)));
}

#[test]
fn code_that_branches_on_values_is_noticed() {
    let x = array![[1.0]];
    let report =
        gradcheck(|_, p| if p[0].item() == Ok(1.0) { p[0].tanh() } else { p[0].exp() }, &[&x]);
    assert!(all(&report.unwrap(), Verdict::Unchecked(Reason::StructureChanged)));
}

#[test]
fn what_the_tape_refuses_is_an_error() {
    let (x, y) = (array![[1.0, 2.0]], array![[1.0]]);
    let refused = gradcheck(|_, p| p[0] + p[1], &[&x, &y]);
    assert!(matches!(refused, Err(TapeError::Shapes { op: "add", .. })));
}

#[test]
fn a_narrow_feature_is_not_stepped_over() {
    // A bump of width 1/300, a hundredth of the first step.
    let x = array![[0.002]];
    gradcheck(|_, p| (-(p[0] * 300.0).square()).exp(), &[&x]).unwrap().assert_ok();
}

#[test]
fn saturated_and_large_arguments_pass() {
    let x = Array2::from_shape_vec((1, 6), alloc::vec![-40.0, -19.0, -5.0, 7.0, 19.5, 700.0]);
    let x = x.unwrap();
    gradcheck(|_, p| p[0].tanh(), &[&x]).unwrap().assert_ok();
    gradcheck(|_, p| p[0].softplus(), &[&x]).unwrap().assert_ok();
    gradcheck(|_, p| p[0].square(), &[&x]).unwrap().assert_ok();
}

#[test]
fn components_are_called_by_their_names() {
    let x = array![[1.0, 2.0]];
    let theta = crate::nn::Mlp::new(2, &[3], 1, crate::nn::Activation::Tanh).zeros::<f64>();
    let report = gradcheck(
        |_, p| p[0].sum() + p[1].square().sum() + p[2].sum(),
        &[&x, &named("theta", &theta), &named("x", &x)],
    );
    let text = report
        .unwrap()
        .rows
        .iter()
        .map(|row| row.path.as_str())
        .collect::<alloc::vec::Vec<_>>()
        .join("; ");
    for name in ["p[0][0, 1]", "theta.0.weight[1, 2]", "theta.1.bias[0, 0]", "x[0, 0]"] {
        assert!(text.contains(name), "{name} in {text}");
    }
}

/// At a tie the tape's derivative lies between the one-sided ones: relu takes the left, clamp that
/// from within, min the mean.
#[test]
fn the_convention_at_a_tie_is_among_the_one_sided_derivatives() {
    type Kinked = for<'t> fn(Var<'t, f64>) -> Var<'t, f64>;
    // Function, tie, derivatives from the left and from the right, the tape's.
    let ties: [(Kinked, f64, [f64; 3]); 4] = [
        (|x| x.relu(), 0.0, [0.0, 1.0, 0.0]),
        (|x| x.clamp(-1.0, 2.0), -1.0, [0.0, 1.0, 1.0]),
        (|x| x.clamp(-1.0, 2.0), 2.0, [1.0, 0.0, 1.0]),
        (|x| x.min(-x), 0.0, [1.0, -1.0, 0.0]),
    ];
    for (f, tie, [left, right, tape]) in ties {
        let slope = |x: f64| {
            let report = gradcheck(|_, p| f(p[0]), &[&array![[x]]]).unwrap();
            (report.rows[0].analytic, report.rows[0].numeric, report.is_ok())
        };
        let ((_, below, ok_below), (_, above, ok_above)) = (slope(tie - 1e-3), slope(tie + 1e-3));
        assert!(ok_below && ok_above && (below - left).abs() + (above - right).abs() < 1e-9);
        assert_eq!(slope(tie).0, tape);
    }
}

#[cfg(feature = "std")]
#[test]
fn a_report_is_written_as_json() {
    let x = array![[0.0, 1.0]];
    let report = gradcheck(|_, p| p[0].relu(), &[&named("x", &x)]).unwrap();
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["coverage"]["passed"], 1);
    assert_eq!(json["rows"][0]["path"], "x[0, 0]");
    let reason = &json["rows"][0]["verdict"]["unchecked"]["kink_crossed"];
    assert_eq!(reason["operation"], "relu");
}
