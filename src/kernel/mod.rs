//! What the processor is made to do: matrix products, and loops over slices at its full vector width.
//!
//! Every sum has one order, whatever the vector width, the shape of a tile or the number of threads, so
//! that a result depends on nothing but its inputs and on [`Numerics`].

mod dots;
mod element;
mod multiply;
mod packed;
mod panels;
mod product;
#[cfg(test)]
mod tests;
mod tile;

pub use multiply::Multiply;
pub(crate) use packed::panels_len;
pub(crate) use panels::Panels;
pub(crate) use product::{Factor, Output, Product};
pub(crate) use tile::{Finish, Start};

use aligned_vec::{AVec, ConstAlign};
use num_traits::Float;
use pulp::{Arch, NullaryFnOnce};

/// How products are rounded: the only place where results can differ between processors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "lowercase"))]
pub enum Numerics {
    /// `a b + c` is rounded once where the processor has such an instruction (fused multiply-add): the
    /// same bits on all processors that have it.
    #[default]
    Fast,
    /// Every product and every sum is rounded: the same bits on every processor.
    Portable,
}

/// Numbers of a cache line.
pub(crate) const LINE: usize = 64 / size_of::<f32>();

/// Numbers that begin with a cache line, so that no vector needs two.
pub(crate) type Aligned<T> = AVec<T, ConstAlign<64>>;

/// Runs a loop over slices, `|| …`, with all the vector instructions that this processor has. The bits are those
/// of the plain loop: neither order nor rounding changes.
macro_rules! vectorised {
    // A large closure that need not be inlined is compiled by itself, with the instructions that all processors have.
    (|| $work:expr) => {
        $crate::kernel::dispatch(
            #[inline(always)]
            || $work,
        )
    };
}
pub(crate) use vectorised;

/// Runs what [`vectorised!`] is given.
#[inline]
pub(crate) fn dispatch<R>(work: impl FnOnce() -> R) -> R {
    struct Loop<F>(F);
    impl<R, F: FnOnce() -> R> NullaryFnOnce for Loop<F> {
        type Output = R;

        #[inline(always)]
        fn call(self) -> R {
            (self.0)()
        }
    }
    Arch::new().dispatch(Loop(work))
}

/// Whether every number is finite.
pub(crate) fn all_finite<T: Float>(x: &[T]) -> bool {
    // Every number is looked at, without a branch, so that the loop is compiled to vectors.
    vectorised!(|| x.iter().fold(true, |finite, x| finite & x.is_finite()))
}
