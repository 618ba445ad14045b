//! Critics with their targets, as every off-policy algorithm has them.

use alloc::format;
use alloc::vec::Vec;

use ndarray::Array2;

use super::inputs::rows_of;
use super::plan::Plan;
use super::shards::{Pass, PassFault};
use super::trained::Trained;
use crate::nn::{Mlp, Params};
use crate::random::Stream;
use crate::replay::Batch;
use crate::state::{StateError, Visitor};
use crate::tape::{Tape, TapeError, Var};
use crate::{Scalar, parallel};

/// Critics Q_θᵢ of one architecture, each with a target θ̄ᵢ that follows it.
pub(crate) struct Critics<T: Scalar> {
    /// The architecture of every critic; its input is `[s, a]`.
    pub network: Mlp,
    /// θᵢ
    pub online: Vec<Trained<T>>,
    /// θ̄ᵢ
    pub targets: Vec<Params<T>>,
}

impl<T: Scalar> Critics<T> {
    /// Freshly initialised critics, whose targets begin as exact copies.
    pub fn new(network: Mlp, count: usize, learning_rate: f64, init: &mut Stream) -> Self {
        let online: Vec<_> =
            (0..count).map(|_| Trained::new(network.init(init), learning_rate)).collect();
        let targets = online.iter().map(|critic| critic.params().clone()).collect();
        Self { network, online, targets }
    }

    /// `Q_θ̄ᵢ(s, a)` of each target, a constant function: `s: [B, S], a: [B, A] → [B, 1]`.
    pub fn target_values<'t, 'p>(
        &'p self,
        tape: &'t Tape<'p, T>,
        s: Var<'t, T>,
        a: Var<'t, T>,
    ) -> impl Iterator<Item = Var<'t, T>> {
        self.targets.iter().map(move |theta| self.value(tape, theta, s, a))
    }

    /// `Q_θᵢ(s, a)` of each critic, a constant function: no gradient is computed for θᵢ, only for the inputs.
    pub fn frozen_values<'t, 'p>(
        &'p self,
        tape: &'t Tape<'p, T>,
        s: Var<'t, T>,
        a: Var<'t, T>,
    ) -> impl Iterator<Item = Var<'t, T>> {
        self.online.iter().map(move |critic| self.value(tape, &critic.params, s, a))
    }

    /// `Q_θ̄₁(s, a)` of the first target, a constant function.
    pub fn first_target_value<'t, 'p>(
        &'p self,
        tape: &'t Tape<'p, T>,
        s: Var<'t, T>,
        a: Var<'t, T>,
    ) -> Var<'t, T> {
        self.value(tape, &self.targets[0], s, a)
    }

    /// `Q_θ₁(s, a)` of the first critic, a constant function.
    pub fn first_frozen_value<'t, 'p>(
        &'p self,
        tape: &'t Tape<'p, T>,
        s: Var<'t, T>,
        a: Var<'t, T>,
    ) -> Var<'t, T> {
        self.value(tape, &self.online[0].params, s, a)
    }

    /// `Q_θ(s, a)` with the parameters held constant.
    fn value<'t, 'p>(
        &'p self,
        tape: &'t Tape<'p, T>,
        theta: &'p Params<T>,
        s: Var<'t, T>,
        a: Var<'t, T>,
    ) -> Var<'t, T> {
        self.network.forward(tape.frozen(theta.as_slice()), s.concat(a))
    }

    // ANCHOR: sweep
    /// The gradient of each critic's loss, a function of `Q_θᵢ(s, a)` and `y: [B, 1]`.
    pub fn sweep(
        &mut self,
        plan: Plan,
        batch: &Batch<T>,
        y: &Array2<T>,
        loss: impl for<'t> Fn(Var<'t, T>, Var<'t, T>) -> Var<'t, T> + Sync,
    ) -> Result<(), TapeError> {
        let Self { network, online, targets } = self;
        parallel::for_each_pair(plan.several_threads(), online, targets, |critic, _target| {
            let Trained { params, shards, .. } = critic;
            shards.sweep(plan.undivided(), params.as_slice(), |tape, theta, rows| {
                let s = tape.constant(rows_of(&batch.observations, &rows));
                let s_a = s.concat(tape.constant(rows_of(&batch.actions, &rows)));
                let q = network.forward(theta, s_a); // [B, 1]
                let loss = loss(q, tape.constant(rows_of(y, &rows)));
                Pass { loss, metric: q.mean(), column: q }
            })
        })
    }
    // ANCHOR_END: sweep

    /// An Adam step of each critic down the gradient of the last sweep; with `tau`, its target follows.
    pub fn step(
        &mut self,
        plan: Plan,
        max_norm: Option<f64>,
        tau: Option<T>,
    ) -> Result<(), TapeError> {
        let Self { online, targets, .. } = self;
        parallel::for_each_pair(plan.several_threads(), online, targets, |critic, target| {
            match tau {
                Some(tau) => critic.step_with_target(max_norm, target, tau),
                None => critic.step(max_norm),
            }
            Ok(())
        })
    }

    /// The sum of the critics' losses in the last sweep.
    pub fn loss(&self) -> f64 {
        self.online.iter().map(|critic| critic.shards.means[0].as_f64()).sum()
    }

    /// The mean of the first critic's values in the last sweep.
    pub fn q_mean(&self) -> f64 {
        self.online[0].shards.means[1].as_f64()
    }

    /// The first critic whose last sweep met a number that is not finite.
    pub fn fault(&self) -> Option<(usize, &PassFault)> {
        let mut faults = self.online.iter().enumerate();
        faults.find_map(|(i, critic)| Some((i, critic.fault()?)))
    }

    /// Changes the step size of all optimisers.
    pub fn set_learning_rate(&mut self, learning_rate: f64) {
        self.online.iter_mut().for_each(|critic| critic.set_learning_rate(learning_rate));
    }

    /// Shows critics and targets.
    pub fn visit(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        for (i, critic) in self.online.iter_mut().enumerate() {
            critic.visit(&format!("critics.{i}"), visitor)?;
        }
        for (i, target) in self.targets.iter_mut().enumerate() {
            target.visit(&format!("targets.{i}"), visitor)?;
        }
        Ok(())
    }
}
