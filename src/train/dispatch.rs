//! From a configuration, which is data, to number type and algorithm, which are types.

use crate::Scalar;
use crate::agent::Algorithm;

/// Work for which number type and algorithm must be known at compile time.
///
/// [`Config::with_types`](super::Config::with_types) does it; it is the one place where precisions and algorithms meet.
///
/// ```
/// use softac::agent::Algorithm;
/// use softac::agent::Settings;
/// use softac::Scalar;
/// use softac::train::{Config, Work};
///
/// struct Names;
///
/// impl Work for Names {
///     type Output = (&'static str, &'static str);
///
///     fn run<T: Scalar, A: Algorithm<T>>(self) -> Self::Output {
///         (T::NAME, A::Settings::NAME)
///     }
/// }
///
/// assert_eq!(Config::default().with_types(Names), ("f32", "sac"));
/// ```
pub trait Work {
    /// What it gives.
    type Output;

    /// Does it, with this number type and this algorithm.
    fn run<T: Scalar, A: Algorithm<T>>(self) -> Self::Output;
}
