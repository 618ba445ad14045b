//! Everything that DDPG learns, and its update: Algorithm 1.

use alloc::vec;
use alloc::vec::Vec;

use super::config::DdpgConfig;
use super::equations::equations;
use super::inputs::UpdateInputs;
use crate::Scalar;
use crate::agent::settings::{ConfigError, LearningRates, NetArch};
use crate::agent::{
    Algorithm, Critics, Equation, Memory, NetworkPass, NoNoise, Shards, Stage, Trained,
    UpdateError, memory_of,
};
use crate::algorithms::td3::UpdateMetrics;
use crate::nn::{Mlp, Params};
use crate::policy::Deterministic;
use crate::random::Stream;
use crate::replay::Batch;
use crate::state::{StateError, Visitor, as_count, visit_words};
use crate::tape::Shape;

/// Policy and critic, each with a target, and their optimisers.
///
/// ```
/// use softac::agent::{Algorithm, NoNoise};
/// use softac::algorithms::ddpg::{Ddpg, DdpgConfig};
/// use softac::random::{Purpose, stream};
/// use softac::replay::Batch;
///
/// let config = DdpgConfig { net_arch: vec![64, 64].into(), ..DdpgConfig::default() };
/// let mut ddpg = Ddpg::<f32>::new(config, 3, 1, &mut stream(0, Purpose::Init))?;
/// let metrics = ddpg.update(&Batch::new(256, 3, 1), &NoNoise)?;
/// assert!(metrics.actor_loss.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Ddpg<T: Scalar> {
    pub(super) config: DdpgConfig,
    pub(super) policy: Deterministic,
    /// φ
    pub(super) actor: Trained<T>,
    /// φ̄
    pub(super) actor_target: Params<T>,
    /// θ and θ̄
    pub(super) critics: Critics<T>,
    /// Updates done so far.
    updates: u64,
    /// Where the targets y are computed.
    pub(super) target_shards: Shards<T>,
}

impl<T: Scalar> Algorithm<T> for Ddpg<T> {
    type Settings = DdpgConfig;
    type Noise = NoNoise;
    type Metrics = UpdateMetrics;
    type Policy = Deterministic;

    const STAGES: &'static [Stage] = &[Stage::Targets, Stage::Critics, Stage::Actor];

    /// Freshly initialised networks; all targets begin as exact copies.
    fn new(
        settings: DdpgConfig,
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
        let critics = Critics::new(critic, 1, rates.critics, init);
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
    /// 1. The targets y, from the target policy and the target critic as they are.
    /// 2. The critic takes an Adam step on its loss against y.
    /// 3. The policy takes an Adam step, judged by the critic of step 2.
    /// 4. Both targets move a step of τ: each with the network that it follows, because nothing in between reads them.
    ///
    /// With `max_grad_norm`, the gradients of steps 2 and 3 are shortened before their step, each network's by its own
    /// norm ([`clip_norm`](crate::nn::clip_norm)). Lillicrap et al. (2016), Algorithm 1.
    ///
    /// No parameter is changed by a number that is not finite: each step above is taken only when the losses, gradients
    /// and targets that it needs are finite.
    // ANCHOR: update
    fn update(&mut self, batch: &Batch<T>, _noise: &NoNoise) -> Result<UpdateMetrics, UpdateError> {
        let inputs = self.inputs(batch)?;
        self.compute_targets(inputs)?;
        self.sweep_critic(inputs)?;
        self.step_critic(inputs)?;
        let actor_loss = self.sweep_actor(inputs)?;
        self.step_actor();
        self.updates += 1;
        let (critic_loss, q_mean) = (self.critics.loss(), self.critics.q_mean());
        Ok(UpdateMetrics { critic_loss, q_mean, actor_loss: Some(actor_loss) })
    }
    // ANCHOR_END: update

    fn make_room(&mut self, batch: &Batch<T>, _noise: &NoNoise) -> Result<(), UpdateError> {
        let inputs = self.inputs(batch)?;
        let inputs = UpdateInputs { plan: inputs.plan.dry(), ..inputs };
        self.compute_targets(inputs)?;
        self.sweep_critic(inputs)?;
        self.sweep_actor(inputs)?;
        Ok(())
    }

    /// The stage of the critic begins with the targets.
    fn diagnose(
        &mut self,
        stage: Stage,
        batch: &Batch<T>,
        _noise: &NoNoise,
    ) -> Result<(), UpdateError> {
        let inputs = self.inputs(batch)?;
        match stage {
            Stage::Targets => self.compute_targets(inputs),
            Stage::Critics => {
                self.compute_targets(inputs)?;
                self.sweep_critic(inputs)
            }
            Stage::Actor => self.sweep_actor(inputs).map(|_| ()),
            Stage::Temperature => Ok(()),
        }
    }

    fn settings(&self) -> &DdpgConfig {
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

    /// Policy and critic for the targets, the critic's own step, and policy and critic for the policy's step.
    fn passes(&self) -> Vec<NetworkPass> {
        let (policy, critic) = (self.policy.mlp(), &self.critics.network);
        vec![
            NetworkPass::forward(policy),
            NetworkPass::forward(critic),
            NetworkPass::trained(critic),
            NetworkPass::trained(policy),
            NetworkPass::judging(critic, self.policy.action_dim()),
        ]
    }

    /// Policy and critic.
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

impl<T: Scalar> Ddpg<T> {
    /// The architecture of the critic; its input is `[s, a]`.
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

    /// The critic's parameters θ.
    #[must_use]
    pub fn critic_parameters(&self) -> &Trained<T> {
        &self.critics.online[0]
    }

    /// The critic's parameters θ, to be changed.
    #[must_use]
    pub fn critic_parameters_mut(&mut self) -> &mut Trained<T> {
        &mut self.critics.online[0]
    }

    /// The target critic's parameters θ̄.
    #[must_use]
    pub fn critic_target(&self) -> &Params<T> {
        &self.critics.targets[0]
    }

    /// The target critic's parameters θ̄, to be changed.
    #[must_use]
    pub fn critic_target_mut(&mut self) -> &mut Params<T> {
        &mut self.critics.targets[0]
    }
}
