//! The stages of an update. [`Td3::update`](crate::agent::Algorithm::update) puts them in order.

use super::actor_loss::actor_loss;
use super::agent::Td3;
use super::critic_loss::critic_loss;
use super::inputs::UpdateInputs;
use super::noise::Noise;
use super::target::{smoothed_action, target};
use crate::Scalar;
use crate::agent::{
    Pass, Plan, Stage, Trained, UpdateError, check_batch, check_columns, q_min, rows_of,
};
use crate::replay::Batch;
use crate::tape::TapeError;

impl<T: Scalar> Td3<T> {
    /// The inputs of an update, checked before anything is changed.
    pub(super) fn inputs<'a>(
        &self,
        batch: &'a Batch<T>,
        noise: &'a Noise<T>,
    ) -> Result<UpdateInputs<'a, T>, TapeError> {
        let a = self.policy.action_dim();
        check_batch(batch, self.policy.mlp().inputs(), a)?;
        check_columns(batch, &noise.next, a)?;
        let b = batch.observations.nrows();
        let plan = Plan::new(b, &self.critics.network, self.config.numerics);
        Ok(UpdateInputs { batch, noise, plan })
    }

    // ANCHOR: targets
    /// Step 1: y, from frozen networks.
    pub(super) fn compute_targets(
        &mut self,
        inputs: UpdateInputs<'_, T>,
    ) -> Result<(), UpdateError> {
        let Self { policy, actor_target, critics, config, .. } = self;
        let UpdateInputs { batch, noise, plan } = inputs;
        let (sigma, c) = (T::of(config.target_policy_noise), T::of(config.target_noise_clip));
        let gamma = T::of(config.gamma);
        self.target_shards.map(plan, |tape, rows| {
            let s_next = tape.constant(rows_of(&batch.next_observations, &rows)); // [B, S]
            let a_next = policy.action(tape.frozen(actor_target.as_slice()), s_next); // [B, A]
            let xi = tape.constant(rows_of(&noise.next, &rows));
            let a_next = smoothed_action(a_next, xi, sigma, c);
            let q_next = q_min(critics.target_values(tape, s_next, a_next)); // [B, 1]
            let r = tape.constant(rows_of(&batch.rewards, &rows));
            let d = tape.constant(rows_of(&batch.terminated, &rows));
            target(r, d, q_next, gamma)
        })?;
        self.check_finite(Stage::Targets, inputs)
    }
    // ANCHOR_END: targets

    // ANCHOR: critics
    /// The gradients of step 2.
    pub(super) fn sweep_critics(&mut self, inputs: UpdateInputs<'_, T>) -> Result<(), UpdateError> {
        let (UpdateInputs { batch, plan, .. }, y) = (inputs, &self.target_shards.column);
        self.critics.sweep(plan, batch, y, critic_loss)?;
        self.check_finite(Stage::Critics, inputs)
    }
    // ANCHOR_END: critics

    /// Step 2, and step 4 of the critics where it is due.
    pub(super) fn step_critics(
        &mut self,
        UpdateInputs { plan, .. }: UpdateInputs<'_, T>,
        targets_move: bool,
    ) -> Result<(), TapeError> {
        let tau = targets_move.then(|| T::of(self.config.tau));
        self.critics.step(plan, self.config.max_grad_norm, tau)
    }

    // ANCHOR: actor
    /// The gradient of step 3: the policy's loss.
    pub(super) fn sweep_actor(&mut self, inputs: UpdateInputs<'_, T>) -> Result<f64, UpdateError> {
        let Self { policy, actor, critics, .. } = self;
        let UpdateInputs { batch, plan, .. } = inputs;
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
