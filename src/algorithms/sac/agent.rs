//! Everything that SAC learns, and its update: Algorithm 1.

use alloc::vec;
use alloc::vec::Vec;

use super::config::SacConfig;
use super::ent_coef::EntCoef;
use super::equations::equations;
use super::inputs::UpdateInputs;
use super::metrics::{ActorMetrics, UpdateMetrics};
use super::noise::Noise;
use crate::Scalar;
use crate::agent::settings::{ConfigError, LearningRates, NetArch};
use crate::agent::{
    Algorithm, Critics, Equation, Memory, NetworkPass, Shards, Stage, Temperature, Trained,
    UpdateError, memory_of,
};
use crate::nn::{Mlp, Params};
use crate::policy::SquashedGaussian;
use crate::random::Stream;
use crate::replay::Batch;
use crate::state::{StateError, Visitor, as_count, visit_words};
use crate::tape::Shape;

/// Policy, critics, target critics and temperature, with their optimisers.
///
/// ```
/// use softac::agent::{Algorithm, UpdateNoise};
/// use softac::random::{Purpose, stream};
/// use softac::replay::Batch;
/// use softac::sac::{Noise, Sac, SacConfig};
///
/// let config = SacConfig { net_arch: vec![64, 64].into(), ..SacConfig::default() };
/// let mut sac = Sac::<f32>::new(config, 3, 1, &mut stream(0, Purpose::Init))?;
/// let mut noise = Noise::new(256, 1);
/// noise.draw(&mut stream(0, Purpose::Policy));
/// let metrics = sac.update(&Batch::new(256, 3, 1), &noise)?;
/// assert_eq!((sac.updates(), metrics.ent_coef), (1, 1.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Sac<T: Scalar> {
    pub(super) config: SacConfig,
    pub(super) policy: SquashedGaussian,
    /// φ
    pub(super) actor: Trained<T>,
    /// θᵢ and θ̄ᵢ
    pub(super) critics: Critics<T>,
    pub(super) temperature: Temperature<T>,
    /// H̄
    pub(super) target_entropy: T,
    /// Updates done so far.
    pub(super) updates: u64,
    /// Where the targets y are computed.
    pub(super) target_shards: Shards<T>,
}

impl<T: Scalar> Algorithm<T> for Sac<T> {
    type Settings = SacConfig;
    type Noise = Noise<T>;
    type Metrics = UpdateMetrics;
    type Policy = SquashedGaussian;

    const STAGES: &'static [Stage] =
        &[Stage::Targets, Stage::Critics, Stage::Actor, Stage::Temperature];

    /// Freshly initialised networks; the targets begin as exact copies of the critics.
    fn new(
        settings: SacConfig,
        observation_dim: usize,
        action_dim: usize,
        init: &mut Stream,
    ) -> Result<Self, ConfigError> {
        settings.validate(action_dim)?;
        let (NetArch { pi, qf }, activation) = (&settings.net_arch, settings.activation);
        let policy = SquashedGaussian::new(observation_dim, action_dim, pi, activation);
        let critic = Mlp::new(observation_dim + action_dim, qf, 1, activation);
        let rates = settings.learning_rates();
        let actor = Trained::new(policy.mlp().init(init), rates.actor);
        let critics = Critics::new(critic, settings.n_critics, rates.critics, init);
        let temperature = match settings.ent_coef {
            EntCoef::Fixed(alpha) => Temperature::fixed(alpha),
            EntCoef::Auto { initial } => Temperature::learned(initial, rates.actor),
        };
        Ok(Self {
            target_entropy: T::of(settings.target_entropy.resolve(action_dim)),
            config: settings,
            policy,
            actor,
            critics,
            temperature,
            updates: 0,
            target_shards: Shards::new(),
        })
    }

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
    // ANCHOR: update
    fn update(&mut self, batch: &Batch<T>, noise: &Noise<T>) -> Result<UpdateMetrics, UpdateError> {
        let inputs = self.inputs(batch, noise)?;
        let number = self.updates + 1;
        self.compute_targets(inputs)?;
        self.sweep_critics(inputs)?;
        self.step_critics(inputs, number)?;
        let actor = if number.is_multiple_of(self.config.policy_delay) {
            let (actor_loss, entropy) = self.sweep_actor(inputs)?;
            let ent_coef_loss = self.sweep_temperature(inputs)?;
            self.step_actor_and_temperature();
            Some(ActorMetrics { actor_loss, entropy, ent_coef_loss })
        } else {
            None
        };
        self.updates = number;
        let (critic_loss, q_mean) = (self.critics.loss(), self.critics.q_mean());
        Ok(UpdateMetrics { critic_loss, q_mean, ent_coef: inputs.alpha.as_f64(), actor })
    }
    // ANCHOR_END: update

    fn make_room(&mut self, batch: &Batch<T>, noise: &Noise<T>) -> Result<(), UpdateError> {
        let inputs = self.inputs(batch, noise)?;
        let inputs = UpdateInputs { plan: inputs.plan.dry(), ..inputs };
        self.compute_targets(inputs)?;
        self.sweep_critics(inputs)?;
        self.sweep_actor(inputs)?;
        self.sweep_temperature(inputs)?;
        Ok(())
    }

    /// The stage of the critics begins with the targets, that of the temperature with the policy.
    fn diagnose(
        &mut self,
        stage: Stage,
        batch: &Batch<T>,
        noise: &Noise<T>,
    ) -> Result<(), UpdateError> {
        let inputs = self.inputs(batch, noise)?;
        match stage {
            Stage::Targets => self.compute_targets(inputs),
            Stage::Critics => {
                self.compute_targets(inputs)?;
                self.sweep_critics(inputs)
            }
            Stage::Actor => self.sweep_actor(inputs).map(|_| ()),
            Stage::Temperature => {
                self.sweep_actor(inputs)?;
                self.sweep_temperature(inputs).map(|_| ())
            }
        }
    }

    fn settings(&self) -> &SacConfig {
        &self.config
    }

    fn updates(&self) -> u64 {
        self.updates
    }

    fn memory(&self) -> Memory {
        let trained = [&self.actor].into_iter().chain(&self.critics.online);
        let trained = trained.chain(self.temperature.log_alpha());
        memory_of(trained, self.critics.targets.iter(), &self.target_shards)
    }

    /// Policy and critics for the targets, the critics' own step, and policy and critics for the policy's step, which
    /// is done in every `policy_delay`-th update.
    fn passes(&self) -> Vec<NetworkPass> {
        let (policy, critic) = (self.policy.mlp(), &self.critics.network);
        let SacConfig { n_critics, policy_delay, .. } = self.config;
        vec![
            NetworkPass::forward(policy),
            NetworkPass::forward(critic).times(n_critics),
            NetworkPass::trained(critic).times(n_critics),
            NetworkPass::trained(policy).every(policy_delay),
            NetworkPass::forward(critic).times(n_critics - 1).every(policy_delay),
            NetworkPass::judging(critic, self.policy.action_dim()).every(policy_delay),
        ]
    }

    /// Policy, critics and temperature, as a schedule of Stable-Baselines3 does.
    fn set_learning_rates(&mut self, rates: LearningRates) -> Result<(), ConfigError> {
        rates.check()?;
        self.actor.set_learning_rate(rates.actor);
        self.critics.set_learning_rate(rates.critics);
        if let Some(log_alpha) = self.temperature.log_alpha_mut() {
            log_alpha.set_learning_rate(rates.actor);
        }
        Ok(())
    }

    fn policy(&self) -> (&SquashedGaussian, &Params<T>) {
        (&self.policy, self.actor.params())
    }

    fn equations(shape: Shape) -> Vec<Equation> {
        equations(shape)
    }

    fn visit(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        self.actor.visit("actor", visitor)?;
        self.critics.visit(visitor)?;
        if let Some(log_alpha) = self.temperature.log_alpha_mut() {
            log_alpha.visit("temperature", visitor)?;
        }
        let [updates] = visit_words(visitor, "updates", [self.updates])?;
        self.updates = as_count("updates", self.updates, updates)?;
        Ok(())
    }
}

impl<T: Scalar> Sac<T> {
    /// The policy's architecture.
    #[must_use]
    pub fn policy(&self) -> &SquashedGaussian {
        &self.policy
    }

    /// The architecture of every critic; its input is `[s, a]`.
    #[must_use]
    pub fn critic(&self) -> &Mlp {
        &self.critics.network
    }

    /// The policy's parameters φ.
    #[must_use]
    pub fn actor(&self) -> &Trained<T> {
        &self.actor
    }

    /// The policy's parameters φ, to be changed.
    #[must_use]
    pub fn actor_mut(&mut self) -> &mut Trained<T> {
        &mut self.actor
    }

    /// The critics' parameters θᵢ.
    #[must_use]
    pub fn critics(&self) -> &[Trained<T>] {
        &self.critics.online
    }

    /// The critics' parameters θᵢ, to be changed.
    #[must_use]
    pub fn critics_mut(&mut self) -> &mut [Trained<T>] {
        &mut self.critics.online
    }

    /// The target critics' parameters θ̄ᵢ.
    #[must_use]
    pub fn targets(&self) -> &[Params<T>] {
        &self.critics.targets
    }

    /// The target critics' parameters θ̄ᵢ, to be changed.
    #[must_use]
    pub fn targets_mut(&mut self) -> &mut [Params<T>] {
        &mut self.critics.targets
    }

    /// log α with its optimiser, if the temperature is learned.
    #[must_use]
    pub fn log_alpha(&self) -> Option<&Trained<T>> {
        self.temperature.log_alpha()
    }

    /// log α with its optimiser, to be changed, if the temperature is learned.
    #[must_use]
    pub fn log_alpha_mut(&mut self) -> Option<&mut Trained<T>> {
        self.temperature.log_alpha_mut()
    }

    /// The temperature α.
    #[must_use]
    pub fn alpha(&self) -> T {
        self.temperature.alpha()
    }

    /// The entropy H̄ that a learned temperature steers to.
    #[must_use]
    pub fn target_entropy(&self) -> T {
        self.target_entropy
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::UpdateNoise;
    use crate::random::{Purpose, stream};
    use crate::tape::TapeError;
    use ndarray::Array2;

    /// For three observations and two actions.
    fn sac() -> Sac<f64> {
        let config = SacConfig { net_arch: vec![8].into(), ..SacConfig::default() };
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
}
