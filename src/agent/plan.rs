//! How a batch is divided: sizes alone decide, never the number of threads.

use core::ops::Range;

use crate::Numerics;
use crate::nn::Mlp;

/// How a batch is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// B
    pub(super) batch_size: usize,
    /// Rows of every shard but the last, which may have fewer.
    pub(super) rows_per_shard: usize,
    /// Whether other threads may help.
    pub(super) several_threads: bool,
    pub(super) numerics: Numerics,
    /// Whether nothing is computed, and only room is made for it.
    pub(super) dry: bool,
}

impl Plan {
    /// Multiply-adds of one network's forward pass that make a shard.
    const SHARD: usize = 1 << 23;
    /// Rows of a shard, at least, if the batch has so many: fewer do not make up for copying a factor of a product.
    const ROWS: usize = 64;
    /// Multiply-adds of one network's forward pass over the batch that are worth waking another thread.
    const SEVERAL_THREADS: usize = 1 << 21;

    /// The plan for passes of B transitions through networks of this size.
    pub fn new(batch_size: usize, network: &Mlp, numerics: Numerics) -> Self {
        let work = batch_size.saturating_mul(network.parameters());
        let shards = (work / Self::SHARD).clamp(1, batch_size.div_ceil(Self::ROWS));
        Self {
            batch_size,
            rows_per_shard: batch_size.div_ceil(shards),
            several_threads: work >= Self::SEVERAL_THREADS,
            numerics,
            dry: false,
        }
    }

    /// The same, to make room for what it computes.
    pub fn dry(self) -> Self {
        Self { several_threads: false, dry: true, ..self }
    }

    /// The same batch in one shard.
    pub fn undivided(self) -> Self {
        Self { rows_per_shard: self.batch_size, several_threads: false, ..self }
    }

    /// Whether other threads may help.
    pub fn several_threads(self) -> bool {
        self.several_threads
    }

    /// How many shards have rows.
    pub(super) fn shards(self) -> usize {
        self.batch_size.div_ceil(self.rows_per_shard)
    }

    pub(super) fn rows(self, shard: usize) -> Range<usize> {
        let start = shard * self.rows_per_shard;
        start..self.batch_size.min(start + self.rows_per_shard)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::nn::Activation;

    #[test]
    fn two_million_multiply_adds_are_worth_another_thread() {
        // 4 · 16 + 16 + 16 + 1 = 97 parameters
        let network = Mlp::new(4, &[16], 1, Activation::Relu);
        let plan = |batch_size| Plan::new(batch_size, &network, Numerics::Fast);
        assert!(!plan(21_620).several_threads()); // 97 B < 2²¹
        assert!(plan(21_621).several_threads());
        assert!(!plan(21_621).dry().several_threads());
        assert!(!plan(21_621).undivided().several_threads());
    }

    #[test]
    fn a_shard_has_enough_rows_however_large_the_network_is() {
        for (width, shards) in [(256, 2), (512, 4), (1024, 4), (4096, 4)] {
            let network = Mlp::new(17, &[width, width], 1, Activation::Relu);
            assert_eq!(Plan::new(256, &network, Numerics::Fast).shards(), shards, "{width}");
        }
    }

    #[test]
    fn every_row_is_in_one_shard_and_no_shard_is_empty() {
        for width in [16, 512, 2048, 4096] {
            let network = Mlp::new(4, &[width, width], 1, Activation::Relu);
            for batch_size in (1..=40).chain([100, 256, 1000]) {
                let plan = Plan::new(batch_size, &network, Numerics::Fast);
                assert_eq!(plan.undivided().shards(), 1);
                assert!(!plan.undivided().several_threads());
                for plan in [plan, plan.undivided()] {
                    let shards: Vec<_> = (0..plan.shards()).map(|i| plan.rows(i)).collect();
                    assert!(shards.iter().all(|rows| !rows.is_empty()), "{plan:?}");
                    let rows: Vec<_> = shards.into_iter().flatten().collect();
                    assert_eq!(rows, (0..batch_size).collect::<Vec<_>>(), "{plan:?}");
                }
            }
        }
    }
}
