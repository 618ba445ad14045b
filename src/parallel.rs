//! Work on several threads, or on one: with the feature `parallel`, and where it is worth it.
//!
//! Who computes a part never matters for its bits: parts are cut by size alone, and what they leave is
//! added up in their order.

/// Does `f` to every pair of items.
pub(crate) fn for_each_pair<A: Send, B: Send, E: Send>(
    several_threads: bool,
    first: &mut [A],
    second: &mut [B],
    f: impl Fn(&mut A, &mut B) -> Result<(), E> + Sync,
) -> Result<(), E> {
    #[cfg(feature = "parallel")]
    if several_threads {
        use rayon::prelude::*;
        let pairs = first.par_iter_mut().zip(second).with_max_len(1);
        return pairs.try_for_each(|(a, b)| f(a, b));
    }
    _ = several_threads;
    first.iter_mut().zip(second).try_for_each(|(a, b)| f(a, b))
}

/// Does `f` to every item, its index, and its part of `numbers`, which is cut into parts of this length.
pub(crate) fn for_each_part<I: Send, T: Send, E: Send>(
    several_threads: bool,
    items: &mut [I],
    numbers: &mut [T],
    length: usize,
    f: impl Fn(usize, &mut I, &mut [T]) -> Result<(), E> + Sync,
) -> Result<(), E> {
    #[cfg(feature = "parallel")]
    if several_threads {
        use rayon::prelude::*;
        let parts = items.par_iter_mut().zip(numbers.par_chunks_mut(length)).enumerate();
        return parts.with_max_len(1).try_for_each(|(i, (item, part))| f(i, item, part));
    }
    _ = several_threads;
    let mut parts = items.iter_mut().zip(numbers.chunks_mut(length)).enumerate();
    parts.try_for_each(|(i, (item, part))| f(i, item, part))
}
