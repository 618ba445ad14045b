//! Everything that TD3 learns, and its update: Algorithm 1.

use alloc::vec;
use alloc::vec::Vec;

use super::config::Td3Config;
use super::equations::equations;
use super::inputs::UpdateInputs;
use super::metrics::UpdateMetrics;
use super::noise::Noise;
use crate::Scalar;
use crate::agent::settings::{ConfigError, LearningRates, NetArch};
use crate::agent::{
    Algorithm, Critics, Equation, Memory, NetworkPass, Shards, Stage, Trained, UpdateError,
    memory_of,
};
use crate::nn::{Mlp, Params};
use crate::policy::Deterministic;
use crate::random::Stream;
use crate::replay::Batch;
use crate::state::{StateError, Visitor, as_count, visit_words};
use crate::tape::Shape;

/// Policy and critics, each with a target, and their optimisers.
///
/// ```
/// use softac::agent::{Algorithm, UpdateNoise};
/// use softac::algorithms::td3::{Noise, Td3, Td3Config};
/// use softac::random::{Purpose, stream};
/// use softac::replay::Batch;
///
/// let config = Td3Config { net_arch: vec![64, 64].into(), ..Td3Config::default() };
/// let mut td3 = Td3::<f32>::new(config, 3, 1, &mut stream(0, Purpose::Init))?;
/// let mut noise = Noise::new(256, 1);
/// noise.draw(&mut stream(0, Purpose::Policy));
/// let metrics = td3.update(&Batch::new(256, 3, 1), &noise)?;
/// // The policy waits for the second update.
/// assert_eq!((td3.updates(), metrics.actor_loss), (1, None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Td3<T: Scalar> {
    pub(super) config: Td3Config,
    pub(super) policy: Deterministic,
    /// φ
    pub(super) actor: Trained<T>,
    /// φ̄
    pub(super) actor_target: Params<T>,
    /// θᵢ and θ̄ᵢ
    pub(super) critics: Critics<T>,
    /// Updates done so far.
    updates: u64,
    /// Where the targets y are computed.
    pub(super) target_shards: Shards<T>,
}

impl<T: Scalar> Algorithm<T> for Td3<T> {
    type Settings = Td3Config;
    type Noise = Noise<T>;
    type Metrics = UpdateMetrics;
    type Policy = Deterministic;

    const STAGES: &'static [Stage] = &[Stage::Targets, Stage::Critics, Stage::Actor];

    /// Freshly initialised networks; all targets begin as exact copies.
    fn new(
        settings: Td3Config,
        observation_dim: usize,
        action_dim: usize,
        init: &mut Stream,
    ) -> Result<Self, ConfigError> {
        settings.validate(action_dim)?;
        let (NetArch { pi, qf }, activation) = (&settings.net_arch, settings.activation);
        let policy = Deterministic::new(observation_dim, action_dim, pi, activation)
            .exploring(settings.exploration_noise);
        let critic = Mlp::new(observation_dim + action_dim, qf, 1, activation);
        let rates = settings.learning_rates();
        let actor = Trained::new(policy.mlp().init(init), rates.actor);
        let critics = Critics::new(critic, settings.n_critics, rates.critics, init);
        Ok(Self {
            config: settings,
            policy,
            actor_target: actor.params().clone(),
            actor,
            critics,
            updates: 0,
            target_shards: Shards::new(),
        })
    }

    /// One update of everything, in this order:
    ///
    /// 1. The targets y, from the target policy with smoothing noise and the target critics as they are.
    /// 2. Each critic takes an Adam step on its loss against y.
    /// 3. The policy takes an Adam step, judged by the first critic of step 2.
    /// 4. All targets move a step of τ, those of the critics towards the critics of step 2, which takes place together
    ///    with step 2, and that of the policy towards the policy of step 3: nothing in between reads them.
    ///
    /// With `max_grad_norm`, the gradients of steps 2 and 3 are shortened before their step, each network's by its own
    /// norm ([`clip_norm`](crate::nn::clip_norm)).
    ///
    /// Counting updates from 1, steps 3 and 4 are done in every `policy_delay`-th. Fujimoto et al. (2018), Algorithm 1.
    ///
    /// No parameter is changed by a number that is not finite: each step above is taken only when all the losses,
    /// gradients and targets that it needs are finite, and no critic moves unless all can.
    // ANCHOR: update
    fn update(&mut self, batch: &Batch<T>, noise: &Noise<T>) -> Result<UpdateMetrics, UpdateError> {
        let inputs = self.inputs(batch, noise)?;
        let number = self.updates + 1;
        let policy_is_due = number.is_multiple_of(self.config.policy_delay);
        self.compute_targets(inputs)?;
        self.sweep_critics(inputs)?;
        self.step_critics(inputs, policy_is_due)?;
        let actor_loss = if policy_is_due {
            let actor_loss = self.sweep_actor(inputs)?;
            self.step_actor();
            Some(actor_loss)
        } else {
            None
        };
        self.updates = number;
        let (critic_loss, q_mean) = (self.critics.loss(), self.critics.q_mean());
        Ok(UpdateMetrics { critic_loss, q_mean, actor_loss })
    }
    // ANCHOR_END: update

    fn make_room(&mut self, batch: &Batch<T>, noise: &Noise<T>) -> Result<(), UpdateError> {
        let inputs = self.inputs(batch, noise)?;
        let inputs = UpdateInputs { plan: inputs.plan.dry(), ..inputs };
        self.compute_targets(inputs)?;
        self.sweep_critics(inputs)?;
        self.sweep_actor(inputs)?;
        Ok(())
    }

    /// The stage of the critics begins with the targets.
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
            Stage::Temperature => Ok(()),
        }
    }

    fn settings(&self) -> &Td3Config {
        &self.config
    }

    fn updates(&self) -> u64 {
        self.updates
    }

    fn memory(&self) -> Memory {
        let trained = [&self.actor].into_iter().chain(&self.critics.online);
        let targets = [&self.actor_target].into_iter().chain(&self.critics.targets);
        memory_of(trained, targets, &self.target_shards)
    }

    /// Policy and critics for the targets, the critics' own step, and policy and first critic for the policy's step,
    /// which is done in every `policy_delay`-th update.
    fn passes(&self) -> Vec<NetworkPass> {
        let (policy, critic) = (self.policy.mlp(), &self.critics.network);
        let Td3Config { n_critics, policy_delay, .. } = self.config;
        vec![
            NetworkPass::forward(policy),
            NetworkPass::forward(critic).times(n_critics),
            NetworkPass::trained(critic).times(n_critics),
            NetworkPass::trained(policy).every(policy_delay),
            NetworkPass::judging(critic, self.policy.action_dim()).every(policy_delay),
        ]
    }

    /// Policy and critics.
    fn set_learning_rates(&mut self, rates: LearningRates) -> Result<(), ConfigError> {
        rates.check()?;
        self.actor.set_learning_rate(rates.actor);
        self.critics.set_learning_rate(rates.critics);
        Ok(())
    }

    fn policy(&self) -> (&Deterministic, &Params<T>) {
        (&self.policy, self.actor.params())
    }

    fn equations(shape: Shape) -> Vec<Equation> {
        equations(shape)
    }

    fn visit(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        self.actor.visit("actor", visitor)?;
        self.actor_target.visit("actor_target", visitor)?;
        self.critics.visit(visitor)?;
        let [updates] = visit_words(visitor, "updates", [self.updates])?;
        self.updates = as_count("updates", self.updates, updates)?;
        Ok(())
    }
}

impl<T: Scalar> Td3<T> {
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

    /// The target policy's parameters φ̄.
    #[must_use]
    pub fn actor_target(&self) -> &Params<T> {
        &self.actor_target
    }

    /// The target policy's parameters φ̄, to be changed.
    #[must_use]
    pub fn actor_target_mut(&mut self) -> &mut Params<T> {
        &mut self.actor_target
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
}
