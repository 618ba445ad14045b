//! The points at which cases are checked.

use rand::SeedableRng;

use crate::agent::Points;
use crate::gradcheck::checker::Checker;
use crate::random::Stream;

/// The points of a case, all drawn from the checker's seed.
pub(super) fn points_of(checker: &Checker) -> Points {
    let mut stream = Stream::seed_from_u64(checker.seed);
    // Stream 0 is the cotangent's.
    stream.set_stream(1);
    Points::new(stream)
}
