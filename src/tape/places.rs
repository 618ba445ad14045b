//! Places of adjoints in their arena: parts that are handed out and taken back.

use alloc::vec::Vec;
use core::ops::Range;

use crate::kernel::LINE;

/// The parts of an arena that are in use, and those that are free again.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    /// Free parts below the end, in the order of memory. No two of them touch.
    free: Vec<Range<usize>>,
    end: usize,
}

impl Places {
    /// Takes everything back.
    pub fn clear(&mut self) {
        self.free.clear();
        self.end = 0;
    }

    /// The arena's length for all parts so far, in numbers.
    pub fn len(&self) -> usize {
        self.end
    }

    /// The memory that is held, in bytes.
    pub fn bytes(&self) -> usize {
        self.free.capacity() * size_of::<Range<usize>>()
    }

    /// Hands out the first part that is long enough, and says where it begins.
    pub fn take(&mut self, len: usize) -> usize {
        let len = len.next_multiple_of(LINE);
        if let Some(at) = self.free.iter().position(|part| part.len() >= len) {
            let start = self.free[at].start;
            self.free[at].start += len;
            if self.free[at].is_empty() {
                self.free.remove(at);
            }
            return start;
        }
        let start = match self.free.pop_if(|last| last.end == self.end) {
            Some(last) => last.start,
            None => self.end,
        };
        self.end = start + len;
        start
    }

    /// Takes a part back.
    pub fn give_back(&mut self, start: usize, len: usize) {
        let mut part = start..start + len.next_multiple_of(LINE);
        let at = self.free.partition_point(|free| free.end < part.start);
        while let Some(next) = self.free.get(at).filter(|next| next.start <= part.end) {
            part = part.start.min(next.start)..part.end.max(next.end);
            self.free.remove(at);
        }
        self.free.insert(at, part);
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_part_that_was_given_back_is_handed_out_again() {
        let mut places = Places::default();
        let [a, b, c] = [32, 16, 48].map(|len| places.take(len));
        assert_eq!([a, b, c, places.len()], [0, 32, 48, 96]);
        places.give_back(b, 16);
        places.give_back(a, 32);
        assert_eq!(places.take(48), 0);
        places.give_back(c, 48);
        // It reaches to the end, and more is added there.
        assert_eq!((places.take(64), places.len()), (48, 112));
    }

    proptest! {
        #[test]
        fn no_two_parts_in_use_share_a_number(actions in prop::collection::vec((1..200_usize, any::<bool>()), 1..60)) {
            let mut places = Places::default();
            let mut used: Vec<Range<usize>> = Vec::new();
            for (len, gives_back) in actions {
                if gives_back && !used.is_empty() {
                    let part = used.swap_remove(len % used.len());
                    places.give_back(part.start, part.len());
                } else {
                    let start = places.take(len);
                    prop_assert!(start % LINE == 0 && start + len <= places.len());
                    prop_assert!(used.iter().all(|part| start + len <= part.start || part.end <= start));
                    used.push(start..start + len);
                }
            }
            for part in used {
                places.give_back(part.start, part.len());
            }
            prop_assert!(places.free.len() <= 1);
            prop_assert_eq!(places.take(places.len()), 0);
        }
    }
}
