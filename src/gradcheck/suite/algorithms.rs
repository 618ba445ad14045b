//! The equations of all algorithms, which are known by their trait alone.

use alloc::vec::Vec;

use super::case::{Case, Group};
use super::points::points_of;
use crate::agent::{Algorithm, Equation, Extent, Problem, Settings};
use crate::algorithms::for_each_algorithm;
use crate::gradcheck::checker::Checker;
use crate::gradcheck::input::{Input, Named, named};
use crate::gradcheck::report::Report;
use crate::tape::{Shape, TapeError, Var};

macro_rules! all_equations {
    ($($variant:ident($room:ident::$settings:ident),)+) => {
        /// The equations of all algorithms at this shape.
        fn all_equations(shape: Shape) -> Vec<Equation> {
            let all = [$(equations::<crate::algorithms::$room::$settings>),+];
            all.into_iter().flat_map(|equations| equations(shape)).collect()
        }
    };
}
for_each_algorithm!(all_equations);

fn equations<S: Settings>(shape: Shape) -> Vec<Equation> {
    <S::Algorithm<f64> as Algorithm<f64>>::equations(shape)
}

/// Each equation on its own.
pub(super) fn losses(shape: Shape) -> Vec<Case> {
    cases(shape, Extent::Equation, Group::Loss)
}

/// The stages of updates.
pub(super) fn updates(shape: Shape) -> Vec<Case> {
    cases(shape, Extent::Stage, Group::Update)
}

fn cases(shape: Shape, extent: Extent, group: Group) -> Vec<Case> {
    let equations = all_equations(shape).into_iter();
    let equations = equations.filter(|equation| equation.extent == extent);
    let case = |equation: Equation| {
        Case::new(group, equation.name.clone(), shape, move |checker| check(&equation, checker))
    };
    equations.map(case).collect()
}

fn check(equation: &Equation, checker: &Checker) -> Result<Report, TapeError> {
    check_problem(&equation.problem(&mut points_of(checker)), checker)
}

fn check_problem(
    Problem { variables, constants, function, .. }: &Problem,
    checker: &Checker,
) -> Result<Report, TapeError> {
    let inputs: Vec<Named<'_>> = variables.iter().map(|(name, x)| named(name, x)).collect();
    let inputs: Vec<_> = inputs.iter().map(|input| input as &dyn Input).collect();
    checker.check(
        |tape, p| {
            let constants: Vec<Var<'_, f64>> = constants.iter().map(|c| tape.constant(c)).collect();
            function(p, &constants)
        },
        &inputs,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Differences hold what is detached: they do not tell a gradient that must not flow.
    #[test]
    fn a_gradient_flows_to_all_variables_but_those_that_an_equation_treats_as_constant() {
        for equation in all_equations([3, 7]) {
            let problem = equation.problem(&mut points_of(&Checker::new()));
            let report = check_problem(&problem, &Checker::new()).unwrap();
            for (input, (name, _)) in problem.variables.iter().enumerate() {
                let mut rows = report.rows.iter().filter(|row| row.input == input);
                let flows = rows.any(|row| row.analytic != 0.0);
                let expected = !problem.constant_in.contains(name);
                assert_eq!(flows, expected, "{}, {name}", equation.name);
            }
            let is_variable = |name| problem.variables.iter().any(|(other, _)| other == name);
            assert!(problem.constant_in.iter().all(is_variable), "{}", equation.name);
        }
    }
}
