//! The hyperparameters of SAC, under the names that Stable-Baselines3 made known.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::f64::consts::LN_2;
use core::fmt;

use super::{EntCoef, TargetEntropy};
use crate::Numerics;
use crate::nn::Activation;

/// A hyperparameter that cannot be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("`{key}` is {value}; {rule}")]
pub struct ConfigError {
    /// The name of the hyperparameter.
    pub key: &'static str,
    /// Its value.
    pub value: String,
    /// What it must be.
    pub rule: &'static str,
}

/// `Ok` where the rule is kept.
pub(crate) fn unless(
    kept: bool,
    key: &'static str,
    value: impl fmt::Debug,
    rule: &'static str,
) -> Result<(), ConfigError> {
    if kept { Ok(()) } else { Err(ConfigError { key, value: format!("{value:?}"), rule }) }
}

/// The hyperparameters of the algorithm.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(default, deny_unknown_fields))]
pub struct SacConfig {
    /// Step size of all Adam optimisers.
    pub learning_rate: f64,
    /// The gradient of the policy and that of each critic, one by one, are shortened to this norm where
    /// they are longer; not at all if not given.
    #[cfg_attr(feature = "std", serde(skip_serializing_if = "Option::is_none"))]
    pub max_grad_norm: Option<f64>,
    /// Capacity of the replay buffer, in transitions.
    pub buffer_size: usize,
    /// Whether the replay buffer keeps each observation once, also as the successor of the one before: little
    /// more than half of the memory, and as many transitions less as episodes end in it.
    pub optimize_memory_usage: bool,
    /// Learning begins after this many environment steps.
    pub learning_starts: u64,
    /// Actions are uniform over the box for this many environment steps; as many as `learning_starts`
    /// if not given.
    #[cfg_attr(feature = "std", serde(skip_serializing_if = "Option::is_none"))]
    pub warmup_steps: Option<u64>,
    /// Transitions in a minibatch.
    pub batch_size: usize,
    /// τ, the step of the target critics towards the online ones.
    pub tau: f64,
    /// γ, the discount of the future.
    pub gamma: f64,
    /// Steps between rounds of updates; with several environments, steps of all together.
    pub train_freq: u64,
    /// Updates in a round; −1 for as many as there were environment steps since the last one.
    pub gradient_steps: i64,
    /// α: a number, `"auto"` or `"auto_<initial>"`.
    pub ent_coef: EntCoef,
    /// H̄: `"auto"` for −dim(A), or a number of nats.
    pub target_entropy: TargetEntropy,
    /// Policy and temperature are updated in every k-th update, once.
    pub policy_delay: u64,
    /// The target critics are moved after every k-th update.
    pub target_update_interval: u64,
    /// Sizes of the hidden layers, of policy and critics alike.
    pub net_arch: Vec<usize>,
    /// Activation of the hidden layers.
    pub activation: Activation,
    /// Number of critics, over which the minimum is taken.
    pub n_critics: usize,
    /// Whether observations are standardised by their running mean and variance.
    pub norm_obs: bool,
    /// Whether rewards are divided by the running spread of the discounted return.
    pub norm_reward: bool,
    /// The largest size of a standardised number of an observation.
    pub clip_obs: f64,
    /// The largest size of a reward that was divided so.
    pub clip_reward: f64,
    /// How products are rounded: `"fast"`, or `"portable"` for the same bits on every processor.
    pub numerics: Numerics,
}

impl Default for SacConfig {
    /// The settings of the paper, as Stable-Baselines3 has them.
    // ANCHOR: default
    fn default() -> Self {
        Self {
            learning_rate: 3e-4,
            max_grad_norm: None,
            buffer_size: 1_000_000,
            optimize_memory_usage: false,
            learning_starts: 100,
            warmup_steps: None,
            batch_size: 256,
            tau: 0.005,
            gamma: 0.99,
            train_freq: 1,
            gradient_steps: 1,
            ent_coef: EntCoef::Auto { initial: 1.0 },
            target_entropy: TargetEntropy::Auto,
            policy_delay: 1,
            target_update_interval: 1,
            net_arch: vec![256, 256],
            activation: Activation::Relu,
            n_critics: 2,
            norm_obs: false,
            norm_reward: false,
            clip_obs: 10.0,
            clip_reward: 10.0,
            numerics: Numerics::Fast,
        }
    }
    // ANCHOR_END: default
}

impl SacConfig {
    /// Environment steps with uniform actions.
    #[must_use]
    pub fn warmup_steps(&self) -> u64 {
        self.warmup_steps.unwrap_or(self.learning_starts)
    }

    /// Checks every value, for actions of this dimension.
    ///
    /// # Errors
    /// The first value that cannot be. A target entropy above `dim(A) · ln 2`, that of uniform actions,
    /// is refused: no policy reaches it, and α would grow without bound.
    pub fn validate(&self, action_dim: usize) -> Result<(), ConfigError> {
        let positive = |x: f64| x > 0.0 && x.is_finite();
        let rate = self.learning_rate;
        unless(positive(rate), "learning_rate", rate, "it must be above 0")?;
        let norm = self.max_grad_norm;
        unless(norm.is_none_or(positive), "max_grad_norm", norm, "it must be above 0")?;
        unless(self.buffer_size > 0, "buffer_size", self.buffer_size, "it must be at least 1")?;
        unless(self.batch_size > 0, "batch_size", self.batch_size, "it must be at least 1")?;
        unless((0.0..=1.0).contains(&self.tau), "tau", self.tau, "it must be within [0, 1]")?;
        unless((0.0..=1.0).contains(&self.gamma), "gamma", self.gamma, "it must be within [0, 1]")?;
        unless(self.train_freq > 0, "train_freq", self.train_freq, "it must be at least 1")?;
        let steps = self.gradient_steps;
        let rule = "it must be at least 1, or -1 for one update per environment step";
        unless(steps == -1 || steps > 0, "gradient_steps", steps, rule)?;
        let delay = self.policy_delay;
        unless(delay > 0, "policy_delay", delay, "it must be at least 1")?;
        let interval = self.target_update_interval;
        unless(interval > 0, "target_update_interval", interval, "it must be at least 1")?;
        let sizes = &self.net_arch;
        unless(!sizes.contains(&0), "net_arch", sizes, "every layer needs at least one unit")?;
        unless(self.n_critics > 0, "n_critics", self.n_critics, "it must be at least 1")?;
        for (key, bound) in [("clip_obs", self.clip_obs), ("clip_reward", self.clip_reward)] {
            unless(positive(bound), key, bound, "it must be above 0")?;
        }
        match self.ent_coef {
            EntCoef::Fixed(alpha) => {
                let kept = alpha >= 0.0 && alpha.is_finite();
                unless(kept, "ent_coef", alpha, "a fixed temperature must be 0 or more")?;
            }
            EntCoef::Auto { initial } => {
                let rule = "a learned temperature must start above 0";
                unless(positive(initial), "ent_coef", initial, rule)?;
            }
        }
        let target = self.target_entropy.resolve(action_dim);
        let reachable = target.is_finite() && target <= action_dim as f64 * LN_2;
        let rule = "no policy over [-1, 1]^dim has more entropy than dim * ln 2 nats";
        unless(reachable, "target_entropy", target, rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreachable_target_entropy_is_refused() {
        let config =
            |nats| SacConfig { target_entropy: TargetEntropy::Nats(nats), ..SacConfig::default() };
        assert!(config(2.0 * LN_2).validate(2).is_ok());
        for nats in [2.0 * LN_2 + 1e-9, f64::NAN, f64::INFINITY] {
            assert_eq!(config(nats).validate(2).unwrap_err().key, "target_entropy");
        }
    }

    #[test]
    fn impossible_values_are_refused_by_name() {
        type Spoil = fn(&mut SacConfig);
        let cases: [(&str, Spoil); 20] = [
            ("learning_rate", |c| c.learning_rate = 0.0),
            ("learning_rate", |c| c.learning_rate = f64::NAN),
            ("max_grad_norm", |c| c.max_grad_norm = Some(0.0)),
            ("max_grad_norm", |c| c.max_grad_norm = Some(f64::NAN)),
            ("buffer_size", |c| c.buffer_size = 0),
            ("batch_size", |c| c.batch_size = 0),
            ("tau", |c| c.tau = 1.5),
            ("gamma", |c| c.gamma = -0.1),
            ("gamma", |c| c.gamma = f64::NAN),
            ("train_freq", |c| c.train_freq = 0),
            ("gradient_steps", |c| c.gradient_steps = 0),
            ("gradient_steps", |c| c.gradient_steps = -2),
            ("policy_delay", |c| c.policy_delay = 0),
            ("target_update_interval", |c| c.target_update_interval = 0),
            ("net_arch", |c| c.net_arch = vec![64, 0]),
            ("n_critics", |c| c.n_critics = 0),
            ("clip_obs", |c| c.clip_obs = 0.0),
            ("clip_reward", |c| c.clip_reward = f64::INFINITY),
            ("ent_coef", |c| c.ent_coef = EntCoef::Fixed(-0.1)),
            ("ent_coef", |c| c.ent_coef = EntCoef::Auto { initial: 0.0 }),
        ];
        for (key, spoil) in cases {
            let mut config = SacConfig::default();
            spoil(&mut config);
            assert_eq!(config.validate(1).unwrap_err().key, key);
        }
        assert!(SacConfig::default().validate(1).is_ok());
    }
}
