//! A batch in shards: rows that are computed together, on tapes of their own.
//!
//! A loss is a mean over transitions, so its gradient is the mean of the shards' gradients, each by its
//! share of the rows. How many shards there are depends on sizes alone, never on the number of threads:
//! the same sums in the same order, whoever computes them.

use alloc::vec::Vec;
use core::ops::Range;

use ndarray::Array2;

use crate::nn::Mlp;
use crate::tape::{Buffers, Gradients, Tape, TapeError, Var, VarId};
use crate::{Numerics, Scalar, parallel};

/// How a batch is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// B
    batch_size: usize,
    /// Rows of every shard but the last, which may have fewer.
    rows_per_shard: usize,
    /// Whether other threads may help.
    several_threads: bool,
    numerics: Numerics,
}

impl Plan {
    /// Multiply-adds of one network's forward pass that make a shard.
    const SHARD: usize = 1 << 23;
    /// Multiply-adds of one network's forward pass over the batch that are worth waking another thread.
    const SEVERAL_THREADS: usize = 1 << 21;

    /// The plan for passes of B transitions through networks of this size.
    pub fn new(batch_size: usize, network: &Mlp, numerics: Numerics) -> Self {
        let work = batch_size.saturating_mul(network.parameters());
        let shards = (work / Self::SHARD).clamp(1, batch_size);
        Self {
            batch_size,
            rows_per_shard: batch_size.div_ceil(shards),
            several_threads: work >= Self::SEVERAL_THREADS,
            numerics,
        }
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
    fn shards(self) -> usize {
        self.batch_size.div_ceil(self.rows_per_shard)
    }

    fn rows(self, shard: usize) -> Range<usize> {
        let start = shard * self.rows_per_shard;
        start..self.batch_size.min(start + self.rows_per_shard)
    }
}

/// What a pass over some rows computed.
pub(super) struct Pass<'t, T: Scalar> {
    /// The mean of the loss over the rows.
    pub loss: Var<'t, T>,
    /// A mean over the rows, to be reported.
    pub metric: Var<'t, T>,
    /// A number for each row, `[rows, 1]`, to be kept.
    pub column: Var<'t, T>,
}

/// A tape and its gradients for each shard, whose buffers are kept from pass to pass.
pub(super) struct Shards<T: Scalar> {
    workspaces: Vec<Workspace<T>>,
    /// What the last pass kept of each transition, `[B, 1]`
    pub column: Array2<T>,
    /// Loss and metric of the last sweep: means over the batch.
    pub means: [T; 2],
}

struct Workspace<T: Scalar> {
    buffers: Buffers<T>,
    gradients: Gradients<T>,
    /// The variable whose gradient was computed.
    theta: Option<VarId>,
    /// Loss and metric, by the shard's share of the rows.
    means: [T; 2],
}

impl<T: Scalar> Shards<T> {
    pub fn new() -> Self {
        Self { workspaces: Vec::new(), column: Array2::zeros((0, 1)), means: [T::zero(); 2] }
    }

    /// Computes a number for each transition.
    pub fn map<'p>(
        &mut self,
        plan: Plan,
        f: impl for<'t> Fn(&'t Tape<'p, T>, Range<usize>) -> Var<'t, T> + Sync,
    ) -> Result<(), TapeError> {
        self.each(plan, |_workspace, tape, rows, column| f(tape, rows).read_into(column))
    }

    /// Computes a loss and its gradient by the parameters θ.
    pub fn sweep<'p>(
        &mut self,
        plan: Plan,
        theta: &'p [T],
        f: impl for<'t> Fn(&'t Tape<'p, T>, Var<'t, T>, Range<usize>) -> Pass<'t, T> + Sync,
    ) -> Result<(), TapeError> {
        self.each(plan, |workspace, tape, rows, column| {
            let share = T::of(rows.len() as f64 / plan.batch_size as f64);
            let theta = tape.params(theta);
            let pass = f(tape, theta, rows);
            let loss = pass.loss * share;
            loss.backward_into(&mut workspace.gradients)?;
            pass.column.read_into(column)?;
            workspace.theta = Some(theta.id());
            workspace.means = [loss.item()?, pass.metric.item()? * share];
            Ok(())
        })?;
        let means = self.workspaces.iter().map(|workspace| workspace.means);
        self.means = means.fold([T::zero(); 2], |[loss, metric], [l, m]| [loss + l, metric + m]);
        Ok(())
    }

    /// The gradient of the last [`sweep`](Shards::sweep), in the order of the parameters.
    pub fn gradient(&mut self) -> &mut [T] {
        let Some((first, others)) = self.workspaces.split_first_mut() else { return &mut [] };
        let Some(theta) = first.theta else { return &mut [] };
        for other in others {
            first.gradients.add_leaf(theta, &other.gradients);
        }
        first.gradients.leaf_mut(theta)
    }

    fn each<'p>(
        &mut self,
        plan: Plan,
        f: impl Fn(&mut Workspace<T>, &Tape<'p, T>, Range<usize>, &mut [T]) -> Result<(), TapeError>
        + Sync,
    ) -> Result<(), TapeError> {
        self.fit(plan);
        let column = self.column.as_slice_mut().unwrap_or_default();
        parallel::for_each_part(
            plan.several_threads && plan.shards() > 1,
            &mut self.workspaces,
            column,
            plan.rows_per_shard,
            |shard, workspace, column| {
                let tape = workspace.buffers.take();
                let done = f(workspace, &tape, plan.rows(shard), column);
                workspace.buffers = tape.into_buffers();
                done
            },
        )
    }

    fn fit(&mut self, plan: Plan) {
        if self.column.nrows() != plan.batch_size {
            self.column = Array2::zeros((plan.batch_size, 1));
        }
        self.workspaces.resize_with(plan.shards(), || Workspace {
            buffers: Buffers::new(plan.numerics),
            gradients: Gradients::new(),
            theta: None,
            means: [T::zero(); 2],
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::Activation;

    #[test]
    fn every_row_is_in_one_shard_and_no_shard_is_empty() {
        for width in [16, 512, 2048, 4096] {
            let network = Mlp::new(4, &[width, width], 1, Activation::Relu);
            for batch_size in (1..=40).chain([100, 256, 1000]) {
                let plan = Plan::new(batch_size, &network, Numerics::Fast);
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
