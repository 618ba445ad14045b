//! Which operation is to blame: every one is checked by itself, on the inputs it was recorded with.

use alloc::vec::Vec;

use super::checker::Checker;
use super::culprit::Culprit;
use super::input::{Input, Recorded};
use super::verdict::Verdict;
use crate::tape::{Local, Shape, Tape};

/// The first operation of the recording whose own gradient does not stand the check.
pub(super) fn find(tape: &Tape<'_, f64>, checker: &Checker) -> Option<Culprit> {
    tape.locals().find_map(|local| {
        let Local { inputs, .. } = &local;
        let recorded = |(shape, values): &(Shape, Vec<f64>)| Recorded {
            shape: *shape,
            values: values.clone(),
        };
        let recorded: Vec<_> = inputs.iter().map(recorded).collect();
        let recorded: Vec<_> = recorded.iter().map(|input| input as &dyn Input).collect();
        let report =
            checker.check_without_attribution(&|tape, p| local.apply(tape, p), &recorded).ok()?.1;
        let row = report.rows.into_iter().find(|row| row.verdict == Verdict::Mismatch)?;
        let (shapes, values) = inputs.iter().cloned().unzip();
        Some(Culprit { operation: local.name(), shapes, values, row })
    })
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use ndarray::array;

    use super::*;
    use crate::gradcheck::{SHAPES, gradcheck, suite, suite_at};
    use crate::tape::operation_names;

    /// These have no vector–Jacobian product: inputs, and what shares its input's memory.
    const WITHOUT_VJP: [&str; 4] = ["leaf", "constant", "detach", "block"];

    #[test]
    fn every_operation_that_is_wrong_by_a_millionth_is_found_and_named() {
        for operation in operation_names().filter(|name| !WITHOUT_VJP.contains(name)) {
            let faulty = Checker { fault: Some((operation, 1.0 + 1e-6)), ..Checker::new() };
            let mut found = 0;
            for case in suite().filter(|case| case.name.split(' ').next() == Some(operation)) {
                let right = case.run().unwrap();
                let wrong = case.run_with(&faulty).unwrap();
                // Where a point lies in flat regions only, nothing times a factor is still nothing.
                let flat = right.rows.iter().all(|row| row.analytic == 0.0);
                assert_eq!(wrong.is_ok(), flat, "{} with a wrong {operation}", case.id());
                found += usize::from(wrong.culprit.is_some_and(|c| c.operation == operation));
            }
            assert!(found >= SHAPES.len() - 1, "{operation} was found {found} times");
        }
    }

    #[test]
    fn a_wrong_operation_is_found_within_a_whole_update() {
        for operation in ["linear_tanh", "min", "softplus", "columns", "mean"] {
            let faulty = Checker { fault: Some((operation, 1.0 - 1e-6)), ..Checker::new() };
            let case = suite_at(&[[3, 2]]).find(|case| case.name == "actor Tanh").unwrap();
            let report = case.run_with(&faulty).unwrap();
            assert_eq!(report.culprit.expect(operation).operation, operation);
        }
    }

    #[test]
    fn the_message_names_the_operation_and_shows_its_inputs() {
        let x = array![[0.5, -0.25]];
        let faulty = Checker { fault: Some(("exp", 2.0)), ..Checker::new() };
        let report = faulty.check(|_, p| p[0].tanh().exp().sum(), &[&x]).unwrap().to_string();
        assert!(report.contains("wrong by itself is `exp`"), "{report}");
        assert!(report.contains("p[0], 1×2: 0.462117, -0.244919"), "{report}");
    }

    #[test]
    fn where_no_operation_is_wrong_the_message_says_what_else_it_can_be() {
        let x = array![[0.5]];
        let report = gradcheck(|tape, p| p[0] * tape.scalar(p[0].item().unwrap()), &[&x]).unwrap();
        assert!(report.culprit.is_none() && !report.is_ok());
        assert!(report.to_string().contains("the tape does not see"), "{report}");
    }
}
