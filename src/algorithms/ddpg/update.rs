//! The stages of an update. [`Ddpg::update`](crate::agent::Algorithm::update) puts them in order.

use super::agent::Ddpg;
use super::inputs::UpdateInputs;
use crate::Scalar;
use crate::agent::{Pass, Plan, Stage, Trained, UpdateError, check_batch, rows_of};
use crate::algorithms::td3::{actor_loss, critic_loss, target};
use crate::replay::Batch;
use crate::tape::TapeError;

impl<T: Scalar> Ddpg<T> {
    /// The inputs of an update, checked before anything is changed.
    pub(super) fn inputs<'a>(&self, batch: &'a Batch<T>) -> Result<UpdateInputs<'a, T>, TapeError> {
        check_batch(batch, self.policy.mlp().inputs(), self.policy.action_dim())?;
        let b = batch.observations.nrows();
        let plan = Plan::new(b, &self.critics.network, self.config.numerics);
        Ok(UpdateInputs { batch, plan })
    }

    // ANCHOR: targets
    /// Step 1: y, from frozen networks.
    pub(super) fn compute_targets(
        &mut self,
        inputs: UpdateInputs<'_, T>,
    ) -> Result<(), UpdateError> {
        let Self { policy, actor_target, critics, config, .. } = self;
        let UpdateInputs { batch, plan } = inputs;
        let gamma = T::of(config.gamma);
        self.target_shards.map(plan, |tape, rows| {
            let s_next = tape.constant(rows_of(&batch.next_observations, &rows)); // [B, S]
            let a_next = policy.action(tape.frozen(actor_target.as_slice()), s_next); // [B, A]
            let q_next = critics.first_target_value(tape, s_next, a_next); // [B, 1]
            let r = tape.constant(rows_of(&batch.rewards, &rows));
            let d = tape.constant(rows_of(&batch.terminated, &rows));
            target(r, d, q_next, gamma)
        })?;
        self.check_finite(Stage::Targets, inputs)
    }
    // ANCHOR_END: targets

    // ANCHOR: critic
    /// The gradient of step 2.
    pub(super) fn sweep_critic(&mut self, inputs: UpdateInputs<'_, T>) -> Result<(), UpdateError> {
        let (UpdateInputs { batch, plan }, y) = (inputs, &self.target_shards.column);
        self.critics.sweep(plan, batch, y, critic_loss)?;
        self.check_finite(Stage::Critics, inputs)
    }
    // ANCHOR_END: critic

    /// Step 2, and step 4 of the critic.
    pub(super) fn step_critic(
        &mut self,
        UpdateInputs { plan, .. }: UpdateInputs<'_, T>,
    ) -> Result<(), TapeError> {
        self.critics.step(plan, self.config.max_grad_norm, Some(T::of(self.config.tau)))
    }

    // ANCHOR: actor
    /// The gradient of step 3: the policy's loss.
    pub(super) fn sweep_actor(&mut self, inputs: UpdateInputs<'_, T>) -> Result<f64, UpdateError> {
        let Self { policy, actor, critics, .. } = self;
        let UpdateInputs { batch, plan } = inputs;
        let Trained { params, shards, .. } = actor;
        shards.sweep(plan, params.as_slice(), |tape, phi, rows| {
            let s = tape.constant(rows_of(&batch.observations, &rows)); // [B, S]
            let q = critics.first_frozen_value(tape, s, policy.action(phi, s)); // [B, 1]
            Pass { loss: actor_loss(q), metric: q.mean(), column: q }
        })?;
        self.check_finite(Stage::Actor, inputs)?;
        Ok(self.actor.shards.means[0].as_f64())
    }
    // ANCHOR_END: actor

    /// Step 3, and step 4 of the policy.
    pub(super) fn step_actor(&mut self) {
        let (tau, max_norm) = (T::of(self.config.tau), self.config.max_grad_norm);
        self.actor.step_with_target(max_norm, &mut self.actor_target, tau);
    }
}
