//! Everything that the crate differentiates, as a list of named cases.

mod losses;
mod networks;
mod ops;
#[cfg(test)]
mod properties;
mod update;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::fmt;

use ndarray::Array2;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::{Checker, Report};
use crate::nn::{Mlp, Params};
use crate::random::fill_normal;
use crate::tape::{Shape, TapeError};

/// What kind of thing a case checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "std", derive(serde::Serialize))]
#[cfg_attr(feature = "std", serde(rename_all = "lowercase"))]
pub enum Group {
    /// One operation of the tape.
    Op,
    /// A layer or a perceptron.
    Network,
    /// The policy and its log-probability.
    Policy,
    /// One of SAC's equations.
    Loss,
    /// A loss with all networks that it is computed from, as an update composes them.
    Update,
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Op => "op",
            Self::Network => "network",
            Self::Policy => "policy",
            Self::Loss => "loss",
            Self::Update => "update",
        })
    }
}

/// One check of the suite.
pub struct Case {
    /// What kind of thing is checked.
    pub group: Group,
    /// Its name.
    pub name: String,
    /// The shape it is checked at: batch size and dimension.
    pub shape: Shape,
    check: Box<Check>,
}

type Check = dyn Fn(&Checker) -> Result<Report, TapeError>;

impl Case {
    fn new(
        group: Group,
        name: impl Into<String>,
        shape: Shape,
        check: impl Fn(&Checker) -> Result<Report, TapeError> + 'static,
    ) -> Self {
        Self { group, name: name.into(), shape, check: Box::new(check) }
    }

    /// The name with group and shape: `op/tanh/3x7`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}/{}x{}", self.group, self.name, self.shape[0], self.shape[1])
    }

    /// Runs the check with the default seed.
    ///
    /// # Errors
    /// If the tape refuses something: never, in this suite.
    pub fn run(&self) -> Result<Report, TapeError> {
        self.run_with(&Checker::new())
    }

    /// Runs the check; points and cotangents come from the checker's seed.
    ///
    /// # Errors
    /// If the tape refuses something: never, in this suite.
    pub fn run_with(&self, checker: &Checker) -> Result<Report, TapeError> {
        (self.check)(checker)
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Case").field(&self.id()).finish()
    }
}

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
    let families = [ops::cases, networks::cases, losses::cases, update::cases];
    families.into_iter().flat_map(move |cases| shapes.iter().flat_map(move |&shape| cases(shape)))
}

/// Points of a case, all drawn from the checker's seed.
struct Points {
    stream: ChaCha8Rng,
}

impl Points {
    fn new(checker: &Checker) -> Self {
        let mut stream = ChaCha8Rng::seed_from_u64(checker.seed);
        // Stream 0 is the cotangent's.
        stream.set_stream(1);
        Self { stream }
    }

    /// A matrix of independent standard normal numbers.
    fn normal(&mut self, shape: Shape) -> Array2<f64> {
        let mut x = Array2::zeros(shape);
        fill_normal(x.as_slice_mut().unwrap_or_default(), &mut self.stream);
        x
    }

    /// Initial parameters of a network.
    fn init(&mut self, mlp: &Mlp) -> Params<f64> {
        mlp.init(&mut self.stream)
    }

    /// A matrix of zeros and ones.
    fn flags(&mut self, shape: Shape) -> Array2<f64> {
        self.normal(shape).mapv(|x| f64::from(x > 0.5))
    }
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
