//! Everything that the crate differentiates, as a list of named cases.

mod algorithms;
mod case;
mod networks;
mod ops;
mod points;
#[cfg(test)]
mod properties;

pub use case::{Case, Group};

use crate::tape::Shape;

/// Batch sizes and dimensions of the suite's cases: one and not one, odd and even.
pub const SHAPES: [Shape; 5] = [[1, 1], [1, 4], [5, 1], [3, 7], [9, 2]];

/// All cases at all of [`SHAPES`].
///
/// ```
/// use softac::gradcheck::suite;
/// for case in suite().filter(|case| case.name == "log_tanh_jacobian") {
///     case.run()?.assert_ok();
/// }
/// # Ok::<(), softac::tape::TapeError>(())
/// ```
pub fn suite() -> impl Iterator<Item = Case> {
    suite_at(&SHAPES)
}

/// All cases at these shapes, `[batch size, dimension]`.
pub fn suite_at(shapes: &[Shape]) -> impl Iterator<Item = Case> {
    let families = [ops::cases, networks::cases, algorithms::losses, algorithms::updates];
    families.into_iter().flat_map(move |cases| shapes.iter().flat_map(move |&shape| cases(shape)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::operation_names;
    use alloc::vec::Vec;

    #[test]
    fn every_operation_of_the_tape_is_in_the_suite() {
        let reports = suite_at(&[[3, 7]]).map(|case| case.run().unwrap());
        let checked: Vec<_> = reports.flat_map(|report| report.operations).collect();
        for name in operation_names() {
            assert!(checked.contains(&name), "no case of the suite records {name}");
        }
    }

    #[test]
    fn cases_have_names_of_their_own() {
        let mut ids: Vec<_> = suite().map(|case| case.id()).collect();
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }
}
