//! Identities that hold for every operation, at every shape and every point.

use alloc::vec::Vec;

use ndarray::Array2;
use proptest::prelude::*;

use super::ops::{Problem, problem, problems};
use super::points::points_of;
use crate::gradcheck::{Checker, Report};
use crate::tape::{Gradients, Tape, Var, VarId};

/// A function of the suite with a point, a cotangent u for its output and a direction v for its
/// inputs.
#[derive(Debug)]
struct Given {
    problem: Problem,
    checker: Checker,
    u: Array2<f64>,
    v: Vec<Array2<f64>>,
}

fn given() -> impl Strategy<Value = Given> {
    (0..problems(), 1_usize..=5, 1_usize..=6, any::<u64>()).prop_map(
        |(index, rows, columns, seed)| {
            let checker = Checker::new().seed(seed);
            let problem = problem(index, [rows, columns], &checker);
            let shape = problem.with_tape(|_, _, y| y.value().unwrap().dim());
            let mut points = points_of(&checker.seed(!seed));
            let v = problem.inputs.iter().map(|x| points.normal(x.dim().into())).collect();
            Given { u: checker.cotangent(shape), problem, checker, v }
        },
    )
}

impl Problem {
    /// Records the function at its point and hands over tape, leaves and output.
    fn with_tape<R>(&self, then: impl Fn(&Tape<'_, f64>, &[VarId], Var<'_, f64>) -> R) -> R {
        let tape = Tape::new();
        let leaves: Vec<_> = self.inputs.iter().map(|x| tape.leaf(x)).collect();
        let ids: Vec<_> = leaves.iter().map(|leaf| leaf.id()).collect();
        then(&tape, &ids, (self.function)(&tape, &leaves))
    }

    /// `Jᵀ u`, input after input.
    fn pulled(&self, u: &Array2<f64>) -> Vec<f64> {
        self.with_tape(|_, leaves, y| all(&y.backward_with(u).unwrap(), leaves))
    }
}

fn all(gradients: &Gradients<f64>, leaves: &[VarId]) -> Vec<f64> {
    leaves.iter().flat_map(|&leaf| gradients.leaf(leaf).iter().copied()).collect()
}

impl Given {
    /// The check of `t ↦ f(x + t v)` at t = 0: the oracle has `⟨u, J v⟩`, the tape `⟨Jᵀ u, v⟩`.
    fn along_the_direction(&self) -> Report {
        let Self { problem, v, .. } = self;
        let t = Array2::zeros((1, 1));
        let check = self.checker.check(
            |tape, p| {
                let points = problem.inputs.iter().zip(v).map(|(x, v)| {
                    let (x, v) = (tape.constant(x), tape.constant(v));
                    x + v * p[0].broadcast_like(v)
                });
                (problem.function)(tape, &points.collect::<Vec<_>>())
            },
            &[&t],
        );
        check.unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_500))]

    #[test]
    fn the_tapes_product_is_the_adjoint_of_the_derivative(given in given()) {
        // Blocks are cut from leaves only, and on the line the inputs are none.
        prop_assume!(!given.problem.with_tape(|tape, _, _| tape.operations().contains(&"block")));
        let report = given.along_the_direction();
        prop_assert_eq!(report.coverage.mismatched + report.coverage.invalid, 0, "{}", report);
        // The tape's product on the line is that on the inputs, contracted with the direction.
        let pulled = given.problem.pulled(&given.u);
        let terms = || pulled.iter().zip(given.v.iter().flatten()).map(|(g, v)| g * v);
        let size: f64 = terms().map(f64::abs).sum();
        let error = (terms().sum::<f64>() - report.rows[0].analytic).abs();
        prop_assert!(error <= 1e-13 * size, "error {:e} beside {:e}", error, size);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_zero_cotangent_gives_exactly_zero(given in given()) {
        let zero = Array2::zeros(given.u.dim());
        prop_assert!(given.problem.pulled(&zero).iter().all(|&g| g == 0.0));
    }

    #[test]
    fn repeated_sweeps_and_recordings_give_the_same_bits(given in given()) {
        let bits = |gradients: Vec<f64>| -> Vec<u64> {
            gradients.into_iter().map(f64::to_bits).collect()
        };
        let first = bits(given.problem.pulled(&given.u));
        prop_assert_eq!(&first, &bits(given.problem.pulled(&given.u)));
        let twice = given.problem.with_tape(|_, leaves, y| {
            let sweep = || all(&y.backward_with(&given.u).unwrap(), leaves);
            [sweep(), sweep()]
        });
        prop_assert!(twice.into_iter().all(|again| bits(again) == first));
    }

    #[test]
    fn a_node_that_is_used_twice_has_twice_the_gradient(given in given()) {
        let once = given.problem.pulled(&given.u);
        let reused = given.problem.with_tape(|_, leaves, y| {
            all(&(y + y).backward_with(&given.u).unwrap(), leaves)
        });
        // Doubling is exact in floating point.
        prop_assert!(once.iter().zip(&reused).all(|(once, twice)| 2.0 * once == *twice));
    }
}
