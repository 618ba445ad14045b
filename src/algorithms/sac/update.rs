//! The stages of an update. [`Sac::update`](crate::agent::Algorithm::update) puts them in order.

use super::actor_loss::actor_loss;
use super::agent::Sac;
use super::config::SacConfig;
use super::critic_loss::critic_loss;
use super::inputs::UpdateInputs;
use super::noise::Noise;
use super::target::soft_target;
use super::temperature_loss::temperature_loss;
use crate::Scalar;
use crate::agent::{
    Pass, Plan, Stage, Temperature, Trained, UpdateError, check_batch, check_columns, q_min,
    rows_of,
};
use crate::policy::entropy;
use crate::replay::Batch;
use crate::tape::TapeError;

impl<T: Scalar> Sac<T> {
    /// The inputs of an update, checked before anything is changed.
    pub(super) fn inputs<'a>(
        &self,
        batch: &'a Batch<T>,
        noise: &'a Noise<T>,
    ) -> Result<UpdateInputs<'a, T>, TapeError> {
        let a = self.policy.action_dim();
        check_batch(batch, self.policy.mlp().inputs(), a)?;
        check_columns(batch, &noise.next, a)?;
        check_columns(batch, &noise.current, a)?;
        let b = batch.observations.nrows();
        let plan = Plan::new(b, &self.critics.network, self.config.numerics);
        Ok(UpdateInputs { batch, noise, plan, alpha: self.temperature.alpha() })
    }

    // ANCHOR: targets
    /// Step 1: y, from frozen networks.
    pub(super) fn compute_targets(
        &mut self,
        inputs: UpdateInputs<'_, T>,
    ) -> Result<(), UpdateError> {
        let Self { policy, actor, critics, config, .. } = self;
        let UpdateInputs { batch, noise, plan, alpha } = inputs;
        let gamma = T::of(config.gamma);
        self.target_shards.map(plan, |tape, rows| {
            let s_next = tape.constant(rows_of(&batch.next_observations, &rows)); // [B, S]
            let phi = tape.frozen(actor.params.as_slice());
            let next = policy.sample(phi, s_next, tape.constant(rows_of(&noise.next, &rows)));
            let q_next = q_min(critics.target_values(tape, s_next, next.action)); // [B, 1]
            let r = tape.constant(rows_of(&batch.rewards, &rows));
            let d = tape.constant(rows_of(&batch.terminated, &rows));
            soft_target(r, d, q_next, tape.scalar(alpha), next.log_pi, gamma)
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

    /// Step 2, and step 5 where it is due.
    pub(super) fn step_critics(
        &mut self,
        UpdateInputs { plan, .. }: UpdateInputs<'_, T>,
        number: u64,
    ) -> Result<(), TapeError> {
        let SacConfig { tau, max_grad_norm, target_update_interval, .. } = self.config;
        let tau = number.is_multiple_of(target_update_interval).then(|| T::of(tau));
        self.critics.step(plan, max_grad_norm, tau)
    }

    // ANCHOR: actor
    /// The gradient of step 3: the policy's loss and the entropy; keeps log π for step 4.
    pub(super) fn sweep_actor(
        &mut self,
        inputs: UpdateInputs<'_, T>,
    ) -> Result<(f64, f64), UpdateError> {
        let Self { policy, actor, critics, .. } = self;
        let UpdateInputs { batch, noise, plan, alpha } = inputs;
        let Trained { params, shards, .. } = actor;
        shards.sweep(plan, params.as_slice(), |tape, phi, rows| {
            let s = tape.constant(rows_of(&batch.observations, &rows)); // [B, S]
            let sample = policy.sample(phi, s, tape.constant(rows_of(&noise.current, &rows)));
            let q = q_min(critics.frozen_values(tape, s, sample.action)); // [B, 1]
            let loss = actor_loss(tape.scalar(alpha), sample.log_pi, q);
            Pass { loss, metric: entropy(sample.log_pi), column: sample.log_pi }
        })?;
        self.check_finite(Stage::Actor, inputs)?;
        let [loss, entropy] = self.actor.shards.means;
        Ok((loss.as_f64(), entropy.as_f64()))
    }
    // ANCHOR_END: actor

    // ANCHOR: temperature
    /// The gradient of step 4: the temperature's loss, if it is learned.
    pub(super) fn sweep_temperature(
        &mut self,
        inputs: UpdateInputs<'_, T>,
    ) -> Result<Option<f64>, UpdateError> {
        let Temperature::Learned(temperature) = &mut self.temperature else { return Ok(None) };
        let (log_pi, target_entropy) = (&self.actor.shards.column, self.target_entropy);
        let Trained { params, shards, .. } = &mut **temperature;
        shards.sweep(inputs.plan.undivided(), params.as_slice(), |tape, log_alpha, _rows| {
            let log_pi = tape.constant(log_pi);
            let loss = temperature_loss(log_alpha, log_pi, target_entropy);
            Pass { loss, metric: log_alpha, column: log_pi }
        })?;
        let loss = shards.means[0].as_f64();
        self.check_finite(Stage::Temperature, inputs)?;
        Ok(Some(loss))
    }
    // ANCHOR_END: temperature

    /// Steps 3 and 4.
    pub(super) fn step_actor_and_temperature(&mut self) {
        self.actor.step(self.config.max_grad_norm);
        if let Some(log_alpha) = self.temperature.log_alpha_mut() {
            log_alpha.step(None);
        }
    }
}
