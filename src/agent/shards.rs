//! A batch in shards: rows that are computed together, on tapes of their own.
//!
//! A loss is a mean over transitions, so its gradient is the mean of the shards' gradients, each by its
//! share of the rows. How many shards there are depends on sizes alone, never on the number of threads:
//! the same sums in the same order, whoever computes them.

use alloc::vec::Vec;
use core::ops::Range;

use ndarray::Array2;

use super::plan::Plan;
use crate::kernel::all_finite;
use crate::tape::{Buffers, Gradients, NonFinite, Tape, TapeError, Var, VarId};
use crate::{Scalar, parallel};

/// What a pass over some rows computed.
pub(crate) struct Pass<'t, T: Scalar> {
    /// The mean of the loss over the rows.
    pub loss: Var<'t, T>,
    /// A mean over the rows, to be reported.
    pub metric: Var<'t, T>,
    /// A number for each row, `[rows, 1]`, to be kept.
    pub column: Var<'t, T>,
}

/// Where a pass met a number that is not finite.
#[derive(Clone, Debug)]
pub(crate) struct PassFault {
    /// The rows of the shard.
    pub rows: Range<usize>,
    /// What is not finite of that which the pass computed.
    pub spot: Spot,
    /// Its value.
    pub value: f64,
    /// What was not finite first; nothing if that is the sum over finite shards.
    pub origin: Option<NonFinite>,
}

/// A number that a pass computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// The number that is kept of this row of the batch.
    Column(usize),
    Loss,
    /// The gradient by this parameter.
    Gradient(usize),
}

/// A tape and its gradients for each shard, whose buffers are kept from pass to pass.
pub(crate) struct Shards<T: Scalar> {
    workspaces: Vec<Workspace<T>>,
    /// Why the results of the last pass must not be used.
    pub fault: Option<PassFault>,
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
    fault: Option<PassFault>,
}

impl<T: Scalar> Shards<T> {
    pub fn new() -> Self {
        let column = Array2::zeros((0, 1));
        Self { workspaces: Vec::new(), fault: None, column, means: [T::zero(); 2] }
    }

    /// Computes a number for each transition. Whether all are finite, [`fault`](Shards::fault) tells.
    pub fn map<'p>(
        &mut self,
        plan: Plan,
        f: impl for<'t> Fn(&'t Tape<'p, T>, Range<usize>) -> Var<'t, T> + Sync,
    ) -> Result<(), TapeError> {
        self.each(plan, |workspace, tape, rows, column| {
            let output = f(tape, rows.clone());
            if tape.is_dry() {
                return tape.make_room(None);
            }
            output.read_into(column)?;
            workspace.fault = in_column(column, rows.start).map(|(spot, value)| PassFault {
                rows,
                spot,
                value,
                origin: tape.first_non_finite(output),
            });
            Ok(())
        })?;
        self.fault = self.workspaces.iter_mut().find_map(|workspace| workspace.fault.take());
        Ok(())
    }

    /// Computes a loss and its gradient by the parameters θ. Whether these and the column are finite,
    /// [`fault`](Shards::fault) tells.
    pub fn sweep<'p>(
        &mut self,
        plan: Plan,
        theta: &'p [T],
        f: impl for<'t> Fn(&'t Tape<'p, T>, Var<'t, T>, Range<usize>) -> Pass<'t, T> + Sync,
    ) -> Result<(), TapeError> {
        self.each(plan, |workspace, tape, rows, column| {
            let share = T::of(rows.len() as f64 / plan.batch_size as f64);
            let theta = tape.params(theta);
            let pass = f(tape, theta, rows.clone());
            let loss = pass.loss * share;
            if tape.is_dry() {
                return tape.make_room(Some(&mut workspace.gradients));
            }
            loss.backward_into(&mut workspace.gradients)?;
            pass.column.read_into(column)?;
            workspace.theta = Some(theta.id());
            workspace.means = [loss.item()?, pass.metric.item()? * share];
            let found = in_column(column, rows.start)
                .map(|found| (found, pass.column))
                .or_else(|| Some((in_loss(workspace.means[0])?, loss)))
                .or_else(|| Some((in_gradient(workspace.gradients.leaf(theta))?, loss)));
            workspace.fault = found.map(|((spot, value), root)| PassFault {
                rows,
                spot,
                value,
                origin: tape.first_non_finite(root),
            });
            Ok(())
        })?;
        self.fault = self.workspaces.iter_mut().find_map(|workspace| workspace.fault.take());
        if self.fault.is_none() && !plan.dry {
            self.add_up(plan);
        }
        Ok(())
    }

    /// Adds up what the shards computed. Finite numbers may have a sum that is not.
    fn add_up(&mut self, plan: Plan) {
        let means = self.workspaces.iter().map(|workspace| workspace.means);
        self.means = means.fold([T::zero(); 2], |[loss, metric], [l, m]| [loss + l, metric + m]);
        let Some((first, others)) = self.workspaces.split_first_mut() else { return };
        let Some(theta) = first.theta.filter(|_| !others.is_empty()) else { return };
        for other in others {
            first.gradients.add_leaf(theta, &other.gradients);
        }
        let gradient = first.gradients.leaf(theta);
        let found = in_loss(self.means[0]).or_else(|| in_gradient(gradient));
        let rows = 0..plan.batch_size;
        self.fault = found.map(|(spot, value)| PassFault { rows, spot, value, origin: None });
    }

    /// The memory that is held, in bytes.
    pub fn bytes(&self) -> usize {
        let workspaces = self.workspaces.iter();
        let held =
            workspaces.map(|workspace| workspace.buffers.bytes() + workspace.gradients.bytes());
        held.sum::<usize>() + self.column.len() * size_of::<T>()
    }

    /// The gradient of the last [`sweep`](Shards::sweep), in the order of the parameters.
    pub fn gradient(&mut self) -> &mut [T] {
        let Some(first) = self.workspaces.first_mut() else { return &mut [] };
        let Some(theta) = first.theta else { return &mut [] };
        first.gradients.leaf_mut(theta)
    }

    /// The same, if there has been one.
    pub fn last_gradient(&self) -> Option<&[T]> {
        let first = self.workspaces.first()?;
        first.gradients.leaf_if_swept(first.theta?)
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
                let tape = if plan.dry { tape.dry() } else { tape };
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
            gradients: Gradients::of_leaves(),
            theta: None,
            means: [T::zero(); 2],
            fault: None,
        });
    }
}

/// The first number of a column that is not finite; its rows begin with this one of the batch.
fn in_column<T: Scalar>(column: &[T], start: usize) -> Option<(Spot, f64)> {
    in_slice(column).map(|(row, value)| (Spot::Column(start + row), value))
}

fn in_loss<T: Scalar>(loss: T) -> Option<(Spot, f64)> {
    (!loss.is_finite()).then(|| (Spot::Loss, loss.as_f64()))
}

fn in_gradient<T: Scalar>(gradient: &[T]) -> Option<(Spot, f64)> {
    in_slice(gradient).map(|(at, value)| (Spot::Gradient(at), value))
}

/// The first number that is not finite. Where all are, this is one pass without a branch.
fn in_slice<T: Scalar>(x: &[T]) -> Option<(usize, f64)> {
    if all_finite(x) {
        return None;
    }
    x.iter().position(|x| !x.is_finite()).map(|at| (at, x[at].as_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Numerics;

    #[test]
    fn a_sum_that_overflows_is_a_fault_though_every_shard_is_finite() {
        let plan = Plan {
            batch_size: 2,
            rows_per_shard: 1,
            several_threads: false,
            numerics: Numerics::Fast,
            dry: false,
        };
        let sweep = |slope: f32| {
            let mut shards = Shards::new();
            let swept = shards.sweep(plan, &[0.5], |_tape, theta, _rows| {
                let loss = theta * slope + theta * slope;
                Pass { loss, metric: theta, column: theta }
            });
            swept.unwrap();
            (shards.fault.clone(), shards.gradient().to_vec())
        };
        let (fault, gradient) = sweep(1e38);
        assert!(fault.is_none() && gradient == [2e38]);
        let fault = sweep(3e38).0.unwrap();
        assert_eq!((fault.spot, fault.value), (Spot::Gradient(0), f64::INFINITY));
        assert_eq!((fault.rows, fault.origin), (0..2, None));
    }

    #[test]
    fn means_over_the_batch_are_those_of_the_shards_by_their_rows() {
        let plan = Plan {
            batch_size: 3,
            rows_per_shard: 2,
            several_threads: false,
            numerics: Numerics::Fast,
            dry: false,
        };
        let mut shards = Shards::new();
        let swept = shards.sweep(plan, &[0.5], |tape, theta, rows| {
            let numbers = rows.clone().map(|row| 1.0 + row as f64);
            let mean = tape.scalar(numbers.sum::<f64>() / rows.len() as f64);
            Pass { loss: theta * mean, metric: mean, column: mean.broadcast([rows.len(), 1]) }
        });
        swept.unwrap();
        assert_eq!(shards.means, [1.0, 2.0]);
        assert_eq!(shards.gradient(), [2.0]);
        let held = |i: usize| {
            shards.workspaces[i].buffers.bytes() + shards.workspaces[i].gradients.bytes()
        };
        assert_eq!(shards.bytes(), held(0) + held(1) + 3 * 8);
        assert_eq!(shards.column, ndarray::array![[1.5], [1.5], [3.0]]);
    }

    #[test]
    fn a_fault_is_found_in_the_column_the_loss_and_the_gradient() {
        let plan = Plan {
            batch_size: 3,
            rows_per_shard: 2,
            several_threads: false,
            numerics: Numerics::Fast,
            dry: false,
        };
        let fault = |loss: f64, slope: f64, last: f64| {
            let mut shards = Shards::new();
            let swept = shards.sweep(plan, &[0.0], |tape, theta, rows| {
                let number = tape.scalar(if rows.start == 2 { last } else { 0.0 });
                let column = number.broadcast([rows.len(), 1]);
                Pass { loss: theta * slope + tape.scalar(loss), metric: theta, column }
            });
            swept.unwrap();
            shards.fault.map(|fault| (fault.rows, fault.spot))
        };
        assert_eq!(fault(1.0, 1.0, 0.0), None);
        assert_eq!(fault(1.0, 1.0, f64::NAN), Some((2..3, Spot::Column(2))));
        assert_eq!(fault(f64::INFINITY, 1.0, 0.0), Some((0..2, Spot::Loss)));
        assert_eq!(fault(1.0, f64::MAX * 2.0, 0.0).map(|(_, spot)| spot), Some(Spot::Loss));
    }

    #[cfg(feature = "parallel")]
    #[test]
    fn shards_are_computed_elsewhere_if_there_are_several_and_the_plan_allows_it() {
        use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
        use std::thread;
        let elsewhere = |rows_per_shard, several_threads| {
            let numerics = Numerics::Fast;
            let plan =
                Plan { batch_size: 4, rows_per_shard, several_threads, numerics, dry: false };
            let (asks, count) = (thread::current().id(), AtomicUsize::new(0));
            let mapped = Shards::<f32>::new().map(plan, |tape, rows| {
                count.fetch_add((thread::current().id() != asks).into(), Relaxed);
                tape.scalar(1.0).broadcast([rows.len(), 1])
            });
            mapped.unwrap();
            count.into_inner()
        };
        assert_eq!(elsewhere(2, true), 2);
        assert_eq!(elsewhere(2, false), 0);
        assert_eq!(elsewhere(4, true), 0);
    }
}
