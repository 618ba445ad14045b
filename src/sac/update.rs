//! One update of everything, in a fixed order.

use core::ops::Range;

use ndarray::{Array2, ArrayView2, Axis, Slice};

use super::agent::Temperature;
use super::shards::{Pass, Plan};
use super::trained::Trained;
use super::{
    Sac, Stage, UpdateError, actor_loss, critic_loss, q_min, soft_target, temperature_loss,
};
use crate::policy::entropy;
use crate::random::{Stream, fill_normal};
use crate::replay::Batch;
use crate::state::{StateError, Visitor, visit_matrix};
use crate::tape::TapeError;
use crate::{Scalar, parallel};

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

    /// Shows both.
    ///
    /// # Errors
    /// What the visitor said.
    pub fn visit(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        visit_matrix(visitor, "noise.next", &mut self.next)?;
        visit_matrix(visitor, "noise.current", &mut self.current)
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
    /// 5. The target critics move a step of τ towards the critics of step 2, which takes place together
    ///    with step 2: nothing in between reads them.
    ///
    /// With `max_grad_norm`, the gradients of steps 2 and 3 are shortened before their step, each network's by
    /// its own norm ([`clip_norm`](crate::nn::clip_norm)).
    ///
    /// Counting updates from 1, steps 3 and 4 are done in every `policy_delay`-th, step 5 in every
    /// `target_update_interval`-th. Haarnoja et al. (2018b), Algorithm 1.
    ///
    /// No parameter is changed by a number that is not finite: each step above is taken only when all the
    /// losses, gradients and targets that it needs are finite; no critic moves unless all can, and steps 3 and 4
    /// are taken together.
    ///
    /// # Errors
    /// [`UpdateError::Tape`] if batch or noise have other shapes than the networks; then nothing has changed.
    /// [`UpdateError::NotFinite`] says which number was NaN or infinite first, and where it came from. All that
    /// the stage at fault was computed from is then as it was, so that [`diagnose`](Sac::diagnose) finds it
    /// again.
    // ANCHOR: update
    pub fn update(
        &mut self,
        batch: &Batch<T>,
        noise: &Noise<T>,
    ) -> Result<UpdateMetrics, UpdateError> {
        let given = self.given(batch, noise)?;
        let number = self.updates + 1;
        self.compute_targets(given)?;
        self.sweep_critics(given)?;
        let (critic_loss, q_mean) = self.step_critics(given, number)?;
        let actor = if number.is_multiple_of(self.config.policy_delay) {
            let (actor_loss, entropy) = self.sweep_actor(given)?;
            let ent_coef_loss = self.sweep_temperature(given)?;
            self.step_actor_and_temperature();
            Some(ActorMetrics { actor_loss, entropy, ent_coef_loss })
        } else {
            None
        };
        self.updates = number;
        Ok(UpdateMetrics { critic_loss, q_mean, ent_coef: given.alpha.as_f64(), actor })
    }
    // ANCHOR_END: update

    /// Makes exactly the room that updates with such a batch take, so that none of them allocates anything. The
    /// numbers do not matter, and nothing is computed.
    ///
    /// # Errors
    /// [`UpdateError::Tape`] if batch or noise have other shapes than the networks.
    pub fn make_room(&mut self, batch: &Batch<T>, noise: &Noise<T>) -> Result<(), UpdateError> {
        let given = self.given(batch, noise)?;
        let given = Given { plan: given.plan.dry(), ..given };
        self.compute_targets(given)?;
        self.sweep_critics(given)?;
        self.sweep_actor(given)?;
        self.sweep_temperature(given)?;
        Ok(())
    }

    /// Computes one stage of an update and changes nothing: what an update with this batch and noise would be
    /// refused for. With the parameters as they were left, it finds what an update was refused for once more.
    ///
    /// The stage of the critics begins with the targets, that of the temperature with the policy.
    ///
    /// # Errors
    /// As [`update`](Sac::update).
    pub fn diagnose(
        &mut self,
        stage: Stage,
        batch: &Batch<T>,
        noise: &Noise<T>,
    ) -> Result<(), UpdateError> {
        let given = self.given(batch, noise)?;
        match stage {
            Stage::Targets => self.compute_targets(given),
            Stage::Critics => {
                self.compute_targets(given)?;
                self.sweep_critics(given)
            }
            Stage::Actor => self.sweep_actor(given).map(|_| ()),
            Stage::Temperature => {
                self.sweep_actor(given)?;
                self.sweep_temperature(given).map(|_| ())
            }
        }
    }

    /// What is the same in all of an update, checked.
    fn given<'a>(
        &self,
        batch: &'a Batch<T>,
        noise: &'a Noise<T>,
    ) -> Result<Given<'a, T>, TapeError> {
        self.check_shapes(batch, noise)?;
        let plan = Plan::new(batch.rewards.nrows(), &self.critic, self.config.numerics);
        Ok(Given { batch, noise, plan, alpha: self.alpha() })
    }

    /// Refuses what does not fit before anything is changed.
    fn check_shapes(&self, batch: &Batch<T>, noise: &Noise<T>) -> Result<(), TapeError> {
        let (b, a) = (batch.observations.nrows(), self.policy.action_dim());
        let s = self.policy.mlp().inputs();
        if b == 0 {
            let rule = "a batch needs at least one transition";
            return Err(TapeError::Shape { op: "update", shape: [b, s], rule });
        }
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

    // ANCHOR: targets
    /// Step 1: y, from frozen networks.
    fn compute_targets(&mut self, given: Given<'_, T>) -> Result<(), UpdateError> {
        let Self { policy, actor, critic, targets, config, .. } = self;
        let Given { batch, noise, plan, alpha } = given;
        let gamma = T::of(config.gamma);
        self.target_shards.map(plan, |tape, rows| {
            let s_next = tape.constant(of(&batch.next_observations, &rows)); // [B, S]
            let phi = tape.frozen(actor.params.as_slice());
            let next = policy.sample(phi, s_next, tape.constant(of(&noise.next, &rows)));
            let q_next = q_min(targets.iter().map(|theta| {
                critic.forward(tape.frozen(theta.as_slice()), s_next.concat(next.action))
            })); // [B, 1]
            let r = tape.constant(of(&batch.rewards, &rows));
            let d = tape.constant(of(&batch.terminated, &rows));
            soft_target(r, d, q_next, tape.scalar(alpha), next.log_pi, gamma)
        })?;
        self.check_finite(Stage::Targets, given)
    }
    // ANCHOR_END: targets

    // ANCHOR: critics
    /// The gradients of step 2.
    fn sweep_critics(&mut self, given: Given<'_, T>) -> Result<(), UpdateError> {
        let Self { critics, targets, critic: network, target_shards, .. } = self;
        let (Given { batch, plan, .. }, y) = (given, &target_shards.column);
        parallel::for_each_pair(plan.several_threads(), critics, targets, |critic, _target| {
            let Trained { params, shards, .. } = critic;
            shards.sweep(plan.undivided(), params.as_slice(), |tape, theta, rows| {
                let s = tape.constant(of(&batch.observations, &rows));
                let s_a = s.concat(tape.constant(of(&batch.actions, &rows)));
                let q = network.forward(theta, s_a); // [B, 1]
                let loss = critic_loss(q, tape.constant(of(y, &rows)));
                Pass { loss, metric: q.mean(), column: q }
            })
        })?;
        self.check_finite(Stage::Critics, given)
    }
    // ANCHOR_END: critics

    /// Step 2, and step 5 where it is due: the sum of the losses, and the mean of the first critic's
    /// values.
    fn step_critics(
        &mut self,
        Given { plan, .. }: Given<'_, T>,
        number: u64,
    ) -> Result<(f64, f64), TapeError> {
        let Self { critics, targets, config, .. } = self;
        let (tau, max_norm) = (T::of(config.tau), config.max_grad_norm);
        let targets_move = number.is_multiple_of(config.target_update_interval);
        parallel::for_each_pair(plan.several_threads(), critics, targets, |critic, target| {
            if targets_move {
                critic.step_with_target(max_norm, target, tau);
            } else {
                critic.step(max_norm);
            }
            Ok(())
        })?;
        let loss = critics.iter().map(|critic| critic.shards.means[0].as_f64()).sum();
        Ok((loss, critics[0].shards.means[1].as_f64()))
    }

    // ANCHOR: actor
    /// The gradient of step 3: the policy's loss and the entropy; keeps log π for step 4.
    fn sweep_actor(&mut self, given: Given<'_, T>) -> Result<(f64, f64), UpdateError> {
        let Self { policy, actor, critic, critics, .. } = self;
        let Given { batch, noise, plan, alpha } = given;
        let Trained { params, shards, .. } = actor;
        shards.sweep(plan, params.as_slice(), |tape, phi, rows| {
            let s = tape.constant(of(&batch.observations, &rows)); // [B, S]
            let sample = policy.sample(phi, s, tape.constant(of(&noise.current, &rows)));
            let q = q_min(critics.iter().map(|theta| {
                let theta = tape.frozen(theta.params.as_slice());
                critic.forward(theta, s.concat(sample.action))
            })); // [B, 1]
            let loss = actor_loss(tape.scalar(alpha), sample.log_pi, q);
            Pass { loss, metric: entropy(sample.log_pi), column: sample.log_pi }
        })?;
        self.check_finite(Stage::Actor, given)?;
        let [loss, entropy] = self.actor.shards.means;
        Ok((loss.as_f64(), entropy.as_f64()))
    }
    // ANCHOR_END: actor

    // ANCHOR: temperature
    /// The gradient of step 4: the temperature's loss, if it is learned.
    fn sweep_temperature(&mut self, given: Given<'_, T>) -> Result<Option<f64>, UpdateError> {
        let Temperature::Learned(temperature) = &mut self.temperature else { return Ok(None) };
        let (log_pi, target_entropy) = (&self.actor.shards.column, self.target_entropy);
        let Trained { params, shards, .. } = &mut **temperature;
        shards.sweep(given.plan.undivided(), params.as_slice(), |tape, log_alpha, _rows| {
            let log_pi = tape.constant(log_pi);
            let loss = temperature_loss(log_alpha, log_pi, target_entropy);
            Pass { loss, metric: log_alpha, column: log_pi }
        })?;
        let loss = shards.means[0].as_f64();
        self.check_finite(Stage::Temperature, given)?;
        Ok(Some(loss))
    }
    // ANCHOR_END: temperature

    /// Steps 3 and 4.
    fn step_actor_and_temperature(&mut self) {
        self.actor.step(self.config.max_grad_norm);
        if let Temperature::Learned(temperature) = &mut self.temperature {
            temperature.step(None);
        }
    }
}

/// What is the same in all of an update.
#[derive(Clone, Copy)]
pub(super) struct Given<'a, T> {
    pub batch: &'a Batch<T>,
    pub noise: &'a Noise<T>,
    plan: Plan,
    /// α at its beginning.
    alpha: T,
}

/// These rows of a matrix.
fn of<'a, T>(matrix: &'a Array2<T>, rows: &Range<usize>) -> ArrayView2<'a, T> {
    matrix.slice_axis(Axis(0), Slice::from(rows.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use crate::sac::SacConfig;
    use crate::state::Fingerprint;
    use alloc::vec;

    /// For three observations and two actions.
    fn sac() -> Sac<f64> {
        let config = SacConfig { net_arch: vec![8], ..SacConfig::default() };
        Sac::new(config, 3, 2, &mut stream(0, Purpose::Init)).unwrap()
    }

    #[test]
    fn room_is_made_whatever_the_numbers_and_is_all_that_an_update_takes() {
        let (mut sac, mut batch, noise) = (sac(), Batch::new(5, 3, 2), Noise::new(5, 2));
        let (none, learned) = (sac.memory().activations, sac.fingerprint());
        batch.rewards.fill(f64::NAN);
        sac.make_room(&batch, &noise).unwrap();
        let room = sac.memory().activations;
        assert!(room > none);
        assert_eq!(sac.fingerprint(), learned);
        batch.rewards.fill(1.0);
        sac.update(&batch, &noise).unwrap();
        assert_eq!(sac.memory().activations, room);
        assert_ne!(sac.fingerprint(), learned);
    }

    #[test]
    fn a_batch_or_noise_that_does_not_fit_is_refused_and_nothing_is_learned() {
        let mut sac = sac();
        let learned = sac.fingerprint();
        for misfit in 0..7 {
            let (mut batch, mut noise) = (Batch::new(5, 3, 2), Noise::new(5, 2));
            let array = [
                &mut batch.observations,
                &mut batch.actions,
                &mut batch.rewards,
                &mut batch.next_observations,
                &mut batch.terminated,
                &mut noise.next,
                &mut noise.current,
            ]
            .into_iter()
            .nth(misfit)
            .unwrap();
            *array = Array2::zeros((6, array.ncols()));
            let refused = sac.update(&batch, &noise).unwrap_err();
            let by_shape =
                matches!(refused, UpdateError::Tape(TapeError::Shapes { op: "update", .. }));
            assert!(by_shape, "array {misfit}: {refused}");
        }
        let empty = sac.update(&Batch::new(0, 3, 2), &Noise::new(0, 2)).unwrap_err();
        assert!(matches!(empty, UpdateError::Tape(TapeError::Shape { op: "update", .. })));
        assert_eq!(sac.fingerprint(), learned);
    }

    #[test]
    fn noise_that_is_shown_is_told_from_any_other() {
        let shown = |noise: &Noise<f32>| {
            let mut fingerprint = Fingerprint::new();
            noise.clone().visit(&mut fingerprint).unwrap();
            fingerprint.finish()
        };
        let mut noise = Noise::new(3, 2);
        let nothing = shown(&noise);
        noise.draw(&mut stream(0, Purpose::Policy));
        let drawn = shown(&noise);
        assert_ne!(drawn, nothing);
        noise.current[[2, 1]] += 1.0;
        assert_ne!(shown(&noise), drawn);
        noise.current[[2, 1]] -= 1.0;
        noise.next[[2, 1]] += 1.0;
        assert_ne!(shown(&noise), drawn);
    }
}
