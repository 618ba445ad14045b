//! Everything that SAC learns.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use super::config::unless;
use super::shards::Shards;
use super::{ConfigError, EntCoef, SacConfig, Trained};
use crate::Scalar;
use crate::elementary;
use crate::nn::{Mlp, Params, Scratch};
use crate::policy::{Policy, SquashedGaussian};
use crate::random::Stream;
use crate::state::{Fingerprint, StateError, Visitor, as_count, visit_words};

/// Policy, critics, target critics and temperature, with their optimisers.
///
/// It knows neither environment nor replay buffer: a batch and its noise come in, and
/// [`update`](Sac::update) is the one place that changes what has been learned.
///
/// ```
/// use softac::random::{Purpose, stream};
/// use softac::sac::{Sac, SacConfig};
///
/// let config = SacConfig { net_arch: vec![64, 64], ..SacConfig::default() };
/// let mut sac = Sac::<f32>::new(config, 3, 1, &mut stream(0, Purpose::Init))?;
/// let mut action = [0.0];
/// sac.act(&[1.0, 0.0, 0.0], None, &mut action);
/// assert!(action[0].abs() <= 1.0);
/// # Ok::<(), softac::sac::ConfigError>(())
/// ```
pub struct Sac<T: Scalar> {
    pub(super) config: SacConfig,
    pub(super) policy: SquashedGaussian,
    pub(super) critic: Mlp,
    /// φ
    pub(super) actor: Trained<T>,
    /// θᵢ
    pub(super) critics: Vec<Trained<T>>,
    /// θ̄ᵢ
    pub(super) targets: Vec<Params<T>>,
    pub(super) temperature: Temperature<T>,
    /// H̄
    pub(super) target_entropy: T,
    /// Updates done so far.
    pub(super) updates: u64,
    /// Where the targets y are computed.
    pub(super) target_shards: Shards<T>,
    scratch: Scratch<T>,
}

/// α, given or learned through its logarithm.
pub(super) enum Temperature<T: Scalar> {
    Fixed(T),
    /// log α
    Learned(Box<Trained<T>>),
}

impl<T: Scalar> Sac<T> {
    /// Freshly initialised networks; the targets begin as exact copies of the critics.
    ///
    /// # Errors
    /// The first hyperparameter that cannot be.
    pub fn new(
        config: SacConfig,
        observation_dim: usize,
        action_dim: usize,
        init: &mut Stream,
    ) -> Result<Self, ConfigError> {
        config.validate(action_dim)?;
        let (net_arch, activation) = (&config.net_arch, config.activation);
        let policy = SquashedGaussian::new(observation_dim, action_dim, net_arch, activation);
        let critic = Mlp::new(observation_dim + action_dim, net_arch, 1, activation);
        let (rate, numerics) = (config.learning_rate, config.numerics);
        let actor = Trained::new(policy.mlp().init(init), rate);
        let critics: Vec<_> =
            (0..config.n_critics).map(|_| Trained::new(critic.init(init), rate)).collect();
        let targets = critics.iter().map(|critic| critic.params().clone()).collect();
        let temperature = match config.ent_coef {
            EntCoef::Fixed(alpha) => Temperature::Fixed(T::of(alpha)),
            EntCoef::Auto { initial } => {
                let log_alpha = T::of(elementary::ln(initial));
                Temperature::Learned(Box::new(Trained::scalar("log_alpha", log_alpha, rate)))
            }
        };
        Ok(Self {
            target_entropy: T::of(config.target_entropy.resolve(action_dim)),
            config,
            policy,
            critic,
            actor,
            critics,
            targets,
            temperature,
            updates: 0,
            target_shards: Shards::new(),
            scratch: Scratch::new(numerics),
        })
    }

    /// The hyperparameters.
    #[must_use]
    pub fn config(&self) -> &SacConfig {
        &self.config
    }

    /// The policy's architecture.
    #[must_use]
    pub fn policy(&self) -> &SquashedGaussian {
        &self.policy
    }

    /// The architecture of every critic; its input is `[s, a]`.
    #[must_use]
    pub fn critic(&self) -> &Mlp {
        &self.critic
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
        &self.critics
    }

    /// The critics' parameters θᵢ, to be changed.
    #[must_use]
    pub fn critics_mut(&mut self) -> &mut [Trained<T>] {
        &mut self.critics
    }

    /// The target critics' parameters θ̄ᵢ.
    #[must_use]
    pub fn targets(&self) -> &[Params<T>] {
        &self.targets
    }

    /// The target critics' parameters θ̄ᵢ, to be changed.
    #[must_use]
    pub fn targets_mut(&mut self) -> &mut [Params<T>] {
        &mut self.targets
    }

    /// log α with its optimiser, if the temperature is learned.
    #[must_use]
    pub fn log_alpha(&self) -> Option<&Trained<T>> {
        match &self.temperature {
            Temperature::Fixed(_) => None,
            Temperature::Learned(log_alpha) => Some(log_alpha),
        }
    }

    /// log α with its optimiser, to be changed, if the temperature is learned.
    #[must_use]
    pub fn log_alpha_mut(&mut self) -> Option<&mut Trained<T>> {
        match &mut self.temperature {
            Temperature::Fixed(_) => None,
            Temperature::Learned(log_alpha) => Some(log_alpha),
        }
    }

    /// The temperature α.
    #[must_use]
    pub fn alpha(&self) -> T {
        match &self.temperature {
            Temperature::Fixed(alpha) => *alpha,
            Temperature::Learned(log_alpha) => elementary::exp(log_alpha.params().as_slice()[0]),
        }
    }

    /// The entropy H̄ that a learned temperature steers to.
    #[must_use]
    pub fn target_entropy(&self) -> T {
        self.target_entropy
    }

    /// How many updates were done.
    #[must_use]
    pub fn updates(&self) -> u64 {
        self.updates
    }

    /// Shows everything that was learned, with the state of the optimisers.
    ///
    /// # Errors
    /// What the visitor said; then the state may be half one thing and half another.
    pub fn visit(&mut self, visitor: &mut dyn Visitor<T>) -> Result<(), StateError> {
        self.actor.visit("actor", visitor)?;
        for (i, critic) in self.critics.iter_mut().enumerate() {
            critic.visit(&format!("critics.{i}"), visitor)?;
        }
        for (i, target) in self.targets.iter_mut().enumerate() {
            target.visit(&format!("targets.{i}"), visitor)?;
        }
        if let Temperature::Learned(log_alpha) = &mut self.temperature {
            log_alpha.visit("temperature", visitor)?;
        }
        let [updates] = visit_words(visitor, "updates", [self.updates])?;
        self.updates = as_count("updates", self.updates, updates)?;
        Ok(())
    }

    /// A short hash of everything that was learned, by which two trainings can be compared at a glance.
    #[must_use]
    pub fn fingerprint(&mut self) -> u64 {
        let mut fingerprint = Fingerprint::new();
        let shown = self.visit(&mut fingerprint);
        debug_assert!(shown.is_ok(), "a hash takes everything and changes nothing");
        fingerprint.finish()
    }

    /// Changes the step size of all optimisers, from the next update on: policy, critics and temperature, as
    /// a schedule of Stable-Baselines3 does. Moments and counts of steps stay; the [configuration](Sac::config)
    /// keeps the step size that learning began with.
    ///
    /// # Errors
    /// Unless it is finite and 0 or more; then nothing has changed.
    pub fn set_learning_rate(&mut self, learning_rate: f64) -> Result<(), ConfigError> {
        let kept = learning_rate >= 0.0 && learning_rate.is_finite();
        unless(kept, "learning_rate", learning_rate, "it must be 0 or more")?;
        self.actor.set_learning_rate(learning_rate);
        self.critics.iter_mut().for_each(|critic| critic.set_learning_rate(learning_rate));
        if let Temperature::Learned(log_alpha) = &mut self.temperature {
            log_alpha.set_learning_rate(learning_rate);
        }
        Ok(())
    }

    /// An action in `[−1, 1]ᴬ` for each observation, `s: [B, S] → [B, A]`: deterministic, `tanh(μ)`, or sampled with
    /// the noise `ξ: [B, A]`. A single observation is a row.
    ///
    /// # Panics
    /// If a slice is not made of as many whole rows as the others.
    pub fn act(&mut self, s: &[T], xi: Option<&[T]>, action: &mut [T]) {
        let phi = self.actor.params().as_slice();
        self.policy.act(phi, s, xi, &mut self.scratch, action);
    }
}
