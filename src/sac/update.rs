//! One update of everything, in a fixed order.

use ndarray::Array2;

use super::agent::Temperature;
use super::trained::Trained;
use super::{Sac, actor_loss, critic_loss, q_min, soft_target, temperature_loss};
use crate::Scalar;
use crate::nn::{Mlp, polyak};
use crate::policy::entropy;
use crate::random::{Stream, fill_normal};
use crate::replay::Batch;
use crate::tape::TapeError;

/// The noise of one update, drawn beforehand: nothing that is differentiated draws random numbers.
#[derive(Clone, Debug)]
pub struct Noise<T> {
    /// ξ′ for the actions in the next states, `[B, A]`
    pub next: Array2<T>,
    /// ξ for the actions in the current states, `[B, A]`
    pub current: Array2<T>,
}

impl<T: Scalar> Noise<T> {
    /// Room for the noise of B transitions, all zero.
    #[must_use]
    pub fn new(batch_size: usize, action_dim: usize) -> Self {
        let zeros = Array2::zeros((batch_size, action_dim));
        Self { next: zeros.clone(), current: zeros }
    }

    /// Draws it afresh.
    pub fn draw(&mut self, stream: &mut Stream) {
        for xi in [&mut self.next, &mut self.current] {
            fill_normal(xi.as_slice_mut().unwrap_or_default(), stream);
        }
    }
}

/// What an update saw, each number before the parameters it belongs to were changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UpdateMetrics {
    /// Sum of the critics' losses.
    pub critic_loss: f64,
    /// Mean of the first critic's Q(s, a) over the batch.
    pub q_mean: f64,
    /// α, as used by all losses of this update.
    pub ent_coef: f64,
    /// What only an update of the policy sees.
    pub actor: Option<ActorMetrics>,
}

/// What an update of policy and temperature saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ActorMetrics {
    /// The policy's loss.
    pub actor_loss: f64,
    /// The entropy estimate Ĥ over the batch, in nats.
    pub entropy: f64,
    /// The temperature's loss, if it is learned.
    pub ent_coef_loss: Option<f64>,
}

impl<T: Scalar> Sac<T> {
    /// One update of everything, in this order:
    ///
    /// 0. α is read; it is the same in all that follows.
    /// 1. The targets y, from the policy and the target critics as they are.
    /// 2. Each critic takes an Adam step on its loss against y.
    /// 3. The policy takes an Adam step, judged by the critics of step 2.
    /// 4. log α takes an Adam step, on the log π that step 3 saw before it changed the policy.
    /// 5. The target critics move a step of τ towards the critics of step 2.
    ///
    /// Counting updates from 1, steps 3 and 4 are done in every `policy_delay`-th, step 5 in every
    /// `target_update_interval`-th. Haarnoja et al. (2018b), Algorithm 1.
    ///
    /// # Errors
    /// If batch or noise have other shapes than the networks; then nothing has changed.
    // ANCHOR: update
    pub fn update(
        &mut self,
        batch: &Batch<T>,
        noise: &Noise<T>,
    ) -> Result<UpdateMetrics, TapeError> {
        self.check_shapes(batch, noise)?;
        self.updates += 1;
        let alpha = self.alpha();
        self.compute_targets(batch, &noise.next, alpha)?;
        let (critic_loss, q_mean) = self.update_critics(batch)?;
        let actor = if self.updates.is_multiple_of(self.config.policy_delay) {
            let (actor_loss, entropy) = self.update_actor(batch, &noise.current, alpha)?;
            let ent_coef_loss = self.update_temperature()?;
            Some(ActorMetrics { actor_loss, entropy, ent_coef_loss })
        } else {
            None
        };
        if self.updates.is_multiple_of(self.config.target_update_interval) {
            self.update_targets();
        }
        Ok(UpdateMetrics { critic_loss, q_mean, ent_coef: alpha.as_f64(), actor })
    }
    // ANCHOR_END: update

    /// Refuses what does not fit before anything is changed.
    fn check_shapes(&self, batch: &Batch<T>, noise: &Noise<T>) -> Result<(), TapeError> {
        let (b, a) = (batch.observations.nrows(), self.policy.action_dim());
        let s = self.policy.mlp().inputs();
        let rule = "batch and noise must have the rows of one batch and the networks' columns";
        for (array, columns) in [
            (&batch.observations, s),
            (&batch.actions, a),
            (&batch.rewards, 1),
            (&batch.next_observations, s),
            (&batch.terminated, 1),
            (&noise.next, a),
            (&noise.current, a),
        ] {
            let (left, right) = (array.dim().into(), [b, columns]);
            if left != right {
                return Err(TapeError::Shapes { op: "update", left, right, rule });
            }
        }
        Ok(())
    }

    /// Step 1: y, from frozen networks.
    fn compute_targets(
        &mut self,
        batch: &Batch<T>,
        xi: &Array2<T>,
        alpha: T,
    ) -> Result<(), TapeError> {
        let tape = self.target_workspace.tape();
        let s_next = tape.constant(&batch.next_observations); // [B, S]
        let phi = tape.frozen(self.actor.params().as_slice());
        let next = self.policy.sample(phi, s_next, tape.constant(xi));
        let q_next = q_min(self.targets.iter().map(|theta| {
            self.critic.forward(tape.frozen(theta.as_slice()), s_next.concat(next.action))
        })); // [B, 1]
        let y = soft_target(
            tape.constant(&batch.rewards),
            tape.constant(&batch.terminated),
            q_next,
            tape.scalar(alpha),
            next.log_pi,
            T::of(self.config.gamma),
        );
        y.read_into(column(&mut self.y, y.shape()[0]))?;
        self.target_workspace.keep(tape);
        Ok(())
    }

    /// Step 2: the sum of the losses, and the mean of the first critic's values.
    fn update_critics(&mut self, batch: &Batch<T>) -> Result<(f64, f64), TapeError> {
        let Self { critics, critic: network, y, .. } = self;
        let mut metrics = (0.0, 0.0);
        for (i, critic) in critics.iter_mut().enumerate() {
            let (loss, q_mean) = update_critic(critic, network, batch, y)?;
            metrics.0 += loss.as_f64();
            if i == 0 {
                metrics.1 = q_mean.as_f64();
            }
        }
        Ok(metrics)
    }

    /// Step 3: the policy's loss and the entropy; keeps log π for step 4.
    fn update_actor(
        &mut self,
        batch: &Batch<T>,
        xi: &Array2<T>,
        alpha: T,
    ) -> Result<(f64, f64), TapeError> {
        let tape = self.actor.workspace.tape();
        let s = tape.constant(&batch.observations); // [B, S]
        let phi = tape.params(self.actor.params.as_slice());
        let sample = self.policy.sample(phi, s, tape.constant(xi));
        let q = q_min(self.critics.iter().map(|theta| {
            let theta = tape.frozen(theta.params().as_slice());
            self.critic.forward(theta, s.concat(sample.action))
        })); // [B, 1]
        let loss = actor_loss(tape.scalar(alpha), sample.log_pi, q);
        loss.backward_into(&mut self.actor.workspace.gradients)?;
        sample.log_pi.read_into(column(&mut self.log_pi, s.shape()[0]))?;
        let metrics = (loss.item()?.as_f64(), entropy(sample.log_pi).item()?.as_f64());
        let phi = phi.id();
        self.actor.workspace.keep(tape);
        self.actor.step(phi);
        Ok(metrics)
    }

    /// Step 4: the temperature's loss, if it is learned.
    fn update_temperature(&mut self) -> Result<Option<f64>, TapeError> {
        let Temperature::Learned(temperature) = &mut self.temperature else { return Ok(None) };
        let tape = temperature.workspace.tape();
        let log_alpha = tape.params(temperature.params.as_slice()); // [1, 1]
        let loss = temperature_loss(log_alpha, tape.constant(&self.log_pi), self.target_entropy);
        loss.backward_into(&mut temperature.workspace.gradients)?;
        let (value, log_alpha) = (loss.item()?.as_f64(), log_alpha.id());
        temperature.workspace.keep(tape);
        temperature.step(log_alpha);
        Ok(Some(value))
    }

    /// Step 5.
    fn update_targets(&mut self) {
        let tau = T::of(self.config.tau);
        for (target, critic) in self.targets.iter_mut().zip(&self.critics) {
            polyak(target.as_mut_slice(), critic.params().as_slice(), tau);
        }
    }
}

/// One critic's step: its loss and the mean of its values.
fn update_critic<T: Scalar>(
    critic: &mut Trained<T>,
    network: &Mlp,
    batch: &Batch<T>,
    y: &Array2<T>,
) -> Result<(T, T), TapeError> {
    let tape = critic.workspace.tape();
    let theta = tape.params(critic.params.as_slice());
    let s_a = tape.constant(&batch.observations).concat(tape.constant(&batch.actions));
    let q = network.forward(theta, s_a); // [B, 1]
    let loss = critic_loss(q, tape.constant(y));
    loss.backward_into(&mut critic.workspace.gradients)?;
    let (metrics, theta) = ((loss.item()?, q.mean().item()?), theta.id());
    critic.workspace.keep(tape);
    critic.step(theta);
    Ok(metrics)
}

/// The buffer's numbers, after it has been brought to `[rows, 1]`.
fn column<T: Scalar>(buffer: &mut Array2<T>, rows: usize) -> &mut [T] {
    if buffer.nrows() != rows {
        *buffer = Array2::zeros((rows, 1));
    }
    buffer.as_slice_mut().unwrap_or_default()
}
